/** Random objects and rules of PAN-OS, as XML. */
import fc from 'fast-check';

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;');
export const list = (name: string, members: readonly string[]): string =>
  `<${name}>${members.map((one) => `<member>${escaped(one)}</member>`).join('')}</${name}>`;
export const entry = (name: string, body: string): string => `<entry name="${escaped(name)}">${body}</entry>`;
const wrap = (name: string, bodies: readonly string[]): string => (bodies.length ? `<${name}>${bodies.join('')}</${name}>` : '');

const ZONES = ['trust', 'dmz', 'untrust', 'lab', 'beyond'];
const TAGS = ['web', 'prod', 'db'];
const ADDRESSES = ['net-0', 'net-1', 'net-2', 'net-3', 'net-4', '10.2.0.1'];
const GROUPS = ['group-0', 'group-1', 'group-2'];
const APPLICATIONS = ['C0', 'C1'];
const APPLICATION_GROUPS = ['AG0', 'AG1'];

const literal = fc.constantFrom(
  '10.1.0.0/16',
  '10.1.1.0/24',
  '10.1.1.10',
  '10.1.1.99/24',
  '10.2.0.0/16',
  '10.2.5.77',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '192.0.2.0/24',
  '198.51.100.7',
  '10.1.0.5-10.1.1.20',
  '10.2.0.1',
  '2001:db8:1::/48',
  '2001:db8:2::5',
  '2000::/3',
  '::/0',
  '::/96',
);
const range = fc.constantFrom('10.1.1.5-10.1.1.40', '10.2.0.1-10.2.0.1', '10.2.5.0-10.2.6.255', '2001:db8:1::1-2001:db8:1::ff');
const wildcard = fc.constantFrom('10.0.1.0/0.3.0.255', '10.1.0.10/0.0.255.0', '10.0.1.10/0.3.0.0');
export const rare = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T, weight = 8): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });

const tags = rare(fc.subarray(TAGS, { minLength: 1 }), [] as string[], 1);
const withTags = (body: string, names: readonly string[]): string => body + (names.length ? list('tag', names) : '');
const address = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: literal.filter((text) => !text.includes('-')).map((text) => `<ip-netmask>${text}</ip-netmask>`) },
      { weight: 2, arbitrary: range.map((text) => `<ip-range>${text}</ip-range>`) },
      { weight: 1, arbitrary: wildcard.map((text) => `<ip-wildcard>${text}</ip-wildcard>`) },
      { weight: 1, arbitrary: fc.constant('<fqdn>host.example</fqdn>') },
    ),
    tags,
  )
  .map(([body, names]) => withTags(body, names));

const group = fc
  .tuple(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .uniqueArray(
            fc.oneof(
              { weight: 4, arbitrary: fc.constantFrom(...ADDRESSES.slice(0, 5)) },
              { weight: 2, arbitrary: fc.constantFrom(...GROUPS) },
              { weight: 1, arbitrary: fc.constant('nobody') },
            ),
            { maxLength: 3 },
          )
          .map((members) => list('static', members)),
      },
      {
        weight: 2,
        arbitrary: fc
          .constantFrom(
            "'web'",
            "'web' and 'prod'",
            "web or 'db' and prod",
            "('web' or 'db') and 'prod'",
            "not 'web'",
            "'vmname.x'",
          )
          .map((filter) => `<dynamic><filter>${escaped(filter)}</filter></dynamic>`),
      },
    ),
    tags,
  )
  .map(([body, names]) => withTags(body, names));

/** Some of the names, each with a body. */
const objects = (names: readonly string[], body: fc.Arbitrary<string>, chance = 5): fc.Arbitrary<string[]> =>
  fc
    .tuple(...names.map(() => fc.option(body, { freq: chance })))
    .map((bodies) => bodies.flatMap((one, i) => (one === null ? [] : [entry(names[i] as string, one)])));

const service = fc
  .record({
    protocol: fc.constantFrom('tcp', 'tcp', 'udp'),
    port: fc.constantFrom('443', '22', '80,8080', '8000-8100', '1-65535', '53', '22, 443,9000-9010'),
    source: rare(fc.constantFrom('500', '1024-65535'), ''),
  })
  .map(
    ({ protocol, port, source }) =>
      `<protocol><${protocol}><port>${port}</port>${source ? `<source-port>${source}</source-port>` : ''}</${protocol}></protocol>`,
  );
