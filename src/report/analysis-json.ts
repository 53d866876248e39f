// In: flows and the capture. Out: the documents of schema/analysis.schema.json: one JSON document, or one object a line.

import type { CaptureResult, FlowResult } from '../tcp/flow-result.ts';
import { STREAM_PREFIX, writeFlow } from './flow-json.ts';
import { jsonText } from './json-text.ts';
import type { ByteSink } from './sink.ts';

export const ANALYSIS_SCHEMA = 'tcpstate.analysis/1';

/**
 * Text of flows held back so that `capture`, known only at the end, can come first. A larger document has it last: the same
 * document (the members of an object have no order), in bounded memory.
 */
const HELD_BACK_CHARACTERS = 16 << 20;

const LINE_END = 0x0a;
const decoder = new TextDecoder();

/** What the sums over all flows need to know of one. */
export interface Said {
  stream: number;
  revised?: true;
  findings: { code: string; count: number }[];
}

export interface AnalysisPrinter {
  flow(flow: FlowResult): void | Promise<void>;
  /** As `flow`, of one that was written elsewhere: `rest` is its JSON from behind the number of the stream on. Borrowed. */
  written(said: Said, rest: Uint8Array): Promise<void> | undefined;
  end(capture: CaptureResult): void | Promise<void>;
}

/** More connections than are held for a revision once they have been told of. */
const REMEMBERED = 200_000;

/** How often each finding occurs, over all flows and in the capture as a whole. */
class FindingCounts {
  readonly #counts = new Map<string, number>();
  /**
   * By stream: the findings told last, of the streams told latest, and of those before them. Two maps, of which the older is dropped whole:
   * taking the oldest out of one map one by one makes each look past all that went before.
   */
  #said = new Map<number, [string, number][]>();
  #saidBefore = new Map<number, [string, number][]>();

  add(flow: Said): void {
    for (const { code, count } of flow.findings) this.#add(code, count);
  }

  /** As `add`; what was said of the connection before, if it was, counts no more. Remembers what was said last of many. */
  addLatest(flow: Said): void {
    const { findings, stream } = flow;
    if (flow.revised) {
      for (const [code, count] of this.#said.get(stream) ?? this.#saidBefore.get(stream) ?? []) this.#add(code, -count);
      this.#said.delete(stream);
      this.#saidBefore.delete(stream);
    }
    this.add(flow);
    if (findings.length === 0) return;
    this.#said.set(
      stream,
      findings.map(({ code, count }) => [code, count]),
    );
    if (this.#said.size < REMEMBERED) return;
    this.#saidBefore = this.#said;
    this.#said = new Map();
  }

  #add(code: string, count: number): void {
    const sum = (this.#counts.get(code) ?? 0) + count;
    if (sum === 0) this.#counts.delete(code);
    else this.#counts.set(code, sum);
  }

  /** Those of the capture as a whole. */
  addCapture(capture: CaptureResult): void {
    for (const { code, count } of capture.captureFindings)
      this.#counts.set(code, (this.#counts.get(code) ?? 0) + count);
  }

  toObject(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
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
    this.#printed = printed;
  }

  written(said: Said, rest: Uint8Array): Promise<void> | undefined {
    this.#findings.addLatest(said);
    const { rows } = this.#sink;
    rows.text(STREAM_PREFIX);
    rows.text(String(said.stream), rest.length + 1);
    rows.block.set(rest, rows.length);
    rows.length += rest.length;
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

  end(capture: CaptureResult): void {
    this.#findings.addCapture(capture);
    const line = { type: 'capture', schema: ANALYSIS_SCHEMA, ...capture, findings: this.#findings.toObject() };
    this.#sink.write(`${jsonText(line)}\n`);
  }
}
