import { expect, test } from 'vitest';
import { beganBefore, serviceSide } from '../../src/occupancy/service.ts';
import { client, flow, history, server } from '../support/flow.ts';

const unknown = { opener: 'unknown' } as const;

test.each([
  ['who was connected to', client({ port: 1000 }), server({ port: 8080 }), 1],
  ['the other way round', server({ port: 8080 }), client({ port: 1000 }), 0],
  ['only the passive side known', client({ port: 1000, ...unknown }), server({ port: 8080 }), 1],
  ['only the passive side known, the other way round', server({ port: 8080 }), client({ port: 1000, ...unknown }), 0],
  ['only the active side known', client({ port: 1000 }), server({ port: 8080, ...unknown }), 1],
  ['neither: the lower port', client({ port: 40000, ...unknown }), server({ port: 443, ...unknown }), 1],
  [
    'neither: the lower port, the other way round',
    client({ port: 443, ...unknown }),
    server({ port: 40000, ...unknown }),
    0,
  ],
  ['both opened', client({ port: 40000, opener: 'simultaneous' }), server({ opener: 'simultaneous' }), 1],
])('%s', (_name, a, b, expected) => {
  expect(serviceSide(flow({ endpoints: [a, b] }))).toBe(expected);
});

test('a connection began before the capture where neither end was seen CLOSED or listening', () => {
  expect(beganBefore(flow())).toBe(false);
  const midStream = history('UNKNOWN', 'ESTABLISHED 0 #1 mid-stream');
  expect(beganBefore(flow({ endpoints: [client({ states: midStream }), server({ states: midStream })] }))).toBe(true);
  // The SYN,ACK is the first frame: there was a SYN, and it is not older than the capture by more than a moment.
  expect(beganBefore(flow({ endpoints: [client({ states: midStream }), server()] }))).toBe(false);
});
