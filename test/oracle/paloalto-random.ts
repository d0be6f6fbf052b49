/** Random PAN-OS configurations, as the XML that a firewall would export. */
import fc from 'fast-check';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;');
const list = (name: string, members: readonly string[]): string =>
  `<${name}>${members.map((one) => `<member>${escaped(one)}</member>`).join('')}</${name}>`;
const entry = (name: string, body: string): string => `<entry name="${escaped(name)}">${body}</entry>`;
const wrap = (name: string, bodies: readonly string[]): string => (bodies.length ? `<${name}>${bodies.join('')}</${name}>` : '');

const ZONES = ['trust', 'dmz', 'untrust', 'lab'];
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
const rare = <T>(arbitrary: fc.Arbitrary<T>, otherwise: T, weight = 8): fc.Arbitrary<T> =>
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
const scope = (chance: number): fc.Arbitrary<string> =>
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
const defaults = objects(
  ['intrazone-default', 'interzone-default'],
  fc.constantFrom('<action>allow</action>', '<action>drop</action>', '<log-end>yes</log-end>'),
  1,
);

const rulebase = (max: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      rules(max),
      rare(fc.array(nat, { maxLength: 2 }), [], 4),
      rare(fc.array(override, { maxLength: 2 }), [], 3),
      rare(defaults, [], 3),
    )
    .map(([security, translations, overrides, standing]) =>
      [
        `<security>${numbered('r', security)}</security>`,
        translations.length ? `<nat>${numbered('n', translations)}</nat>` : '',
        overrides.length ? `<application-override>${numbered('o', overrides)}</application-override>` : '',
        standing.length ? `<default-security-rules><rules>${standing.join('')}</rules></default-security-rules>` : '',
      ].join(''),
    );

const layer3 = (addresses: readonly string[], six: readonly string[]): string =>
  `<layer3>${addresses.length ? `<ip>${addresses.map((one) => entry(one, '')).join('')}</ip>` : ''}${
    six.length ? `<ipv6><address>${six.map((one) => entry(one, '')).join('')}</address></ipv6>` : ''
  }</layer3>`;

const route = (name: string, destination: string, hop: string, more = ''): string =>
  entry(name, `<destination>${destination}</destination><nexthop>${hop}</nexthop>${more}`);

const ROUTES: readonly string[] = [
  route('hole', '10.66.0.0/16', '<discard/>'),
  route('deep', '10.2.128.0/17', '<ip-address>10.1.0.9</ip-address>'),
  route('twin', '10.50.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<metric>5</metric>'),
  route('twin2', '10.50.0.0/16', '<ip-address>10.2.0.9</ip-address>', '<metric>9</metric>'),
  route('even', '10.60.0.0/16', '<ip-address>10.1.0.9</ip-address>'),
  route('even2', '10.60.0.0/16', '<ip-address>10.2.0.9</ip-address>'),
  route('watched', '10.70.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<path-monitor><enable>yes</enable></path-monitor>'),
  route('off', '10.80.0.0/16', '<ip-address>10.1.0.9</ip-address>', '<route-table><no-install/></route-table>'),
];

