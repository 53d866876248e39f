// In: the batches of all parts. Out: their connections in the order in which one thread would have told of them, under its numbers.
//
// Nothing depends on which part is faster: a row is taken only once no other part can have one that comes before it.

import { CATALOG } from '../anomaly/catalog.ts';
import { DIGEST_WORDS, DigestBit, FlowDigest } from '../anomaly/digest.ts';
import type { DigestTaker } from '../anomaly/judge.ts';
import { AddressTable } from '../flow/address.ts';
import type { Said } from '../report/finding-counts.ts';
import { STREAM_PREFIX } from '../report/flow-json.ts';
import { type Batch, OPEN_WORDS, ROW_HEADER, Row, RowKind, TooManyFlows } from './batch.ts';

const CODES = Object.keys(CATALOG);
/** Of the JSON of a flow of stream 0, up to that number, which another one takes the place of. */
const NUMBERED_BYTES = STREAM_PREFIX.length + 1;

/** Who is told of a connection: what was found in it, and its JSON from behind the number of the stream on. Borrowed. */
export type TakeFlow = (said: Said, rest: Uint8Array) => Promise<void> | undefined;

/** What has come of one part and has not been taken. */
class Accounts {
  readonly batches: Batch[] = [];
  rowAt = 0;
  textAt = 0;
  readonly opens: Int32Array[] = [];
  openAt = 0;
  through = 0;
  /** By the part's own numbers of streams: the number, and the address ids of A and B. */
  streams = new Int32Array(1024 * 3);
  streamCount = 0;

  /** The rows with the row that is next, or null. */
  get rows(): Float64Array | null {
    return this.batches.length === 0 ? null : this.batches[0]!.rows;
  }
}

export class Joiner {
  readonly addresses = new AddressTable();
  /** Connections so far, and those held. */
  streams = 0;
  #live = 0;
  readonly #parts: Accounts[];
  readonly #maxFlows: number;
  /** Takes in the digests, whose addresses are those of `addresses`. */
  taker!: Pick<DigestTaker, 'add'>;
  readonly #take: TakeFlow;
  readonly #digest = new FlowDigest();
  /** Called for each batch of a part whose rows have been used up. */
  readonly #used: (part: number) => void;

  constructor(parts: number, maxFlows: number, take: TakeFlow, used: (part: number) => void) {
    this.#parts = Array.from({ length: parts }, () => new Accounts());
    this.#maxFlows = maxFlows;
    this.#take = take;
    this.#used = used;
  }

  receive(part: number, batch: Batch): void {
    const accounts = this.#parts[part]!;
    if (batch.opens.length > 0) accounts.opens.push(batch.opens);
    accounts.through = batch.through;
    if (batch.rows.length > 0) accounts.batches.push(batch);
  }

  /** Takes all that can be taken. @throws TooManyFlows before anything is told that one thread would have told otherwise */
  async advance(): Promise<void> {
    for (;;) {
      // What is told at a sweep knows the connections that were open then.
      let sweep = Number.POSITIVE_INFINITY;
      for (const part of this.#parts) {
        const { rows } = part;
        sweep = Math.min(sweep, rows === null ? part.through : rows[part.rowAt + Row.SWEEP]!);
      }
      this.#openUpTo(sweep);
      const next = this.#next();
      if (next < 0) return;
      const taken = this.#row(next);
      if (taken !== undefined) await taken;
    }
  }

  /** The part whose row comes first of all, or -1 where that cannot be said yet or there is none. */
  #next(): number {
    let first = -1;
    let firstSweep = 0;
    let firstPlace = 0;
    for (let i = 0; i < this.#parts.length; i++) {
      const part = this.#parts[i]!;
      const { rows } = part;
      if (rows === null) continue;
      const sweep = rows[part.rowAt + Row.SWEEP]!;
      if (first >= 0 && sweep > firstSweep) continue;
      let place = rows[part.rowAt + Row.PLACE]!;
      // At the end they go by stream; a stream that has no number yet waits for a part that is not there yet, see below.
      if (sweep === Number.POSITIVE_INFINITY && place < part.streamCount) place = part.streams[place * 3]!;
      if (first >= 0 && sweep === firstSweep && place >= firstPlace) continue;
      first = i;
      firstSweep = sweep;
      firstPlace = place;
    }
    if (first < 0) return first;
    for (const part of this.#parts) if (part.batches.length === 0 && part.through < firstSweep) return -1;
    return first;
  }

