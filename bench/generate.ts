// In: sizes. Out: a classic pcap of many complete TCP connections, the capture every figure in docs/PERFORMANCE.md is measured on.
//
//   node build/bench/generate.js FILE [--connections 100000] [--concurrent 5000] [--segments 26] [--payload 1280]
//   node build/bench/generate.js FILE --connections 1000 --concurrent 50 --segments 2600 --lossy 4
//   node build/bench/generate.js FILE --life begun | resent | reset
//   node build/bench/generate.js FILE --flood 10000000
//
// Each connection: three-way handshake, data both ways with acknowledgments, four-segment close. `concurrent` of them are
// interleaved segment by segment. With --life: the handshake comes before the capture; or one segment of data is sent again; or the client
// resets the connection where it would close it. With --lossy N: every Nth round of the data is one of LOSSY_ROUNDS, in turn. With --flood: so many
// SYNs instead, each from another address, to one server that does not answer. Deterministic: the same arguments give the same bytes.

import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const RECORD_HEADER = 16;
const ETHERNET = 14;
const IPV4 = 20;
/** With NOP, NOP, timestamps; of a SYN: with MSS 1460, SACK permitted, timestamps, NOP, window scale 7. */
const TCP = 20 + 12;
const TCP_SYN = 20 + 20;
/** NOP, NOP, SACK with one block. */
const SACK = 12;
const CHUNK_BYTES = 1 << 22;
/** No dissector of tshark's claims it, so the peers are not slowed by an application protocol. */
const SERVER_PORT = 12345;
/** Payload of the client's one data segment. */
const REQUEST_BYTES = 300;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string', default: '100000' },
    concurrent: { type: 'string', default: '5000' },
    segments: { type: 'string', default: '26' },
    payload: { type: 'string', default: '1280' },
    lossy: { type: 'string', default: '0' },
    life: { type: 'string', default: 'book' },
    flood: { type: 'string', default: '0' },
  },
});
const path = positionals[0];
if (path === undefined)
  throw new Error(
    'usage: generate FILE [--connections N] [--concurrent N] [--segments N] [--payload N] [--lossy N] [--life LIFE]',
  );
const connections = Number(values.connections);
const concurrent = Math.min(Number(values.concurrent), connections);
const segmentsEach = Number(values.segments);
const payloadBytes = Number(values.payload);
const floodSize = Number(values.flood);
const lossyEvery = Number(values.lossy);
const { life: manner } = values;

/** What every payload is the beginning of: bytes without a pattern, and no protocol's greeting. */
const content = Buffer.alloc(Math.max(payloadBytes, REQUEST_BYTES) + 1);
for (let i = 0, x = 1; i < content.length; i++) {
  x = (Math.imul(x, 1103515245) + 12345) | 0;
  content[i] = x >>> 16;
}
/** Sum of the 16-bit words of the first `n` bytes of it, for checksums. */
const contentSums = new Map<number, number>();
function contentSum(n: number): number {
  let sum = contentSums.get(n);
  if (sum === undefined) {
    sum = 0;
    for (let i = 0; i < n; i++) sum += (i & 1) === 0 ? content[i]! << 8 : content[i]!;
    contentSums.set(n, sum);
  }
  return sum;
}

const file = openSync(path, 'w');
const chunk = Buffer.alloc(CHUNK_BYTES);
let used = 0;
let micros = 0;

function flush(): void {
  writeSync(file, chunk, 0, used);
  used = 0;
}

const SYN = 2;
const ACK = 16;
const PSH_ACK = 24;
const SYN_ACK = 18;
const FIN_ACK = 17;
const RST_ACK = 20;
/** With --life resent: the second segment of data in a row. */
const RESENT_STEP = 8;

/** Progress of one connection. */
interface Life {
  id: number;
  step: number;
  clientSeq: number;
  serverSeq: number;
  /** Rounds of data begun, with --lossy, and the moments left of the one in hand. */
  rounds: number;
  moments: readonly Moment[];
}

/** The server's data segment of that number in its round; or the client's acknowledgment of all before `ack`, and of [sack, to). */
type Moment = { data: number } | { ack: number; sack?: number; to?: number; window?: number };

