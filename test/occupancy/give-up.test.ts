import { expect, test } from 'vitest';
import { givesUpAt } from '../../src/occupancy/give-up.ts';
import type { StateName } from '../../src/tcp/state.ts';
import { client, server } from '../support/flow.ts';

// RFC 6298: the first wait is 1 s (2.1), 3 s where the SYN was lost (5.7), and each is twice the one before (5.5).
test.each<[string, StateName, { sent: number; resent: number; heard: number }, from: number, last: number, at: number]>(
  [
    ['one SYN', 'SYN_SENT', { sent: 1, resent: 0, heard: 0 }, 0, 0, 1],
    ['SYNs at 0 and 1: the next would be at 3', 'SYN_SENT', { sent: 2, resent: 1, heard: 0 }, 0, 1, 3],
    ['SYNs at 0, 1, 3: the next would be at 7', 'SYN_SENT', { sent: 3, resent: 2, heard: 0 }, 0, 3, 7],
    ['SYNs at 5, 6, 8, 12: the next would be at 20', 'SYN_SENT', { sent: 4, resent: 3, heard: 0 }, 5, 12, 20],
    ['SYN,ACKs at 0 and 1 to one SYN', 'SYN_RCVD', { sent: 2, resent: 1, heard: 1 }, 0, 1, 3],
    ['SYN,ACKs prompted by SYNs: at most twice the time so far', 'SYN_RCVD', { sent: 4, resent: 3, heard: 2 }, 0, 1, 3],
    ['a FIN and nothing more', 'FIN_WAIT_1', { sent: 5, resent: 0, heard: 3 }, 10, 10, 13],
    ['FINs at 10, 10.2, 10.6: the next would be at 11.4', 'LAST_ACK', { sent: 5, resent: 2, heard: 3 }, 10, 10.6, 11.4],
    ['no wait is longer than 120 s', 'CLOSING', { sent: 5, resent: 1, heard: 3 }, 0, 100, 220],
    ['ESTABLISHED waits for ever', 'ESTABLISHED', { sent: 5, resent: 1, heard: 3 }, 0, 100, Infinity],
    ['CLOSE_WAIT waits for ever', 'CLOSE_WAIT', { sent: 5, resent: 1, heard: 3 }, 0, 100, Infinity],
    ['FIN_WAIT_2 waits for ever', 'FIN_WAIT_2', { sent: 5, resent: 1, heard: 3 }, 0, 100, Infinity],
  ],
)('%s', (_name, state, { sent, resent, heard }, from, last, at) => {
  const me = client({ segments: sent, retransmittedSegments: resent });
  const peer = server({ segments: heard });
  expect(givesUpAt(state, me, peer, from * 1e9, last * 1e9) / 1e9).toBeCloseTo(at, 6);
});