  /** Numbers the connections that were opened by frames up to `frame`. */
  #openUpTo(frame: number): void {
    for (;;) {
      let first: Accounts | null = null;
      let firstFrame = 0;
      for (const part of this.#parts) {
        if (part.opens.length === 0) continue;
        const opened = part.opens[0]![part.openAt]! >>> 0;
        if (opened > frame || (first !== null && opened > firstFrame)) continue;
        first = part;
        firstFrame = opened;
      }
      if (first === null) return;
      this.#open(first);
    }
  }

  #open(part: Accounts): void {
    const words = part.opens[0]!;
    const at = part.openAt;
    const version = words[at + 1] as 4 | 6;
    const { addresses } = this;
    const a = addresses.intern(version, words[at + 2]!, words[at + 3]!, words[at + 4]!, words[at + 5]!);
    const b = addresses.intern(version, words[at + 6]!, words[at + 7]!, words[at + 8]!, words[at + 9]!);
    addresses.hold(a);
    addresses.hold(b);
    const slot = part.streamCount++ * 3;
    if (slot === part.streams.length) {
      const more = new Int32Array(slot * 2);
      more.set(part.streams);
      part.streams = more;
    }
    part.streams[slot] = this.streams++;
    part.streams[slot + 1] = a;
    part.streams[slot + 2] = b;
    part.openAt += OPEN_WORDS;
    if (part.openAt === words.length) {
      part.opens.shift();
      part.openAt = 0;
    }
    if (++this.#live >= this.#maxFlows) throw new TooManyFlows();
  }

  #row(index: number): Promise<void> | undefined {
    const part = this.#parts[index]!;
    const batch = part.batches[0]!;
    const { rows } = batch;
    const at = part.rowAt;
    const size = rows[at + Row.SIZE]!;
    const slot = rows[at + Row.STREAM]! * 3;
    const stream = part.streams[slot]!;
    let taken: Promise<void> | undefined;
    switch (rows[at + Row.KIND]) {
      case RowKind.DIGEST: {
        const digest = this.#digest;
        const { words } = digest;
        for (let word = 0; word < DIGEST_WORDS; word++) words[word] = rows[at + ROW_HEADER + word]!;
        const isTurned = (digest.bits & DigestBit.TURNED) !== 0;
        digest.stream = stream;
        digest.address0 = part.streams[isTurned ? slot + 2 : slot + 1]!;
        digest.address1 = part.streams[isTurned ? slot + 1 : slot + 2]!;
        this.taker.add(digest);
        break;
      }
      case RowKind.FLOW: {
        const length = rows[at + ROW_HEADER]!;
        const said: Said = { stream, findings: [] };
        if (rows[at + ROW_HEADER + 1] === 1) said.revised = true;
        for (let word = at + ROW_HEADER + 2; word < at + size; word += 2) {
          said.findings.push({ code: CODES[rows[word]!]!, count: rows[word + 1]! });
        }
        const rest = batch.text.subarray(part.textAt + NUMBERED_BYTES, part.textAt + length);
        part.textAt += length;
        taken = this.#take(said, rest) ?? undefined;
        break;
      }
      default:
        this.addresses.release(part.streams[slot + 1]!);
        this.addresses.release(part.streams[slot + 2]!);
        this.#live--;
    }
    part.rowAt += size;
    if (part.rowAt === rows.length) {
      part.batches.shift();
      part.rowAt = 0;
      part.textAt = 0;
      this.#used(index);
    }
    return taken;
  }
}
