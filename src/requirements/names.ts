/** Protocols and well-known services by name. Ports and transports as IANA registers them, where practice agrees. */
import { PROTOCOL } from '../model/match.js';

const PROTOCOL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(PROTOCOL),
  ['icmpv4', PROTOCOL.icmp],
  ['icmp6', PROTOCOL.icmpv6],
  ['ipv6-icmp', PROTOCOL.icmpv6],
  ['vrrp', PROTOCOL.carp],
  ['udp-lite', PROTOCOL.udplite],
]);

export const protocolNumber = (word: string): number | undefined => PROTOCOL_NUMBERS.get(word.toLowerCase());

const NAMES_BY_NUMBER: ReadonlyMap<number, string> = new Map(Object.entries(PROTOCOL).map(([name, value]) => [value, name]));

/** `tcp` for 6; the number itself where no name is known. */
export const protocolName = (value: number): string => NAMES_BY_NUMBER.get(value) ?? String(value);

export interface KnownService {
  readonly port: number;
  readonly protocols: readonly number[];
}

const TCP = [PROTOCOL.tcp];
const UDP = [PROTOCOL.udp];
const BOTH = [PROTOCOL.tcp, PROTOCOL.udp];
const SERVICES: ReadonlyMap<string, KnownService> = new Map(
  (
    [
      ['http', 80, TCP],
      ['https', 443, TCP],
      ['ssl', 443, TCP],
      ['tls', 443, TCP],
      ['ssh', 22, TCP],
      ['rdp', 3389, TCP],
      ['ftp', 21, TCP],
      ['telnet', 23, TCP],
      ['smtp', 25, TCP],
      ['smtps', 465, TCP],
      ['imap', 143, TCP],
      ['imaps', 993, TCP],
      ['pop3', 110, TCP],
      ['pop3s', 995, TCP],
      ['ldap', 389, BOTH],
      ['ldaps', 636, TCP],
      ['smb', 445, TCP],
      ['mysql', 3306, TCP],
      ['dns', 53, BOTH],
      ['kerberos', 88, BOTH],
      ['ntp', 123, UDP],
      ['snmp', 161, UDP],
      ['syslog', 514, UDP],
      ['tftp', 69, UDP],
      ['radius', 1812, UDP],
    ] as const
  ).map(([name, port, protocols]) => [name, { port, protocols }]),
);

/** A service that a cell may name in place of a number. `ssl` and `tls` only tell the transport: see {@link namesPort}. */
export const knownService = (word: string): KnownService | undefined => SERVICES.get(word.toLowerCase());

/** False for names of a layer above TCP that say nothing of the port. */
export const namesPort = (word: string): boolean => !['ssl', 'tls'].includes(word.toLowerCase());
