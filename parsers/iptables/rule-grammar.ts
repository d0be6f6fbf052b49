/** Words of one rule to options, each with the module it belongs to. Arity comes from tables; a value may look like an option. */
import { GENERAL, MATCH_OPTIONS, MODULE_ALIASES, type OptionSpec, PROTOCOL_MODULES, TARGET_OPTIONS } from './modules.js';
import { protocolNumber } from './names.js';
import type { OptionRecord, TargetRecord } from './records.js';
import type { Token } from './tokens.js';

export interface RuleWords {
  readonly modules: readonly string[];
  readonly options: readonly OptionRecord[];
  readonly target: TargetRecord | undefined;
  readonly unread: readonly string[];
}

type Specs = ReadonlyMap<string, OptionSpec>;
interface Owner {
  readonly module: string;
  readonly instance: number;
  readonly target: boolean;
  /** Undefined: a module this program does not know; it takes whatever nobody else does. */
  readonly specs: Specs | undefined;
}
interface Found {
  readonly owner: Owner;
  readonly spec: OptionSpec;
}

const OLD_NEGATION_NOT_FOR: ReadonlySet<string> = new Set(['comment', 'log-prefix', 'nflog-prefix', 'string', 'j', 'g', 'm']);
const GENERAL_OWNER: Owner = { module: 'ip', instance: -1, target: false, specs: GENERAL };

/** Exact name, else the only option that begins so (getopt_long accepts both). */
function lookUp(specs: Specs, name: string): OptionSpec | undefined {
  const exact = specs.get(name);
  if (exact || name.length < 3) return exact;
  const near = new Set<OptionSpec>();
  for (const [key, value] of specs) if (key.startsWith(name)) near.add(value);
  const [first] = near;
  return near.size === 1 ? first : undefined;
}

