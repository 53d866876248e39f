// In: the connections of a part as they open, end and are told of. Out: batches of numbers and text (batch.ts).

import type { PartListener } from '../analyze.ts';
import { CATALOG } from '../anomaly/catalog.ts';
import { DIGEST_WORDS, digestLife, FlowDigest } from '../anomaly/digest.ts';
import type { Frame } from '../capture/frame.ts';
import { textMemory } from '../linear/memory.ts';
import { writeFlow } from '../report/flow-json.ts';
import { writeLives } from '../report/life-json.ts';
import { RowBytes } from '../report/row-bytes.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import type { Lives, TextbookLife } from '../tcp/textbook-life.ts';
import type { Packet } from '../wire/packet.ts';
import {
  type Batch,
  OPEN_WORDS,
  PAGE_ROWS,
  PAGE_TEXT_BYTES,
  ROW_HEADER,
  RowKind,
  rowsOn,
  TooManyFlows,
  textOn,
} from './batch.ts';

/** Text, and rows, handed over at once: much more than a message costs, and little beside what is read meanwhile. */
const BATCH_BYTES = 1 << 18;
const BATCH_ROWS = 1 << 15;
const BATCH_OPENS = 1 << 14;
/** Slots of frames after which a batch goes out in any case: who joins the parts has to know how far each has come. */
const BATCH_SLOTS = 4;
const FLOW_WORDS = ROW_HEADER + 2;

const CODES = new Map(Object.keys(CATALOG).map((code, number) => [code, number]));

/** Takes a batch; a promise is waited for before the next. */
export type SendBatch = (batch: Batch) => void | Promise<void>;

export class Collector implements PartListener {
  readonly #send: SendBatch;
  readonly #maxFlows: number;
  readonly #runsOut: () => boolean;
  readonly #pages: readonly SharedArrayBuffer[];
  readonly #digest = new FlowDigest();
  /** Batches sent that had rows. */
  #sent = 0;
  #live = 0;
  #opens = new Int32Array(BATCH_OPENS + OPEN_WORDS);
  #openWords = 0;
  #rows = new Float64Array(PAGE_ROWS);
  #rowWords = 0;
  #text = new RowBytes(PAGE_TEXT_BYTES, textMemory());
  #through = 0;
  #sentThrough = 0;
  #slots = 0;
  #stream = 0;
  #sweep = 0;
  #place = 0;

  /**
   * `maxFlows`: connections that may be held in all parts together. `pages`: where rows and text go, in turn; `send` waits until the next one is free. `runsOut`:
   * true where there is hardly memory for more.
   */
  constructor(
    maxFlows: number,
    pages: readonly SharedArrayBuffer[],
    send: SendBatch,
    runsOut: () => boolean = () => false,
  ) {
    this.#maxFlows = maxFlows;
    this.#runsOut = runsOut;
    this.#pages = pages;
    this.#send = send;
  }

