// Seeded exports and flows of any size: the same seed gives the same bytes.

/** mulberry32: numbers in [0, below). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const prefix = (random) => {
  const length = 12 + random(17);
  const value = ((10 << 24) | random(1 << 24)) >>> 0;
  const base = (value & (0xffffffff << (32 - length))) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join('.')}/${length}`;
};

const ports = (random) => {
  const first = 1 + random(60000);
  return random(3) === 0 ? `${first}:${first + random(500)}` : String(first);
};

/** Random prefixes, ports and ranges, one rule in five a deny. */
export function iptablesSave(rules, seed) {
  const random = randomFrom(seed);
  const lines = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]'];
  for (let i = 0; i < rules; i++)
    lines.push(
      `-A FORWARD -s ${prefix(random)} -d ${prefix(random)} -p ${random(2) ? 'tcp' : 'udp'} -m ${'tcp'} --dport ${ports(random)} -j ${random(5) === 0 ? 'DROP' : 'ACCEPT'}`.replace(
        /-p udp -m tcp/,
        '-p udp -m udp',
      ),
    );
  return `${lines.join('\n')}\nCOMMIT\n`;
}

/** The same kind of rules as a PAN-OS running configuration with one object an address. */
export function panos(rules, seed) {
  const random = randomFrom(seed);
  const addresses = [];
  const services = [];
  const entries = [];
  for (let i = 0; i < rules; i++) {
    addresses.push(
      `<entry name="s${i}"><ip-netmask>${prefix(random)}</ip-netmask></entry>`,
      `<entry name="d${i}"><ip-netmask>${prefix(random)}</ip-netmask></entry>`,
    );
    services.push(
      `<entry name="p${i}"><protocol><${random(2) ? 'tcp' : 'udp'}><port>${ports(random).replace(':', '-')}</port></tcp></protocol></entry>`.replace(
        /<udp>(.*)<\/tcp>/,
        '<udp>$1</udp>',
      ),
    );
    const member = (name, value) => `<${name}><member>${value}</member></${name}>`;
    entries.push(
      `<entry name="r${i}">${member('from', 'any')}${member('to', 'any')}${member('source', `s${i}`)}${member('destination', `d${i}`)}${member('source-user', 'any')}${member('category', 'any')}${member('application', 'any')}${member('service', `p${i}`)}<action>${random(5) === 0 ? 'deny' : 'allow'}</action></entry>`,
    );
  }
  const zone = (name, port) =>
    `<entry name="${name}"><network><layer3><member>ethernet1/${port}</member></layer3></network></entry>`;
  return `<?xml version="1.0"?>
<config version="10.1.0" urldb="paloaltonetworks"><devices><entry name="localhost.localdomain"><vsys><entry name="vsys1">
<zone>${zone('a', 1)}${zone('b', 2)}</zone>
<address>${addresses.join('\n')}</address>
<service>${services.join('\n')}</service>
<rulebase><security><rules>${entries.join('\n')}</rules></security></rulebase>
</entry></vsys></entry></devices></config>
`;
}

/** Prefix to prefix, one port each. */
export function flows(count, seed, extra = '') {
  const random = randomFrom(seed);
  const lines = [`id,source,destination,protocol,port${extra ? ',direction,in_interface,out_interface' : ',direction'}`];
  for (let i = 0; i < count; i++)
    lines.push(`${i},${prefix(random)},${prefix(random)},${random(2) ? 'tcp' : 'udp'},${1 + random(60000)},forward${extra}`);
  return `${lines.join('\n')}\n`;
}