const serviceGroup = fc
  .uniqueArray(fc.constantFrom('S0', 'S1', 'S2', 'SG0', 'SG1', 'service-http', 'no-service'), { minLength: 1, maxLength: 3 })
  .map((members) => list('members', members));
const application = fc.oneof(
  fc.constantFrom('tcp/443', 'tcp/9000-9010', 'udp/dynamic').map((port) => `<default>${list('port', [port])}</default>`),
  fc.constant(''),
  fc.constant('<default><ident-by-ip-protocol>47</ident-by-ip-protocol></default>'),
);
const applicationGroup = fc
  .uniqueArray(fc.constantFrom('ssh', 'ssl', 'C0', 'AG0', 'AG1', 'AF0', 'ms-ds-smb'), { minLength: 1, maxLength: 3 })
  .map((members) => list('members', members));

/** The objects of one scope. */
export const scope = (chance: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      objects(ADDRESSES, address, chance),
      objects(GROUPS, group, chance),
      objects(['S0', 'S1', 'S2'], service, chance),
      objects(['SG0', 'SG1'], serviceGroup, chance),
      objects(APPLICATIONS, application, chance),
      objects(APPLICATION_GROUPS, applicationGroup, chance),
      objects(['AF0'], fc.constant('<risk><member>5</member></risk>'), chance),
      objects(
        ['list-0'],
        fc.constant(
          '<type><ip><url>https://lists.example/a</url><exception-list><member>10.1.1.10</member></exception-list></ip></type>',
        ),
        chance,
      ),
      objects(
        ['region-0', 'DE'],
        literal.map((text) => list('address', [text])),
        chance,
      ),
      objects(['service-http'], service, 1),
    )
    .map(([a, g, s, sg, ap, ag, af, el, re, own]) =>
      [
        wrap('address', a),
        wrap('address-group', g),
        wrap('service', [...s, ...(chance > 3 ? [] : own)]),
        wrap('service-group', sg),
        wrap('application', ap),
        wrap('application-group', ag),
        wrap('application-filter', af),
        wrap('external-list', el),
        wrap('region', re),
      ].join(''),
    );

const any = (names: fc.Arbitrary<string>, weight: number, maxLength = 2): fc.Arbitrary<string[]> =>
  fc.oneof(
    { weight, arbitrary: fc.constant<string[]>(['any']) },
    { weight: 4, arbitrary: fc.uniqueArray(names, { minLength: 1, maxLength }) },
  );
const zones = any(fc.constantFrom(...ZONES, ...ZONES, ...ZONES, 'ghost'), 2);
const endpoints = any(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ADDRESSES) },
    { weight: 2, arbitrary: fc.constantFrom(...GROUPS) },
    { weight: 4, arbitrary: literal },
    { weight: 1, arbitrary: fc.constantFrom('list-0', 'region-0', 'DE', 'US', 'nobody', 'panw-known-ip-list') },
  ),
  3,
);
const applications = fc.oneof(
  { weight: 4, arbitrary: fc.constant(['any']) },
  {
    weight: 3,
    arbitrary: fc.uniqueArray(
      fc.constantFrom(
        'ssh',
        'ssl',
        'web-browsing',
        'ping',
        'icmp',
        'gre',
        'msrpc',
        'ms-ds-smb',
        'dns',
        'unheard-of',
        'C0',
        'C1',
        'AG0',
        'AF0',
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
);
const services = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['any']) },
  { weight: 2, arbitrary: fc.constant(['application-default']) },
  {
    weight: 4,
    arbitrary: fc.uniqueArray(fc.constantFrom('S0', 'S1', 'S2', 'SG0', 'service-http', 'service-https', 'no-service'), {
      minLength: 1,
      maxLength: 2,
    }),
  },
);
const flag = (name: string, weight: number): fc.Arbitrary<string> => rare(fc.constant(`<${name}>yes</${name}>`), '', weight);

