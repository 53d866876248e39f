// In: a FlowResult. Out: its JSON, written into bytes; the same as json-text.ts says.
//
// A connection's JSON has some 1,700 characters, four fifths of them names and words known beforehand. As an object that JSON.stringify
// looks through, a string that is searched for what a terminal obeys, and its encoding, it took 20 µs; the known words copied as bytes
// and the numbers written between them take a tenth. What few connections have (a crosswalk, further lives) goes the plain
// way. json-text.ts is what is right; this file is only fast.

import { EVENTS } from '../tcp/event.ts';
import type { EndpointResult, Evidence, FindingResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';
import { STATES } from '../tcp/state.ts';
import { jsonText } from './json-text.ts';
import { type RowBytes, Words } from './row-bytes.ts';

/** What stands before the number of the stream, with which the JSON begins. */
export const STREAM_PREFIX = '{"stream":';

const STREAM = new Words(STREAM_PREFIX);
const ID = new Words(',"id":');
const VERDICT = new Words(',"verdict":');
const CROSSWALK = new Words(',"crosswalk":');
const COMPLETENESS = new Words(',"completeness":');
const START = new Words(',"start":');
const END = new Words(',"end":');
const FRAMES = new Words(',"frames":[');
const SEGMENTS = new Words(',"segments":');
const FRAMES_END = new Words('],"segments":');
const ENDPOINTS = new Words(',"endpoints":[');
const FINDINGS = new Words('],"findings":');
const APP = new Words(',"app":');
const FURTHER_LIVES = new Words(',"furtherLives":');
const REVISED = new Words(',"revised":true');
const EVICTED = new Words(',"evicted":true');

const ADDR = new Words('{"addr":');
const PORT = new Words(',"port":');
const OPENER = new Words(',"opener":');
const CLOSER = new Words(',"closer":');
const FINAL_STATE = new Words(',"finalState":');
const STATES_BEGIN = new Words(',"states":[');
const PAYLOAD_BYTES = new Words(',"payloadBytes":');
const RETRANSMITTED = new Words(',"retransmittedSegments":');
const LIKELY_ROLE = new Words(',"likelyRole":');

/** What stands before the time of a state entry, and behind its frame, by what it says. */
const ENTERED = new Map<string, Words>(STATES.map((state) => [state, new Words(`{"state":"${state}","time":`)]));
const FRAME = new Words(',"frame":');
const START_STATE = new Words('null,"frame":null,"cause":null,"evidence":"assumed"}');
const CAUSED = new Map<string | null, Readonly<Record<Evidence | 'confirmed', Words>>>(
  [...EVENTS, null].map((cause) => {
    const words = (end: string) => new Words(`,"cause":${JSON.stringify(cause)},"evidence":${end}`);
    return [
      cause,
      {
        observed: words('"observed"}'),
        inferred: words('"inferred"}'),
        timer: words('"timer"}'),
        assumed: words('"assumed"}'),
        confirmed: words('"inferred","confirmedBy":'),
      },
    ];
  }),
);
const NULL = new Words('null');

const CODE = new Words('{"code":');
const SEVERITY = new Words(',"severity":');
const TIME = new Words(',"time":');
const ENDPOINT = new Words(',"endpoint":');
const MESSAGE = new Words(',"message":');
const COUNT = new Words(',"count":');
const SHARE = new Words(',"share":');
const WORST_FRAME = new Words(',"worstFrame":');
const CONFIDENCE = new Words(',"confidence":');
const BECAUSE = new Words(',"because":');

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** Room made before and behind each text and state entry: more than all names and numbers up to the next take. */
const ROOM = 512;

export function writeFlow(out: RowBytes, flow: FlowResult): void {
  out.makeRoom(ROOM);
  out.words(STREAM);
  out.decimal(flow.stream);
  out.words(ID);
  writeText(out, flow.id);
  out.words(VERDICT);
  writeText(out, flow.verdict);
  if (flow.crosswalk !== undefined) {
    out.words(CROSSWALK);
    writeAny(out, flow.crosswalk);
  }
  out.words(COMPLETENESS);
  out.decimal(flow.completeness);
  out.words(START);
  out.decimal(flow.start);
  out.words(END);
  out.decimal(flow.end);
  out.words(FRAMES);
  out.decimal(flow.frames[0]);
  out.byte(COMMA);
  out.decimal(flow.frames[1]);
  out.words(FRAMES_END);
  out.decimal(flow.segments);
  out.words(ENDPOINTS);
  writeEndpoint(out, flow.endpoints[0]);
  out.byte(COMMA);
  writeEndpoint(out, flow.endpoints[1]);
  out.words(FINDINGS);
  writeFindings(out, flow.findings);
  out.words(APP);
  writeText(out, flow.app);
  if (flow.furtherLives !== undefined) {
    out.words(FURTHER_LIVES);
    writeAny(out, flow.furtherLives);
  }
  if (flow.revised) out.words(REVISED);
  if (flow.evicted) out.words(EVICTED);
  out.byte(CLOSE_BRACE);
}

function writeEndpoint(out: RowBytes, endpoint: EndpointResult): void {
  const { states } = endpoint;
  out.words(ADDR);
  writeText(out, endpoint.addr);
  out.words(PORT);
  out.decimal(endpoint.port);
  out.words(OPENER);
  writeText(out, endpoint.opener);
  out.words(CLOSER);
  if (endpoint.closer === null) out.words(NULL);
  else writeText(out, endpoint.closer);
  out.words(FINAL_STATE);
  writeText(out, endpoint.finalState);
  out.words(STATES_BEGIN);
  for (let i = 0; i < states.length; i++) {
    if (i > 0) out.byte(COMMA);
    out.makeRoom(ROOM);
    writeEntry(out, states[i]!);
  }
  out.makeRoom(ROOM);
  out.byte(CLOSE_BRACKET);
  out.words(SEGMENTS);
  out.decimal(endpoint.segments);
  out.words(PAYLOAD_BYTES);
  out.decimal(endpoint.payloadBytes);
  out.words(RETRANSMITTED);
  out.decimal(endpoint.retransmittedSegments);
  if (endpoint.likelyRole !== undefined) {
    out.words(LIKELY_ROLE);
    writeAny(out, endpoint.likelyRole);
  }
  out.byte(CLOSE_BRACE);
}

function writeEntry(out: RowBytes, entry: StateEntry): void {
  const { time, frame, cause, evidence, confirmedBy } = entry;
  if (confirmedBy !== undefined && evidence !== 'inferred') {
    writeAny(out, entry);
    return;
  }
  out.words(ENTERED.get(entry.state)!);
  if (time === null && frame === null && cause === null && evidence === 'assumed') {
    out.words(START_STATE);
    return;
  }
  writeNumber(out, time);
  out.words(FRAME);
  writeNumber(out, frame);
  const caused = CAUSED.get(cause)!;
  if (confirmedBy === undefined) out.words(caused[evidence]);
  else {
    out.words(caused.confirmed);
    out.decimal(confirmedBy);
    out.byte(CLOSE_BRACE);
  }
}

function writeFindings(out: RowBytes, findings: readonly FindingResult[]): void {
  out.byte(OPEN_BRACKET);
  for (let i = 0; i < findings.length; i++) {
    if (i > 0) out.byte(COMMA);
    out.makeRoom(ROOM);
    writeFinding(out, findings[i]!);
  }
  out.makeRoom(ROOM);
  out.byte(CLOSE_BRACKET);
}

function writeFinding(out: RowBytes, finding: FindingResult): void {
  out.words(CODE);
  writeText(out, finding.code);
  out.words(SEVERITY);
  writeText(out, finding.severity);
  out.words(FRAME);
  writeNumber(out, finding.frame);
  out.words(TIME);
  writeNumber(out, finding.time);
  out.words(ENDPOINT);
  writeNumber(out, finding.endpoint);
  out.words(MESSAGE);
  writeText(out, finding.message);
  out.words(COUNT);
  out.decimal(finding.count);
  out.words(SHARE);
  writeNumber(out, finding.share);
  out.words(WORST_FRAME);
  writeNumber(out, finding.worstFrame);
  out.words(CONFIDENCE);
  writeText(out, finding.confidence);
  if (finding.because !== undefined) {
    out.words(BECAUSE);
    writeText(out, finding.because);
  }
  out.byte(CLOSE_BRACE);
}

function writeNumber(out: RowBytes, value: number | null): void {
  if (value === null) out.words(NULL);
  else out.decimal(value);
}

function writeText(out: RowBytes, text: string): void {
  out.makeRoom(text.length + 2 + ROOM);
  out.byte(QUOTE);
  if (out.plain(text)) out.byte(QUOTE);
  else {
    out.length--;
    out.text(jsonText(text), ROOM);
  }
}

function writeAny(out: RowBytes, value: object): void {
  out.text(jsonText(value), ROOM);
}
