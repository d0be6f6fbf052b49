<#
.SYNOPSIS
  Exports the Windows Firewall policy in force on this computer as one CSV file for flowgap.
.DESCRIPTION
  Reads only. Takes every rule of the ActiveStore (local rules and those of Group Policy) with its port, address, program,
  service, interface and security filters, and the settings of the three profiles. Values are joined by commas, cells are
  separated by semicolons, the encoding is UTF-8.
.EXAMPLE
  powershell -NoProfile -ExecutionPolicy Bypass -File windows-export.ps1 -OutFile app01.csv
#>
#Requires -RunAsAdministrator
#Requires -Modules NetSecurity
param([string] $OutFile = "$env:COMPUTERNAME-firewall.csv")

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$store = 'ActiveStore'

function Join-Values($values) { @($values | ForEach-Object { "$_" }) -join ',' }

# One call a filter type, found again by InstanceID: a call for each rule would take minutes.
function Get-FilterTable([scriptblock] $read) {
  $table = @{}
  foreach ($filter in (& $read)) {
    if ($table.ContainsKey($filter.InstanceID)) { $table[$filter.InstanceID] = $null } else { $table[$filter.InstanceID] = $filter }
  }
  return $table
}

# The same id can stand in several stores: then the filter is asked for rule by rule.
function Find-Filter($table, $rule, [scriptblock] $readOne) {
  $filter = $table[$rule.InstanceID]
  if ($null -eq $filter) { $filter = & $readOne $rule }
  return $filter
}

$addresses = Get-FilterTable { Get-NetFirewallAddressFilter -PolicyStore $store }
$ports = Get-FilterTable { Get-NetFirewallPortFilter -PolicyStore $store }
$programs = Get-FilterTable { Get-NetFirewallApplicationFilter -PolicyStore $store }
$services = Get-FilterTable { Get-NetFirewallServiceFilter -PolicyStore $store }
$interfaces = Get-FilterTable { Get-NetFirewallInterfaceFilter -PolicyStore $store }
$types = Get-FilterTable { Get-NetFirewallInterfaceTypeFilter -PolicyStore $store }
$security = Get-FilterTable { Get-NetFirewallSecurityFilter -PolicyStore $store }

function Get-Optional($object, [string] $name) {
  if ($object.PSObject.Properties.Match($name).Count -eq 0) { return '' }
  return Join-Values $object.$name
}

$columns = 'ExportedFrom', 'PSComputerName', 'RowType', 'Name', 'DisplayName', 'Description', 'Group', 'Enabled', 'Profile', 'Platform', 'Direction',
  'Action', 'EdgeTraversalPolicy', 'LooseSourceMapping', 'LocalOnlyMapping', 'Owner', 'PolicyStoreSource', 'PolicyStoreSourceType',
  'PrimaryStatus', 'PackageFamilyName', 'PolicyAppId', 'RemoteDynamicKeywordAddresses', 'LocalAddress', 'RemoteAddress', 'Protocol',
  'LocalPort', 'RemotePort', 'IcmpType', 'DynamicTarget', 'Program', 'Package', 'Service', 'InterfaceAlias', 'InterfaceType', 'LocalUser',
  'RemoteUser', 'RemoteMachine', 'Authentication', 'Encryption', 'OverrideBlockRules', 'ProfileEnabled', 'DefaultInboundAction',
  'DefaultOutboundAction', 'AllowInboundRules', 'AllowLocalFirewallRules', 'DisabledInterfaceAliases'

$rows = New-Object System.Collections.Generic.List[object]
foreach ($rule in Get-NetFirewallRule -PolicyStore $store) {
  $a = Find-Filter $addresses $rule { param($r) $r | Get-NetFirewallAddressFilter }
  $p = Find-Filter $ports $rule { param($r) $r | Get-NetFirewallPortFilter }
  $f = Find-Filter $programs $rule { param($r) $r | Get-NetFirewallApplicationFilter }
  $s = Find-Filter $services $rule { param($r) $r | Get-NetFirewallServiceFilter }
  $i = Find-Filter $interfaces $rule { param($r) $r | Get-NetFirewallInterfaceFilter }
  $t = Find-Filter $types $rule { param($r) $r | Get-NetFirewallInterfaceTypeFilter }
  $x = Find-Filter $security $rule { param($r) $r | Get-NetFirewallSecurityFilter }
  $rows.Add([pscustomobject]@{
    ExportedFrom = $store; PSComputerName = $env:COMPUTERNAME; RowType = 'Rule'
    Name = $rule.Name; DisplayName = $rule.DisplayName; Description = $rule.Description; Group = $rule.Group
    Enabled = $rule.Enabled; Profile = $rule.Profile; Platform = Join-Values $rule.Platform; Direction = $rule.Direction
    Action = $rule.Action; EdgeTraversalPolicy = $rule.EdgeTraversalPolicy; LooseSourceMapping = $rule.LooseSourceMapping
    LocalOnlyMapping = $rule.LocalOnlyMapping; Owner = $rule.Owner; PolicyStoreSource = $rule.PolicyStoreSource
    PolicyStoreSourceType = $rule.PolicyStoreSourceType; PrimaryStatus = $rule.PrimaryStatus
    PackageFamilyName = Get-Optional $rule 'PackageFamilyName'; PolicyAppId = Get-Optional $rule 'PolicyAppId'
    RemoteDynamicKeywordAddresses = Get-Optional $rule 'RemoteDynamicKeywordAddresses'
    LocalAddress = Join-Values $a.LocalAddress; RemoteAddress = Join-Values $a.RemoteAddress
    Protocol = $p.Protocol; LocalPort = Join-Values $p.LocalPort; RemotePort = Join-Values $p.RemotePort
    IcmpType = Join-Values $p.IcmpType; DynamicTarget = $p.DynamicTarget
    Program = $f.Program; Package = $f.Package; Service = $s.Service
    InterfaceAlias = Join-Values $i.InterfaceAlias; InterfaceType = $t.InterfaceType
    LocalUser = $x.LocalUser; RemoteUser = $x.RemoteUser; RemoteMachine = $x.RemoteMachine
    Authentication = $x.Authentication; Encryption = $x.Encryption; OverrideBlockRules = $x.OverrideBlockRules
  })
}
foreach ($profile in Get-NetFirewallProfile -PolicyStore $store) {
  $rows.Add([pscustomobject]@{
    ExportedFrom = $store; PSComputerName = $env:COMPUTERNAME; RowType = 'Profile'; Name = $profile.Name
    ProfileEnabled = $profile.Enabled; DefaultInboundAction = $profile.DefaultInboundAction
    DefaultOutboundAction = $profile.DefaultOutboundAction; AllowInboundRules = $profile.AllowInboundRules
    AllowLocalFirewallRules = $profile.AllowLocalFirewallRules
    DisabledInterfaceAliases = Join-Values $profile.DisabledInterfaceAliases
  })
}
$rows | Select-Object -Property $columns | Export-Csv -Path $OutFile -Delimiter ';' -NoTypeInformation -Encoding UTF8
Write-Output "$($rows.Count) rows written to $OutFile"