class RuleReader {
  readonly modules: string[] = [];
  readonly options: OptionRecord[] = [];
  readonly targetOptions: OptionRecord[] = [];
  readonly unread: string[] = [];
  target: { name: string; goto: boolean } | undefined;
  private readonly owners: Owner[] = [];
  private protocol: number | undefined;
  private at = 0;
  private negated = false;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[], from: number) {
    this.tokens = tokens;
    this.at = from;
  }

  read(): void {
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at++] as Token;
      if (!token.quoted && token.text === '!') {
        if (this.negated) this.unread.push('!');
        this.negated = true;
      } else if (!token.quoted && token.text.length > 1 && token.text.startsWith('-')) this.option(token.text);
      else this.unread.push(this.takeNegation() + token.text);
    }
    if (this.negated) this.unread.push('!');
  }

  private takeNegation(): string {
    const text = this.negated ? '! ' : '';
    this.negated = false;
    return text;
  }

  private option(text: string): void {
    const long = text.startsWith('--');
    const equals = long ? text.indexOf('=') : -1;
    let name = equals > 0 ? text.slice(2, equals) : text.slice(long ? 2 : 1);
    let glued = equals > 0 ? text.slice(equals + 1) : undefined;
    if (!long && name.length > 1) {
      glued = name.slice(1);
      name = name.slice(0, 1);
    }
    const found = long === name.length > 1 ? this.find(name) : undefined;
    if (found) this.known(found, glued);
    else this.unknown(name, text, glued);
  }

  private find(name: string): Found | undefined {
    const general = GENERAL.get(name);
    if (general) return { owner: GENERAL_OWNER, spec: general };
    for (let pass = 0; pass < 2; pass++)
      for (let i = this.owners.length - 1; i >= 0; i--) {
        const owner = this.owners[i] as Owner;
        const spec = owner.specs && (pass === 0 ? owner.specs.get(name) : lookUp(owner.specs, name));
        if (spec) return { owner, spec };
      }
    return this.findByProtocol(name) ?? this.findGeneralPrefix(name);
  }

  private findGeneralPrefix(name: string): Found | undefined {
    const spec = lookUp(GENERAL, name);
    return spec && { owner: GENERAL_OWNER, spec };
  }

  private findByProtocol(name: string): Found | undefined {
    const module = this.protocol === undefined ? undefined : PROTOCOL_MODULES.get(this.protocol);
    const specs = module === undefined ? undefined : MATCH_OPTIONS.get(module);
    const spec = specs && lookUp(specs, name);
    if (module === undefined || !spec) return undefined;
    return { owner: this.load(module), spec };
  }

  private load(name: string): Owner {
    const module = MODULE_ALIASES.get(name) ?? name;
    const owner: Owner = { module, instance: this.modules.length, target: false, specs: MATCH_OPTIONS.get(module) };
    this.modules.push(module);
    this.owners.push(owner);
    return owner;
  }

  private values(spec: OptionSpec, glued: string | undefined): string[] | undefined {
    const values: string[] = glued === undefined ? [] : [glued];
    const next = this.tokens[this.at];
    if (spec.values > 0 && next && !next.quoted && next.text === '!' && !OLD_NEGATION_NOT_FOR.has(spec.name)) {
      this.negated = !this.negated;
      this.at++;
    }
    while (values.length < spec.values) {
      const token = this.tokens[this.at];
      if (!token) return undefined;
      values.push(token.text);
      this.at++;
    }
    return values;
  }

  private known({ owner, spec }: Found, glued: string | undefined): void {
    const start = this.at;
    const values = this.values(spec, glued);
    if (!values || (glued !== undefined && spec.values === 0)) {
      this.unread.push(`${this.takeNegation()}--${spec.name}`, ...this.tokens.slice(start).map((token) => token.text));
      this.at = this.tokens.length;
      return;
    }
    const negated = this.negated;
    this.negated = false;
    const option: OptionRecord = { module: owner.module, instance: owner.instance, name: spec.name, negated, values };
    if (owner !== GENERAL_OWNER) (owner.target ? this.targetOptions : this.options).push(option);
    else this.general(option);
  }

  private general(option: OptionRecord): void {
    const [value = ''] = option.values;
    if (option.negated && 'jgmct46'.includes(option.name)) this.unread.push(`! -${option.name} ${value}`);
    else if (option.name === 'm') this.load(value);
    else if (option.name === 'j' || option.name === 'g') this.setTarget(value, option.name === 'g');
    else if (option.name !== 'c') {
      this.options.push(option);
      if (option.name === 'p' && !option.negated) this.protocol = protocolNumber(value);
    }
  }

  private setTarget(name: string, isGoto: boolean): void {
    if (this.target) {
      this.unread.push(`-${isGoto ? 'g' : 'j'} ${name}`);
      return;
    }
    this.target = { name, goto: isGoto };
    if (!isGoto) this.owners.push({ module: name, instance: -1, target: true, specs: TARGET_OPTIONS.get(name) });
  }

  /** An option that no module in force knows: it belongs to the latest unknown module, else to nobody. */
  private unknown(name: string, text: string, glued: string | undefined): void {
    const values: string[] = glued === undefined ? [] : [glued];
    for (let next = this.tokens[this.at]; next; next = this.tokens[this.at]) {
      if (!next.quoted && (next.text === '!' || (next.text.startsWith('-') && next.text.length > 1))) break;
      values.push(next.text);
      this.at++;
    }
    const owner = this.owners.findLast((candidate) => candidate.specs === undefined);
    if (!owner) {
      this.unread.push(this.takeNegation() + text, ...(glued === undefined ? values : values.slice(1)));
      return;
    }
    const option: OptionRecord = { module: owner.module, instance: owner.instance, name, negated: this.negated, values };
    this.negated = false;
    (owner.target ? this.targetOptions : this.options).push(option);
  }
}

/** Reads the words of a rule after the chain's name. Never throws: what is not understood is in `unread`. */
export function readRule(tokens: readonly Token[], from: number): RuleWords {
  const reader = new RuleReader(tokens, from);
  reader.read();
  const { modules, options, unread, target, targetOptions } = reader;
  return { modules, options, unread, target: target && { ...target, options: targetOptions } };
}
