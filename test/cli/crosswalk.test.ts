import { describe, expect, it } from 'vitest';
import { printed } from '../support/in-process.ts';

// conn_state as Zeek's documentation defines it; completeness as tshark 4.0.17 counts it (SYN 1, SYN/ACK 2, ACK 4, DATA 8, FIN 16, RST 32).
describe('analyze --crosswalk', () => {
  it.each([
    ['refused', 'REJ', 'CLOSE', 37],
    ['unanswered', 'S0', 'SYN_SENT', 1],
    ['textbook', 'S1', 'ESTABLISHED', 15],
  ])('%s is %s to Zeek and %s to conntrack', async (name, zeek, conntrack, completeness) => {
    const path = `fixtures/captures/${name}.pcap`;
    const { stdout } = await printed(['analyze', '--format', 'json', '--crosswalk', path]);
    const [flow] = JSON.parse(stdout).flows;
    expect([flow.crosswalk.zeek, flow.crosswalk.conntrack, flow.completeness]).toEqual([zeek, conntrack, completeness]);
    const table = await printed(['analyze', '--crosswalk', path]);
    expect(table.stdout).toContain(
      `Zeek ${zeek} ${flow.crosswalk.history} · Wireshark completeness ${completeness} · conntrack ${conntrack}`,
    );
  });

  it('is not there unless asked for', async () => {
    const { stdout } = await printed(['analyze', '--format', 'json', 'fixtures/captures/refused.pcap']);
    expect(JSON.parse(stdout).flows[0]).not.toHaveProperty('crosswalk');
  });
});
