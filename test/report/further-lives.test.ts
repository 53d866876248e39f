import { describe, expect, it } from 'vitest';
import { printed } from '../support/in-process.ts';

// An old duplicate of the SYN reaches a listener after the connection has ended: Linux answers it with a new SYN,ACK, so its
// end has lived twice (truth.json of the recording), while Wireshark numbers one stream.
const RECORDING = 'fixtures/kernel/old-syn-at-listener/at-b.pcap';

describe('a stream in which a 4-tuple lives twice', () => {
  it('is one flow, with the further life inside', async () => {
    const { stdout } = await printed(['analyze', '--format', 'json', RECORDING]);
    const { flows, capture } = JSON.parse(stdout);
    expect(flows.map((flow: { stream: number }) => flow.stream)).toEqual([0]);
    expect(capture.streams).toBe(1);
    const [life] = flows[0].furtherLives;
    const passive = life.endpoints.find((endpoint: { opener: string }) => endpoint.opener === 'passive');
    expect(passive.states.map((entry: { state: string }) => entry.state)).toContain('SYN_RCVD');
  });

  it('shows both lives to a reader', async () => {
    const { stdout } = await printed(['analyze', RECORDING]);
    expect(stdout).toContain('A further life of the same ports, inside the stream');
  });
});
