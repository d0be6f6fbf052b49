import { describe, expect, it } from 'vitest';
import { reading } from './support.js';

describe('cells that need nobody', () => {
  it.each([
    ['443', 'TCP', 'tcp 443'],
    ['**443**', 'HTTPS (TCP)', 'tcp 443'],
    ['53', 'TCP  UDP', 'tcp, udp 53'],
    ['53', 'TCP/UDP', 'tcp, udp 53'],
    ['53', 'UDP and TCP', 'tcp, udp 53'],
    ['137  138', 'UDP', 'udp 137-138'],
    ['80, 443', 'TCP', 'tcp 80, 443'],
    ['80; 443 and 8443', 'TCP', 'tcp 80, 443, 8443'],
    ['80<br>443', 'TCP', 'tcp 80, 443'],
    ['8000-8010', 'TCP', 'tcp 8000-8010'],
    ['8000 – 8010', 'TCP', 'tcp 8000-8010'],
    ['8000 to 8010', 'TCP', 'tcp 8000-8010'],
    ['8000:8010', 'TCP', 'tcp 8000-8010'],
    ['8000..8010', 'TCP', 'tcp 8000-8010'],
    ['ports 8000 through 8010', 'TCP', 'tcp 8000-8010'],
    ['135-139', 'TCP, UDP', 'tcp, udp 135-139'],
    ['443/TCP (HTTPS)', '', 'tcp 443'],
    ['53/UDP,53/TCP (DNS)', '', 'tcp, udp 53'],
    ['TCP: 80, 443; UDP: 53', '', 'tcp 80, 443; udp 53'],
    ['TCP/UDP 53', '', 'tcp, udp 53'],
    ['80, 443 TCP, 53 UDP', '', 'tcp 80, 443; udp 53'],
    ['443 (TCP)', '', 'tcp 443'],
    ['135 and dynamic range: 1024 -65535', 'TCP', 'tcp 135, 1024-65535'],
    ['any', 'TCP', 'tcp any port'],
    ['*', 'UDP', 'udp any port'],
    ['All', 'All', 'any'],
    ['HTTPS', 'TCP', 'tcp 443'],
    ['SSH', '', 'tcp 22'],
    ['22', 'SSH', 'tcp 22'],
    ['514 (default)', 'UDP', 'udp 514'],
    ['-', 'GRE', 'gre'],
    ['N/A', 'IP protocol 50', 'esp'],
    ['', 'ICMP', 'icmp'],
    ['8, 0', 'ICMP', 'icmp 0/*, 8/*'],
    ['443 HTTPS', 'TCP', 'tcp 443'],
    ['8443 (HTTPS)', 'TCP', 'tcp 8443'],
    ['443/TCP, HTTPS', '', 'tcp 443'],
    ['49152-65535 (dynamic)', 'TCP', 'tcp 49152-65535'],
    ['8500 (control service); 8501 (disk service)', 'TCP', 'tcp 8500-8501'],
  ])('%s | %s', (port, protocol, services) => {
    expect(reading(port, protocol)).toEqual({ services, review: undefined });
  });
});

describe('what is left over is named', () => {
  it.each([
    ['443 *', 'TCP', 'tcp 443', '"*" in the port cell is not understood'],
    ['443 or 8443', 'TCP', 'tcp 443, 8443', '"or" in the port cell is not understood'],
    ['443 (unless changed)', 'TCP', 'tcp 443', '"(unless changed)" in the port cell is not understood'],
    ['99999, 22', 'TCP', 'tcp 22', '"99999" in the port cell is not understood'],
    ['0443', 'TCP', 'tcp any port', '"0443" in the port cell is not understood; no port is stated'],
    ['9000-8000', 'TCP', 'tcp any port', '"9000-8000" in the port cell is not understood; no port is stated'],
    ['User defined', 'TCP', 'tcp any port', '"User", "defined" in the port cell are not understood; no port is stated'],
    ['443, SSH', 'TCP', 'tcp 443', '"SSH" in the port cell is not understood'],
    ['443 (UDP preferred)', 'TCP', 'tcp 443', '"(UDP preferred)" in the port cell is not understood'],
    ['443TCP', 'TCP', 'tcp any port', '"443TCP" in the port cell is not understood'],
    ['49,152-65,535', 'TCP', 'tcp 49, 535', '"152-65" in the port cell is not understood'],
    ['10.0.0.1', 'TCP', 'tcp any port', 'in the port cell'],
    ['443', 'HTTPS, UDP', 'udp 443', '"HTTPS" in the protocol cell is not understood'],
    ['443', 'TCP (not UDP)', 'tcp 443', '"(not UDP)" in the protocol cell is not understood'],
    [
      '135, 8000-9000 and dynamic',
      'TCP',
      'tcp 135, 8000-9000',
      'the dynamic ports that the row names are not stated on the page',
    ],
    ['443', 'TCP/UPS', 'tcp 443', '"UPS" in the protocol cell is not understood'],
    ['443', '', 'tcp, udp 443', 'no protocol is stated for 443; read as tcp and udp'],
    ['443/UDP', 'TCP', 'udp 443', 'the port cell says udp and the protocol cell tcp for 443'],
    ['53', 'DNS', 'tcp, udp 53', '"DNS" in the protocol cell is not understood'],
    ['443', 'GRE', 'gre', 'gre has no ports, the row says 443'],
    ['300', 'ICMP', 'icmp', '300 is no ICMP type'],
    ['dynamic', 'TCP', 'tcp any port', 'the dynamic ports that the row names are not stated on the page'],
  ])('%s | %s', (port, protocol, services, review) => {
    const read = reading(port, protocol);
    expect(read.services).toBe(services);
    expect(read.review).toContain(review);
  });
});

describe('several ports beside several protocols', () => {
  const settle = (as: 'cross' | 'pairwise') => ({ interpret: new Map([[5, as]]) });

  it('are read as all pairs and marked', () => {
    const read = reading('389  636', 'TCP  UDP');
    expect(read.services).toBe('tcp, udp 389, 636');
    expect(read.review).toContain('(389 tcp, 636 udp)');
    expect(read.review).toContain('interpret: [{ line: 5, as: cross }]');
  });
  it('are settled as all pairs by one line of configuration', () => {
    expect(reading('389  636', 'TCP  UDP', settle('cross'))).toEqual({ services: 'tcp, udp 389, 636', review: undefined });
  });
  it('are settled one to one by one line of configuration', () => {
    expect(reading('389  636', 'TCP  UDP', settle('pairwise'))).toEqual({ services: 'tcp 389; udp 636', review: undefined });
  });
  it('cannot be one to one when their numbers differ', () => {
    const read = reading('88, 389, 464', 'TCP, UDP', settle('pairwise'));
    expect(read.services).toBe('tcp, udp 88, 389, 464');
    expect(read.review).toContain('cannot be read pairwise: 3 ports beside 2 protocols');
  });
  it('stay marked for what else is not understood', () => {
    expect(reading('389  636 ?', 'TCP  UDP', settle('cross')).review).toBe('"?" in the port cell is not understood');
  });
});