const rule = fc
  .tuple(
    fc.record({
      from: zones,
      to: zones,
      source: endpoints,
      destination: endpoints,
      application: applications,
      service: services,
    }),
    fc.constantFrom('allow', 'allow', 'deny', 'drop', 'reset-both'),
    rare(fc.constantFrom('intrazone', 'interzone'), '', 4),
    fc.tuple(flag('negate-source', 7), flag('negate-destination', 7), flag('disabled', 9)),
    rare(
      fc.constantFrom(
        '<source-user><member>corp\\ops</member></source-user>',
        '<schedule>nights</schedule>',
        '<category><member>gambling</member></category>',
        '<source-hip><member>patched</member></source-hip>',
        '<source-imsi><member>1</member></source-imsi>',
      ),
      '',
      9,
    ),
  )
  .map(([lists, action, type, flags, extra]) =>
    [
      ...Object.entries(lists).map(([name, members]) => list(name, members)),
      ...flags,
      extra,
      type ? `<rule-type>${type}</rule-type>` : '',
      `<action>${action}</action>`,
    ].join(''),
  );

const numbered = (prefix: string, bodies: readonly string[]): string =>
  `<rules>${bodies.map((body, i) => entry(`${prefix}${i}`, body)).join('')}</rules>`;
const rules = (max: number): fc.Arbitrary<string[]> => fc.array(rule, { maxLength: max });
const nat = fc
  .tuple(
    fc.constantFrom(['any'], ['untrust'], ['trust']),
    fc.constantFrom('untrust', 'dmz'),
    endpoints,
    fc.constantFrom(['192.0.2.10'], ['any'], ['198.51.100.7']),
    fc.constantFrom('any', 'S0', 'service-https'),
    fc.constantFrom(
      '<destination-translation><translated-address>10.2.0.9</translated-address></destination-translation>',
      '<source-translation><dynamic-ip-and-port><interface-address><interface>ethernet1/3</interface></interface-address></dynamic-ip-and-port></source-translation>',
      '<source-translation><static-ip><bi-directional>yes</bi-directional><translated-address>192.0.2.77</translated-address></static-ip></source-translation>',
      '',
    ),
  )
  .map(([from, to, source, destination, one, body]) =>
    [
      list('from', from),
      list('to', [to]),
      list('source', source),
      list('destination', destination),
      `<service>${one}</service>`,
      body,
    ].join(''),
  );
const override = fc
  .tuple(
    zones,
    zones,
    endpoints,
    endpoints,
    fc.constantFrom('tcp', 'udp'),
    fc.constantFrom('443', '9000-9005', '22,53'),
    fc.constantFrom('C0', 'C1', 'ssh'),
  )
  .map(([from, to, source, destination, protocol, port, label]) =>
    [
      list('from', from),
      list('to', to),
      list('source', source),
      list('destination', destination),
      `<protocol>${protocol}</protocol><port>${port}</port><application>${label}</application>`,
    ].join(''),
  );
const pbf = fc
  .tuple(fc.constantFrom('trust', 'lab'), endpoints, endpoints, fc.constantFrom('forward', 'no-pbf', 'discard'))
  .map(([from, source, destination, action]) =>
    [
      `<from>${list('zone', [from])}</from>`,
      list('source', source),
      list('destination', destination),
      list('service', ['any']),
      list('application', ['any']),
      `<action><${action}/></action>`,
    ].join(''),
  );
const defaults = objects(
  ['intrazone-default', 'interzone-default'],
  fc.constantFrom('<action>allow</action>', '<action>drop</action>', '<log-end>yes</log-end>'),
  1,
);

export const rulebase = (max: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      rules(max),
      rare(fc.array(nat, { maxLength: 2 }), [], 4),
      rare(fc.array(override, { maxLength: 2 }), [], 3),
      rare(defaults, [], 3),
      rare(fc.array(pbf, { maxLength: 2 }), [], 9),
    )
    .map(([security, translations, overrides, standing, forwards]) =>
      [
        `<security>${numbered('r', security)}</security>`,
        translations.length ? `<nat>${numbered('n', translations)}</nat>` : '',
        overrides.length ? `<application-override>${numbered('o', overrides)}</application-override>` : '',
        forwards.length ? `<pbf>${numbered('p', forwards)}</pbf>` : '',
        standing.length ? `<default-security-rules><rules>${standing.join('')}</rules></default-security-rules>` : '',
      ].join(''),
    );
