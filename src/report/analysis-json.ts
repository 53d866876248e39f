// In: flows and the capture. Out: the documents of schema/analysis.schema.json: one JSON document, or one object a line.

import { textMemory } from '../linear/memory.ts';
import type { CaptureResult, FlowResult } from '../tcp/flow-result.ts';
import type { Lives } from '../tcp/textbook-life.ts';
import { FindingCounts, type Said } from './finding-counts.ts';
import { STREAM_PREFIX, writeFlow } from './flow-json.ts';
import { jsonText } from './json-text.ts';
import { writeLives } from './life-json.ts';
import { RowBytes } from './row-bytes.ts';
import type { LinearSink } from './sink.ts';

export const ANALYSIS_SCHEMA = 'tcpstate.analysis/1';

/**
 * So many bytes of flows are held back so that `capture`, known only at the end, can come first. A larger document has it last: the
 * same document (the members of an object have no order), in bounded memory.
 */
const HELD_BACK_BYTES = 16 << 20;
const FIRST_HELD_BACK_BYTES = 1 << 16;

const SEPARATOR = ',\n';

const LINE_END = '\n';

export interface AnalysisPrinter {
  flow(flow: FlowResult): void | Promise<void>;
  /** As `flow`, of lives by the book, of which nothing was found. */
  lives(lives: Lives): void | Promise<void>;
  /** As `flow`, of one that was written elsewhere: `rest` is its JSON from behind the number of the stream on. Borrowed. */
  written(said: Said, rest: Uint8Array): Promise<void> | undefined;
  /** Nothing is told again from here on. */
  ending(): void;
  end(capture: CaptureResult): void | Promise<void>;
}

/** `--format json`: one document, flows in the order they are told, one a line. */
export class JsonPrinter implements AnalysisPrinter {
  readonly #sink: LinearSink;
  readonly #findings = new FindingCounts();
  /** Flows held back; null once they are written as they are told. */
  #held: RowBytes | null = new RowBytes(FIRST_HELD_BACK_BYTES);
  #isFirst = true;

  constructor(sink: LinearSink) {
    this.#sink = sink;
  }

  written(said: Said, rest: Uint8Array): Promise<void> | undefined {
    this.#findings.add(said);
    writeRest(this.#nextRows(), said.stream, rest);
    return this.#flowWritten();
  }

  flow(flow: FlowResult): Promise<void> | undefined {
    this.#findings.add(flow);
    writeFlow(this.#nextRows(), flow);
    return this.#flowWritten();
  }

  lives(lives: Lives): Promise<void> | undefined {
    const { to } = lives;
    const rows = this.#held ?? this.#sink.rows;
    if (this.#isFirst) {
      lives.to = lives.from + 1;
      writeLives(rows, lives);
      lives.from++;
      lives.to = to;
    }
    this.#isFirst = false;
    writeLives(rows, lives, SEPARATOR);
    return this.#flowWritten();
  }

  /** Each is told once as it is. */
  ending(): void {}

  /** Where the next flow is written, behind what parts it from the one before. */
  #nextRows(): RowBytes {
    const rows = this.#held ?? this.#sink.rows;
    if (!this.#isFirst) rows.text(SEPARATOR);
    this.#isFirst = false;
    return rows;
  }

  #flowWritten(): Promise<void> | undefined {
    if (this.#held === null) {
      this.#sink.rowWritten();
      return this.#sink.ready();
    }
    if (this.#held.length < HELD_BACK_BYTES) return undefined;
    this.#sink.write(`{\n"schema": "${ANALYSIS_SCHEMA}",\n"flows": [\n${this.#held.take()}`);
    this.#held = null;
    this.#sink.lieIn(textMemory());
    return this.#sink.ready();
  }

  end(capture: CaptureResult): void {
    this.#findings.addCapture(capture);
    const captureText = `"capture": ${jsonText(capture)}`;
    const findingsText = `"findings": ${jsonText(this.#findings.toObject())}`;
    if (this.#held === null) {
      this.#sink.write(`\n],\n${findingsText},\n${captureText}\n}\n`);
      return;
    }
    const flows = this.#isFirst ? '[]' : `[\n${this.#held.take()}\n]`;
    this.#sink.write(`{\n"schema": "${ANALYSIS_SCHEMA}",\n${captureText},\n"flows": ${flows},\n${findingsText}\n}\n`);
  }
}

/** `--format ndjson`: a flow a line, as soon as it is told; last a line about the capture. */
export class NdjsonPrinter implements AnalysisPrinter {
  readonly #sink: LinearSink;
  readonly #findings = new FindingCounts();
  #printed: number;

  /** `printed`: so many flows have been printed before; they only count. */
  constructor(sink: LinearSink, printed = 0) {
    this.#sink = sink;
    sink.lieIn(textMemory());
    this.#printed = printed;
  }

  written(said: Said, rest: Uint8Array): Promise<void> | undefined {
    this.#findings.addLatest(said);
    const { rows } = this.#sink;
    writeRest(rows, said.stream, rest);
    rows.text(LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  flow(flow: FlowResult): void | Promise<void> {
    this.#findings.addLatest(flow);
    if (this.#printed-- > 0) return;
    const { rows } = this.#sink;
    writeFlow(rows, flow);
    rows.text(LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  lives(lives: Lives): void | Promise<void> {
    const skipped = Math.min(Math.max(0, this.#printed), lives.to - lives.from);
    this.#printed -= skipped;
    lives.from += skipped;
    writeLives(this.#sink.rows, lives, '', LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  ending(): void {
    this.#findings.ending();
  }

  end(capture: CaptureResult): void {
    this.#findings.addCapture(capture);
    const line = { type: 'capture', schema: ANALYSIS_SCHEMA, ...capture, findings: this.#findings.toObject() };
    this.#sink.write(`${jsonText(line)}\n`);
  }
}

/** A flow of which `rest` is written already, with room for a byte more. */
function writeRest(rows: RowBytes, stream: number, rest: Uint8Array): void {
  rows.text(STREAM_PREFIX);
  rows.text(String(stream), rest.length + 1);
  rows.copy(rest);
}