const PLAIN_ROUND: readonly Moment[] = [{ data: 0 }, { data: 1 }, { ack: 2 }, { data: 2 }, { data: 3 }, { ack: 4 }];
/** Four segments: lost behind the capture and sent again; lost before it; overtaken; and a window that opens. */
const LOSSY_ROUNDS: readonly (readonly Moment[])[] = [
  [
    ...[{ data: 0 }, { ack: 1 }, { data: 1 }, { data: 2 }, { data: 3 }],
    ...[{ ack: 1, sack: 2, to: 3 }, { ack: 1, sack: 2, to: 4 }, { data: 1 }, { ack: 4 }],
  ],
  [
    ...[{ data: 0 }, { ack: 1 }, { data: 2 }, { ack: 1, sack: 2, to: 3 }, { data: 3 }],
    ...[{ ack: 1, sack: 2, to: 4 }, { data: 1 }, { ack: 4 }],
  ],
  [{ data: 1 }, { data: 0 }, { data: 2 }, { ack: 2 }, { data: 3 }, { ack: 4 }],
  [{ data: 0 }, { data: 1 }, { data: 2 }, { data: 3 }, { ack: 4, window: 40 }, { ack: 4, window: 300 }, { ack: 4 }],
];
const ROUND_SEGMENTS = 4;

/** The client's or the server's next segment. */
function segment(life: Life, fromClient: boolean, flags: number, payload: number): void {
  const { clientSeq, serverSeq } = life;
  const isSeen = manner !== 'begun' || life.step > 3;
  if (isSeen)
    write(life, fromClient, flags, fromClient ? clientSeq : serverSeq, fromClient ? serverSeq : clientSeq, payload);
  const length = payload + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & 1) !== 0 ? 1 : 0);
  if (fromClient) life.clientSeq += length;
  else life.serverSeq += length;
}

function write(
  life: Life,
  fromClient: boolean,
  flags: number,
  seq: number,
  ack: number,
  payload: number,
  window = 502,
  sackFrom = 0,
  sackTo = 0,
): void {
  const isSyn = (flags & SYN) !== 0;
  const hasSack = sackFrom !== sackTo;
  const tcpLength = (isSyn ? TCP_SYN : hasSack ? TCP + SACK : TCP) + payload;
  const length = ETHERNET + IPV4 + tcpLength;
  if (used + RECORD_HEADER + length > CHUNK_BYTES) flush();
  micros += 20;
  chunk.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1e6), used);
  chunk.writeUInt32LE(micros % 1e6, used + 4);
  chunk.writeUInt32LE(length, used + 8);
  chunk.writeUInt32LE(length, used + 12);
  let at = used + RECORD_HEADER;
  used = at + length;
  chunk.fill(0, at, used - payload);
  content.copy(chunk, used - payload, 0, payload);
  chunk.writeUInt16BE(0x0800, at + 12);
  at += ETHERNET;
  chunk[at] = 0x45;
  chunk.writeUInt16BE(IPV4 + tcpLength, at + 2);
  chunk.writeUInt16BE((life.id * 31 + life.step) & 0xffff, at + 4);
  chunk[at + 8] = 64;
  chunk[at + 9] = 6;
  // The flood's sources are spread over 10.0.0.0/9: an odd factor visits each address once.
  const client =
    floodSize > 0 ? 0x0a000000 + (Math.imul(life.id, 0x2545f491) & 0x7fffff) : 0x0a000000 + Math.floor(life.id / 20000);
  const server = 0x0a800000 + (floodSize > 0 ? 0 : life.id % 50);
  const clientPort = 20000 + (life.id % 20000) * 2;
  chunk.writeUInt32BE(fromClient ? client : server, at + 12);
  chunk.writeUInt32BE(fromClient ? server : client, at + 16);
  chunk.writeUInt16BE(checksum(at, IPV4, 0), at + 10);
  const pseudo = wordSum(at + 12, 8) + 6 + tcpLength;
  at += IPV4;
  chunk.writeUInt16BE(fromClient ? clientPort : SERVER_PORT, at);
  chunk.writeUInt16BE(fromClient ? SERVER_PORT : clientPort, at + 2);
  chunk.writeUInt32BE(seq >>> 0, at + 4);
  chunk.writeUInt32BE(flags === SYN ? 0 : ack >>> 0, at + 8);
  chunk[at + 12] = (tcpLength - payload) << 2;
  chunk[at + 13] = flags;
  chunk.writeUInt16BE(window, at + 14);
  let option = at + 20;
  if (isSyn) {
    chunk.writeUInt32BE(0x020405b4, option);
    chunk.writeUInt16BE(0x0402, option + 4);
    chunk.writeUInt32BE(0x01030307, option + 16);
    option += 4;
  } else if (hasSack) {
    chunk.writeUInt32BE(0x0101050a, option);
    chunk.writeUInt32BE(sackFrom >>> 0, option + 4);
    chunk.writeUInt32BE(sackTo >>> 0, option + 8);
    option += SACK;
    chunk.writeUInt16BE(0x0101, option);
  } else chunk.writeUInt16BE(0x0101, option);
  chunk.writeUInt16BE(0x080a, option + 2);
  chunk.writeUInt32BE(Math.floor(micros / 1000) >>> 0, option + 4);
  chunk.writeUInt32BE(flags === SYN ? 0 : Math.floor(micros / 1000) >>> 0, option + 8);
  chunk.writeUInt16BE(checksum(at, tcpLength - payload, pseudo + contentSum(payload)), at + 16);
}

