/** What to run instead: one script that exports rules, filters and profile settings of the store in force. */
export const EXPORT_SCRIPT = 'docs/windows-export.ps1';

/** Short form of docs/windows-export.ps1, to paste into an elevated PowerShell on the host. */
export const EXPORT_COMMAND = `Get-NetFirewallRule -PolicyStore ActiveStore | ForEach-Object {
  $a = $_ | Get-NetFirewallAddressFilter; $p = $_ | Get-NetFirewallPortFilter; $f = $_ | Get-NetFirewallApplicationFilter
  $i = $_ | Get-NetFirewallInterfaceFilter; $t = $_ | Get-NetFirewallInterfaceTypeFilter; $s = $_ | Get-NetFirewallSecurityFilter
  [pscustomobject]@{ Name=$_.Name; DisplayName=$_.DisplayName; Enabled=$_.Enabled; Profile=$_.Profile; Direction=$_.Direction; Action=$_.Action
    Owner=$_.Owner; PolicyStoreSource=$_.PolicyStoreSource; PolicyStoreSourceType=$_.PolicyStoreSourceType; ExportedFrom='ActiveStore'
    LocalAddress=$a.LocalAddress -join ','; RemoteAddress=$a.RemoteAddress -join ','; Protocol=$p.Protocol; LocalPort=$p.LocalPort -join ','
    RemotePort=$p.RemotePort -join ','; IcmpType=$p.IcmpType -join ','; DynamicTarget=$p.DynamicTarget; Program=$f.Program; Package=$f.Package
    Service=($_ | Get-NetFirewallServiceFilter).Service; InterfaceAlias=$i.InterfaceAlias -join ','; InterfaceType=$t.InterfaceType
    LocalUser=$s.LocalUser; RemoteUser=$s.RemoteUser; RemoteMachine=$s.RemoteMachine; Authentication=$s.Authentication
    Encryption=$s.Encryption; OverrideBlockRules=$s.OverrideBlockRules } } | Export-Csv firewall.csv -NoTypeInformation -Encoding UTF8
Get-NetFirewallProfile -PolicyStore ActiveStore | Select-Object @{n='ExportedFrom';e={'ActiveStore'}}, Name, Enabled, DefaultInboundAction,
  DefaultOutboundAction, AllowInboundRules, AllowLocalFirewallRules, @{n='DisabledInterfaceAliases';e={$_.DisabledInterfaceAliases -join ','}} |
  Export-Csv profiles.csv -NoTypeInformation -Encoding UTF8`;

export const EXPORT_HINT =
  `Export the rules with their filters: run ${EXPORT_SCRIPT} in an elevated PowerShell on the host (one file with rules and profile settings), ` +
  `or paste this and give both files:\n${EXPORT_COMMAND}`;

export const PROFILE_HINT =
  'Give `netsh advfirewall show allprofiles` output (or the profile rows of docs/windows-export.ps1) beside the rules of the same device.';
