/** The contract of a vendor: one folder under parsers/, one line in registry.ts. */
import type { Firewall } from '../src/model/firewall.js';
import type { AddressSet } from '../src/sets/address.js';
import type { Source } from '../src/source/span.js';

/** What a user states because no export can hold it: a device block of flowgap.yaml, or the options of `check`. */
export interface Given {
  /** Name of the device; default from the export. */
  readonly name?: string;
  /** Addresses of the host itself. */
  readonly host?: AddressSet;
  /** Profiles of a Windows host that are in force. */
  readonly profile?: readonly ('domain' | 'private' | 'public')[];
  /** Networks the host is attached to (LocalSubnet). */
  readonly subnet?: AddressSet;
  readonly vsys?: string;
  readonly deviceGroup?: string;
  /** Zone or interface name -> networks behind it. Overrides what routes say. */
  readonly zones?: ReadonlyMap<string, AddressSet>;
  /** Contents of lists that the export only names (EDL, URL table, ipset), by name. */
  readonly lists?: ReadonlyMap<string, AddressSet>;
  /** Resolved host names. */
  readonly names?: ReadonlyMap<string, AddressSet>;
  /** Values for address keywords, by lower-case keyword (`dns`, `intranet`). */
  readonly keywords?: ReadonlyMap<string, AddressSet>;
  /** `ipset save` output and `ip addr` output. */
  readonly ipsets?: readonly Source[];
  readonly ipAddr?: Source;
}

export interface Detection {
  /** 0..1: below 0.5 is a hint only; 0.9 and above is a signature that no other form carries. */
  readonly score: number;
  /** Why, for people: "starts with *filter and :INPUT". */
  readonly reason: string;
}

/** One way in which this vendor's policy is exported. */
export interface Form {
  /** Stable id, unique over all vendors: `iptables-save`, `pfsense-config-xml`. */
  readonly id: string;
  readonly title: string;
  /** The command or menu path that produces it. */
  readonly command: string;
  /** Recognised only, to say what to export instead; `parse` refuses it. */
  readonly recognisedOnly?: true;
  /** Looks at content only, never at the file's name. Must be quick on large files. */
  detect(source: Source): Detection | undefined;
}

export interface ParserInput {
  readonly source: Source;
  readonly form: string;
}

export interface Vendor {
  readonly id: string;
  readonly title: string;
  readonly forms: readonly Form[];
  /**
   * Reads all exports of one device together (rules, profiles, lists that stand beside them).
   * @returns one firewall, or several where one export holds several (virtual systems).
   * @throws RefusedError with file, line, column and what to do, when nothing trustworthy can be read.
   */
  parse(inputs: readonly ParserInput[], given: Given): readonly Firewall[];
}