const network = fc
  .record({
    routes: fc.subarray([...ROUTES]),
    standard: fc.boolean(),
    six: fc.boolean(),
    leased: rare(fc.constant(true), false, 5),
    bgp: rare(fc.constant(true), false, 9),
    second: rare(fc.constant(true), false, 2),
  })
  .map(({ routes, standard, six, leased, bgp, second }) => {
    const leasedBody = '<layer3><dhcp-client><enable>yes</enable></dhcp-client></layer3>';
    const interfaces = [
      entry('ethernet1/1', layer3(['10.1.0.1/16'], ['2001:db8:1::1/64'])),
      entry('ethernet1/2', layer3(['10.2.0.1/16'], ['2001:db8:2::1/64'])),
      entry('ethernet1/3', leased ? leasedBody : layer3(['192.0.2.1/24'], [])),
      entry('ethernet1/4', layer3(['10.3.0.1/24'], [])),
      entry('ethernet1/5', layer3(['10.99.0.1/24'], [])),
    ];
    const fallback = [
      ...(standard
        ? [route('default', '0.0.0.0/0', '<ip-address>192.0.2.254</ip-address>', '<interface>ethernet1/3</interface>')]
        : []),
      ...(second ? [route('other', '10.40.0.0/16', '<next-vr>vr2</next-vr>')] : []),
    ];
    const six6 = six
      ? route('six', '::/0', '<ipv6-address>2001:db8:2::9</ipv6-address>', '<interface>ethernet1/2</interface>')
      : '';
    const members = second
      ? ['ethernet1/1', 'ethernet1/2', 'ethernet1/3', 'ethernet1/5']
      : [1, 2, 3, 4, 5].map((n) => `ethernet1/${n}`);
    const routers = [
      entry(
        'vr1',
        `${list('interface', members)}<routing-table><ip><static-route>${[...routes, ...fallback].join('')}</static-route></ip><ipv6><static-route>${six6}</static-route></ipv6></routing-table>${
          bgp ? '<protocol><bgp><enable>yes</enable></bgp></protocol>' : ''
        }`,
      ),
      ...(second
        ? [
            entry(
              'vr2',
              `${list('interface', ['ethernet1/4'])}<routing-table><ip><static-route>${route('back', '10.1.0.0/16', '<next-vr>vr1</next-vr>')}${route('forty', '10.40.8.0/21', '<ip-address>10.3.0.9</ip-address>')}</static-route></ip></routing-table>`,
            ),
          ]
        : []),
    ];
    return `<network><interface><ethernet>${interfaces.join('')}</ethernet></interface><virtual-router>${routers.join('')}</virtual-router></network>`;
  });

const zone = (name: string, interfaces: readonly string[]): string =>
  entry(name, `<network>${list('layer3', interfaces)}</network>`);

/** A configuration; `lean` ones hold one router and no pushed rules. */
export const randomConfig: fc.Arbitrary<string> = fc
  .record({
    network,
    local: scope(5),
    shared: scope(1),
    base: rulebase(6),
    pushed: rare(
      fc.tuple(rulebase(2), rulebase(2), scope(1)).map(([pre, post, own]) => ({ pre, post, own })),
      undefined,
      3,
    ),
    managed: rare(fc.constant(true), false, 14),
    topDown: rare(fc.constant(true), false, 2),
    lab: fc.constantFrom<readonly string[]>(['ethernet1/4'], ['ethernet1/4', 'ethernet1/2']),
  })
  .map(({ network: net, local, shared, base, pushed, managed, topDown, lab }) => {
    const shared1 = `<shared>${shared}</shared>`;
    const both = lab.includes('ethernet1/2');
    const zoneList = [
      zone('trust', ['ethernet1/1']),
      zone('dmz', both ? [] : ['ethernet1/2']),
      zone('untrust', ['ethernet1/3']),
      zone('lab', lab),
    ];
    const system = `<deviceconfig><system><hostname>fw</hostname>${managed ? '<panorama><local-panorama><panorama-server>192.0.2.200</panorama-server></local-panorama></panorama>' : ''}</system>${
      topDown ? '<setting><management><wildcard-topdown-match-mode>yes</wildcard-topdown-match-mode></management></setting>' : ''
    }</deviceconfig>`;
    const vsys = entry(
      'vsys1',
      `<zone>${zoneList.join('')}</zone><import><network>${list(
        'interface',
        [1, 2, 3, 4, 5].map((n) => `ethernet1/${n}`),
      )}</network></import>${local}<rulebase>${base}</rulebase>`,
    );
    const above = pushed
      ? `<panorama><vsys>${entry('vsys1', `${pushed.own}<pre-rulebase>${pushed.pre}</pre-rulebase><post-rulebase>${pushed.post}</post-rulebase>`)}</vsys></panorama>`
      : '';
    return `<?xml version="1.0"?>\n<config version="10.2.0" urldb="paloaltonetworks">${shared1}<devices><entry name="localhost.localdomain">${net}${system}<vsys>${vsys}</vsys></entry></devices>${above}</config>`;
  });
