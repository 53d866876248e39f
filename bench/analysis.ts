// In: nothing. Out: nanoseconds a segment costs in the sequence analysis alone, on made-up traffic.
//
//   npm run -s build:scripts && node build/bench/analysis.js

import { Frame } from '../src/capture/frame.ts';
import { RowPool } from '../src/flow/rows.ts';
import { LinearMemory } from '../src/linear/memory.ts';
import { SequenceAnalyzer } from '../src/tcp/analysis.ts';
import { CONNECTION_WORDS, Connection } from '../src/tcp/connection.ts';
import { beginDirection, DIRECTION_WORDS, Direction } from '../src/tcp/direction.ts';
import { Flag, Packet, PacketKind } from '../src/wire/packet.ts';

const SEGMENTS = 2_000_000;
const MSS = 1460;

interface Scenario {
  name: string;
  connections: number;
  /** Segments on their way before the first acknowledgment. */
  window: number;
  /** One segment in so many is sent again at once, which puts the list out of order. */
  resendEvery: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'one connection, 40 segments on their way', connections: 1, window: 40, resendEvery: 0 },
  { name: '10,000 connections taking turns', connections: 10_000, window: 40, resendEvery: 0 },
  { name: 'one connection, 8,000 on their way', connections: 1, window: 8000, resendEvery: 0 },
  {
    name: 'one connection, 8,000 on their way, 1 in 2,000 sent again',
    connections: 1,
    window: 8000,
    resendEvery: 2000,
  },
];

for (const scenario of SCENARIOS) {
  run(scenario, SEGMENTS / 10);
  const nanoseconds = run(scenario, SEGMENTS);
  process.stdout.write(`${nanoseconds.toFixed(0).padStart(6)} ns/segment  ${scenario.name}\n`);
}
process.stdout.write(
  `${4 * (CONNECTION_WORDS + 2 * DIRECTION_WORDS)} bytes a connection: ${CONNECTION_WORDS} + 2 x ${DIRECTION_WORDS} words\n`,
);

function run({ connections, window, resendEvery }: Scenario, segments: number): number {
  const memory = new LinearMemory();
  const analyzer = new SequenceAnalyzer(memory);
  const connectionPool = new RowPool(CONNECTION_WORDS);
  const directionPool = new RowPool(2 * DIRECTION_WORDS, memory);
  const connection = new Connection();
  const me = new Direction();
  const peer = new Direction();
  const frame = new Frame();
  const packet = new Packet();
  packet.kind = PacketKind.SEGMENT;
  packet.headerLength = 20;
  packet.capturedHeader = 20;
  packet.window = 1000;
  const next = new Int32Array(connections).fill(1);
  const sent = new Int32Array(connections);
  for (let i = 0; i < connections; i++) {
    connectionPool.take();
    directionPool.move(me, directionPool.take());
    beginDirection(me);
    me.at += DIRECTION_WORDS;
    beginDirection(me);
  }
  const start = process.hrtime.bigint();
  for (let i = 0; i < segments; i++) {
    const index = i % connections;
    frame.number++;
    frame.nanoseconds = (frame.nanoseconds + 1000) % 1_000_000_000;
    connectionPool.move(connection, index);
    directionPool.move(me, index);
    directionPool.move(peer, index);
    const turn = sent[index]!++;
    const isAck = turn > window && turn % 3 === 2;
    if (isAck) {
      me.at += DIRECTION_WORDS;
      packet.seq = 1;
      packet.ack = (next[index]! - window * MSS) | 0;
      packet.payloadLength = 0;
    } else {
      peer.at += DIRECTION_WORDS;
      const isResent = resendEvery > 0 && turn > window && turn % resendEvery === 0;
      packet.seq = isResent ? (next[index]! - 10 * MSS) | 0 : next[index]!;
      if (!isResent) next[index] = (next[index]! + MSS) | 0;
      packet.ack = 1;
      packet.payloadLength = MSS;
    }
    packet.flags = Flag.ACK;
    analyzer.observe(frame, packet, connection, me, peer, turn === 0, false, false);
  }
  return Number(process.hrtime.bigint() - start) / segments;
}