  /** @throws TooManyFlows where this part alone reaches the ceiling of all */
  opened(frame: Frame, packet: Packet): void {
    if (++this.#live >= this.#maxFlows) throw new TooManyFlows();
    if (this.#openWords + OPEN_WORDS > this.#opens.length) {
      const more = new Int32Array(this.#opens.length * 2);
      more.set(this.#opens);
      this.#opens = more;
    }
    const opens = this.#opens;
    const at = this.#openWords;
    const { ipLayers, ip } = packet;
    const version = ipLayers[ip]!;
    opens[at] = frame.number;
    opens[at + 1] = version;
    // Of the address words, version 4 has the first; the others hold what an earlier frame, an earlier batch left.
    for (let word = 0; word < 4; word++) {
      const isThere = version !== 4 || word === 0;
      opens[at + 2 + word] = isThere ? ipLayers[ip + 1 + word]! : 0;
      opens[at + 6 + word] = isThere ? ipLayers[ip + 5 + word]! : 0;
    }
    this.#openWords = at + OPEN_WORDS;
  }

  place(stream: number, sweep: number, place: number): void {
    this.#stream = stream;
    this.#sweep = sweep;
    this.#place = place;
  }

  add(digest: FlowDigest): void {
    const at = this.#row(RowKind.DIGEST, ROW_HEADER + DIGEST_WORDS);
    this.#rows.set(digest.words, at);
  }

  addLife(life: TextbookLife): void {
    digestLife(life, this.#digest);
    this.add(this.#digest);
  }

  flow(flow: FlowResult): void | Promise<void> {
    const { findings } = flow;
    const before = this.#text.length;
    flow.stream = 0;
    writeFlow(this.#text, flow);
    return this.#written(before, flow.revised === true, findings);
  }

  /** One at a time: its place has been told. */
  lives(lives: Lives): void | Promise<void> {
    const before = this.#text.length;
    lives.all[lives.from]!.stream = 0;
    writeLives(this.#text, lives);
    return this.#written(before, false, []);
  }

  /** A row for the text from `before` on. */
  #written(before: number, isRevised: boolean, findings: FlowResult['findings']): void | Promise<void> {
    const text = this.#text;
    let at = this.#row(RowKind.FLOW, FLOW_WORDS + 2 * findings.length);
    const rows = this.#rows;
    rows[at++] = text.length - before;
    rows[at++] = isRevised ? 1 : 0;
    for (const { code, count } of findings) {
      rows[at++] = CODES.get(code)!;
      rows[at++] = count;
    }
    return text.length >= BATCH_BYTES ? this.flush() : undefined;
  }

  released(stream: number): void {
    this.#live--;
    this.#stream = stream;
    this.#row(RowKind.RELEASED, ROW_HEADER);
  }

  /** @throws TooManyFlows where memory runs out */
  passed(frame: number): void | Promise<void> {
    if (this.#runsOut()) throw new TooManyFlows();
    this.#through = frame;
    const isDue = ++this.#slots >= BATCH_SLOTS || this.#openWords >= BATCH_OPENS || this.#rowWords >= BATCH_ROWS;
    return isDue ? this.flush() : undefined;
  }

  /** There is time; and others may wait to hear that nothing more is to be told up to here. */
  idle(): void | Promise<void> {
    return this.#through > this.#sentThrough ? this.flush() : undefined;
  }

  /** Everything has been told. */
  end(): void | Promise<void> {
    this.#through = Number.POSITIVE_INFINITY;
    return this.flush();
  }

  flush(): void | Promise<void> {
    this.#slots = 0;
    this.#sentThrough = this.#through;
    let rows: Float64Array = this.#rows.subarray(0, this.#rowWords);
    let text: Uint8Array = this.#text.block.subarray(0, this.#text.length);
    if (rows.length > PAGE_ROWS || text.length > PAGE_TEXT_BYTES) {
      rows = rows.slice();
      text = text.slice();
    } else {
      const page = this.#pages[this.#sent % this.#pages.length]!;
      const [rowsThere, textThere] = [rowsOn(page, rows.length), textOn(page, text.length)];
      rowsThere.set(rows);
      textThere.set(text);
      [rows, text] = [rowsThere, textThere];
    }
    if (rows.length > 0) this.#sent++;
    // Openings may be taken after the rows.
    const opens = this.#opens.slice(0, this.#openWords);
    const batch: Batch = { kind: 'batch', opens, rows, text, through: this.#through };
    this.#openWords = 0;
    this.#rowWords = 0;
    this.#text.length = 0;
    return this.#send(batch);
  }

  /** Begins a row of `size` numbers; returns where its own begin. */
  #row(kind: number, size: number): number {
    const at = this.#rowWords;
    if (at + size > this.#rows.length) {
      const more = new Float64Array(Math.max(this.#rows.length * 2, at + size));
      more.set(this.#rows);
      this.#rows = more;
    }
    const rows = this.#rows;
    rows[at] = size;
    rows[at + 1] = kind;
    rows[at + 2] = this.#sweep;
    rows[at + 3] = this.#place;
    rows[at + 4] = this.#stream;
    this.#rowWords = at + size;
    return at + ROW_HEADER;
  }
}
