// In: flows and the capture. Out: the documents of schema/analysis.schema.json: one JSON document, or one object a line.

import { textMemory } from '../linear/memory.ts';
import type { CaptureResult, FlowResult } from '../tcp/flow-result.ts';
import type { TextbookLife } from '../tcp/textbook-life.ts';
import { FindingCounts, type Said } from './finding-counts.ts';
import { STREAM_PREFIX, writeFlow } from './flow-json.ts';
import { jsonText } from './json-text.ts';
import { writeLife } from './life-json.ts';
import type { ByteSink } from './sink.ts';

export const ANALYSIS_SCHEMA = 'tcpstate.analysis/1';

/**
 * Text of flows held back so that `capture`, known only at the end, can come first. A larger document has it last: the same
 * document (the members of an object have no order), in bounded memory.
 */
const HELD_BACK_CHARACTERS = 16 << 20;

const LINE_END = 0x0a;
const decoder = new TextDecoder();

export interface AnalysisPrinter {
  flow(flow: FlowResult): void | Promise<void>;
  life?(life: TextbookLife): void | Promise<void>;
  /** As `flow`, of one that was written elsewhere: `rest` is its JSON from behind the number of the stream on. Borrowed. */
  written(said: Said, rest: Uint8Array): Promise<void> | undefined;
  end(capture: CaptureResult): void | Promise<void>;
}

/** `--format json`: one document, flows in the order they are told, one a line. */
export class JsonPrinter implements AnalysisPrinter {
  readonly #sink: ByteSink;
  readonly #findings = new FindingCounts();
  #held = '';
  #flows = 0;
  #isStreaming = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  flow(flow: FlowResult): void | Promise<void> {
    this.#findings.add(flow);
    return this.#add(jsonText(flow));
  }

  written(said: Said, rest: Uint8Array): Promise<void> | undefined {
    this.#findings.add(said);
    return this.#add(`${STREAM_PREFIX}${said.stream}${decoder.decode(rest)}`);
  }

  #add(flow: string): Promise<void> | undefined {
    const text = `${this.#flows++ === 0 ? '' : ',\n'}${flow}`;
    if (this.#isStreaming) {
      this.#sink.write(text);
      return this.#sink.ready();
    }
    this.#held += text;
    if (this.#held.length < HELD_BACK_CHARACTERS) return undefined;
    this.#isStreaming = true;
    this.#sink.write(`{\n"schema": "${ANALYSIS_SCHEMA}",\n"flows": [\n${this.#held}`);
    this.#held = '';
    return this.#sink.ready();
  }

  end(capture: CaptureResult): void {
    this.#findings.addCapture(capture);
    const captureText = `"capture": ${jsonText(capture)}`;
    const findingsText = `"findings": ${jsonText(this.#findings.toObject())}`;
    if (this.#isStreaming) {
      this.#sink.write(`\n],\n${findingsText},\n${captureText}\n}\n`);
      return;
    }
    const flows = this.#flows === 0 ? '[]' : `[\n${this.#held}\n]`;
    this.#sink.write(`{\n"schema": "${ANALYSIS_SCHEMA}",\n${captureText},\n"flows": ${flows},\n${findingsText}\n}\n`);
  }
}

/** `--format ndjson`: a flow a line, as soon as it is told; last a line about the capture. */
export class NdjsonPrinter implements AnalysisPrinter {
  readonly #sink: ByteSink;
  readonly #findings = new FindingCounts();
  #printed: number;

  /** `printed`: so many flows have been printed before; they only count. */
  constructor(sink: ByteSink, printed = 0) {
    this.#sink = sink;
    sink.lieIn(textMemory());
    this.#printed = printed;
  }

  written(said: Said, rest: Uint8Array): Promise<void> | undefined {
    this.#findings.addLatest(said);
    const { rows } = this.#sink;
    rows.text(STREAM_PREFIX);
    rows.text(String(said.stream), rest.length + 1);
    rows.copy(rest);
    rows.byte(LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  flow(flow: FlowResult): void | Promise<void> {
    this.#findings.addLatest(flow);
    if (this.#printed-- > 0) return;
    const { rows } = this.#sink;
    writeFlow(rows, flow);
    rows.byte(LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  /** As `flow`, of a life by the book, of which nothing was found. */
  life(life: TextbookLife): void | Promise<void> {
    if (this.#printed-- > 0) return;
    const { rows } = this.#sink;
    writeLife(rows, life);
    rows.byte(LINE_END);
    this.#sink.rowWritten();
    return this.#sink.ready();
  }

  end(capture: CaptureResult): void {
    this.#findings.addCapture(capture);
    const line = { type: 'capture', schema: ANALYSIS_SCHEMA, ...capture, findings: this.#findings.toObject() };
    this.#sink.write(`${jsonText(line)}\n`);
  }
}