/** The next moment of the round in hand. */
function moment(life: Life): void {
  if (life.moments.length === 0) {
    const n = ++life.rounds;
    life.moments = n % lossyEvery === 0 ? LOSSY_ROUNDS[(n / lossyEvery) % LOSSY_ROUNDS.length]! : PLAIN_ROUND;
  }
  const [now, ...later] = life.moments;
  life.moments = later;
  const { clientSeq, serverSeq } = life;
  const at = (n: number): number => serverSeq + n * payloadBytes;
  if ('data' in now!) write(life, false, PSH_ACK, at(now.data), clientSeq, payloadBytes);
  else write(life, true, ACK, clientSeq, at(now!.ack), 0, now!.window, at(now!.sack ?? 0), at(now!.to ?? 0));
  if (later.length === 0) life.serverSeq = at(ROUND_SEGMENTS);
}

function wordSum(at: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 2) sum += chunk.readUInt16BE(at + i);
  return sum;
}

/** Internet checksum (RFC 1071) over `length` bytes and whatever `more` sums up. */
function checksum(at: number, length: number, more: number): number {
  let sum = wordSum(at, length) + more;
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Sends the connection's next segment; false when it has sent its last. */
function step(life: Life): boolean {
  const n = life.step++;
  const last = segmentsEach - 1;
  if (n === 0) segment(life, true, SYN, 0);
  else if (n === 1) segment(life, false, SYN_ACK, 0);
  else if (n === 2) segment(life, true, ACK, 0);
  else if (n === 3) segment(life, true, PSH_ACK, REQUEST_BYTES);
  else if (n === last - 3 && manner === 'reset') {
    segment(life, true, RST_ACK, 0);
    return false;
  } else if (n === RESENT_STEP && manner === 'resent')
    write(life, false, PSH_ACK, life.serverSeq - payloadBytes, life.clientSeq, payloadBytes);
  else if (n === last - 3) segment(life, true, FIN_ACK, 0);
  else if (n === last - 2) segment(life, false, ACK, 0);
  else if (n === last - 1) segment(life, false, FIN_ACK, 0);
  else if (n === last) segment(life, true, ACK, 0);
  else if (lossyEvery > 0 && n < last - 3) {
    moment(life);
    // The close waits for the end of the round.
    if (n === last - 4 && life.moments.length > 0) life.step--;
  } else if (n % 3 !== 0) segment(life, false, PSH_ACK, payloadBytes);
  else segment(life, true, ACK, 0);
  return n < last;
}

const header = Buffer.alloc(24);
header.writeUInt32LE(0xa1b2c3d4, 0);
header.writeUInt16LE(2, 4);
header.writeUInt16LE(4, 6);
header.writeUInt32LE(262144, 16);
header.writeUInt32LE(1, 20);
writeSync(file, header);

let started = 0;
const fresh = (): Life => {
  const id = started++;
  return {
    id,
    step: 0,
    clientSeq: Math.imul(id, 2654435761) >>> 0,
    serverSeq: Math.imul(id, 40503) >>> 0,
    rounds: 0,
    moments: [],
  };
};
const open: Life[] = [];
for (let i = 0; i < floodSize; i++) step(fresh());
while (floodSize === 0 && open.length < concurrent) open.push(fresh());
for (let i = 0; open.length > 0; i = i + 1 < open.length ? i + 1 : 0) {
  if (step(open[i]!)) continue;
  if (started < connections) {
    open[i] = fresh();
  } else {
    open[i] = open[open.length - 1]!;
    open.pop();
    if (open.length === 0) break;
  }
}
flush();
closeSync(file);
