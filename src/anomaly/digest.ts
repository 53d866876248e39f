// In: a connection with its facts. Out: the few numbers of it that findings about the capture are judged by.
//
// Numbers only, side by side in one array: so a digest is handed from one thread to another as it is, and the tallies of
// capture-view.ts take it in wherever it was made. Addresses are ids, streams are numbers of whoever takes it in.

import type { Connection } from '../tcp/connection.ts';
import { FactBit, OddEvent, TICKS_PER_SECOND } from '../tcp/fact-rows.ts';
import type { FlowFacts, Moment, SideFacts } from '../tcp/flow-facts.ts';
import { Moment as LifeMoment, type TextbookLife } from '../tcp/textbook-life.ts';
import { isOldConnectionGoingOn, isOneSided } from './doubts.ts';
import { decidingReset, IDLE_SECONDS, type ResetKind } from './measures/reset-kind.ts';
import { silentSeconds, stayIn } from './measures/state-time.ts';
import { ANSWER_SECONDS, secondsToEnd } from './measures/waited.ts';

/** How an attempt to connect came out. */
export const Attempt = {
  COMPLETED: 0,
  REFUSED: 1,
  UNANSWERED: 2,
  HALF_OPEN: 3,
  RESET: 4,
  UNDECIDED: 5,
} as const;
export type Attempt = (typeof Attempt)[keyof typeof Attempt];

export const DigestBit = {
  /** The connection shows whether both directions were captured; one was. */
  TELLING: 1,
  ONE_SIDED: 2,
  /** Of its segments only SYN, FIN and RST were captured, though it had data. */
  CONTROL_ONLY: 4,
  /** An older connection goes on in this stream. */
  GOING_ON: 8,
  /** More than one SYN; a SYN-ACK that ignored the completion of the handshake. */
  RETRIED: 16,
  IGNORED: 32,
  /** Nobody freed the client's port: it stays in use after the connection. */
  HOLDS_PORT: 64,
  /** The silence before the reset may be a timeout that the client does not know. */
  IDLE_RESET: 128,
  /** A of the rows is `sides[1]`. */
  TURNED: 256,
  /** Side 0, side 1 has been silent in CLOSE_WAIT for a while. */
  SILENT_0: 512,
  SILENT_1: 1024,
} as const;

/** A side that has sat in CLOSE_WAIT for less is just closing. */
const CLOSE_WAIT_SECONDS = 1;

/** Resets that end a connection somebody was using, as opposed to those that are part of opening or closing. */
const BREAKING: ReadonlySet<ResetKind> = new Set([
  'aborted',
  'unanswered',
  'data-lost',
  'late-data',
  'idle',
  'idle-close',
  'injected',
]);

const FIELDS = [
  'bits',
  'stream',
  'address0',
  'port0',
  'address1',
  'port1',
  'firstFrame',
  'start',
  'end',
  'timeWaitSeconds',
  'segments',
  'payloadBytes',
  'missingBytes',
  'missingPlaces',
  'copies',
  'copiesFlagged',
  'opener',
  'attempt',
  'handshakeSeconds',
  'refusedFrame',
  'refusedTime',
  'retriedFrame',
  'retriedTime',
  'ignoredFrame',
  'ignoredTime',
  'resetSide',
  'resetFrame',
  'resetTime',
  'resetIdle',
  'closeWaitFrame0',
  'closeWaitTime0',
  'closeWaitAge0',
  'closeWaitFrame1',
  'closeWaitTime1',
  'closeWaitAge1',
] as const satisfies readonly (keyof FlowDigest)[];

/** Numbers of one digest. */
export const DIGEST_WORDS = FIELDS.length;

/** One number per name. */
export class FlowDigest {
  readonly words = new Float64Array(DIGEST_WORDS);

  /** A DigestBit set. */
  declare bits: number;
  /** Number of the connection, and ids and ports of its ends, numbered as in `flow.endpoints`. */
  declare stream: number;
  declare address0: number;
  declare port0: number;
  declare address1: number;
  declare port1: number;
  /** Its first frame; times in seconds since the start of the capture. */
  declare firstFrame: number;
  declare start: number;
  declare end: number;
  declare timeWaitSeconds: number;
  declare segments: number;
  declare payloadBytes: number;
  declare missingBytes: number;
  declare missingPlaces: number;
  declare copies: number;
  declare copiesFlagged: number;
  /** The side that sent the first SYN without ACK, or -1. */
  declare opener: number;
  /** An Attempt. */
  declare attempt: Attempt;
  /** From the first SYN, where it had to be repeated, else from the SYN that was answered. */
  declare handshakeSeconds: number;
  /** Where it was refused, retried, ignored. A time that is not known is NaN. */
  declare refusedFrame: number;
  declare refusedTime: number;
  declare retriedFrame: number;
  declare retriedTime: number;
  declare ignoredFrame: number;
  declare ignoredTime: number;
  /** Side of the reset that broke the connection, or -1; its silence before, in seconds. */
  declare resetSide: number;
  declare resetFrame: number;
  declare resetTime: number;
  declare resetIdle: number;
  /** Where side 0, side 1 is in CLOSE_WAIT at the end: the frame (0: a timer) and time of its entry and the seconds since; else frame -1. */
  declare closeWaitFrame0: number;
  declare closeWaitTime0: number;
  declare closeWaitAge0: number;
  declare closeWaitFrame1: number;
  declare closeWaitTime1: number;
  declare closeWaitAge1: number;
}

for (const [word, field] of FIELDS.entries()) {
  Object.defineProperty(FlowDigest.prototype, field, {
    get(this: FlowDigest) {
      return this.words[word];
    },
    set(this: FlowDigest, value: number) {
      this.words[word] = value;
    },
  });
}

/** Fills `digest` from `flow`. Nothing is kept of what it held before. */
export function digest(flow: FlowFacts, into: FlowDigest): void {
  const [a, b] = flow.sides;
  const [endpointA, endpointB] = flow.flow.endpoints;
  into.words.fill(0);
  into.bits = flow.turned ? DigestBit.TURNED : 0;
  into.stream = flow.flow.stream;
  into.address0 = a.addressId;
  into.port0 = endpointA.port;
  into.address1 = b.addressId;
  into.port1 = endpointB.port;
  into.firstFrame = flow.flow.frames[0];
  into.start = flow.flow.start;
  into.end = flow.flow.end;
  into.timeWaitSeconds = flow.timeWaitSeconds;
  digestQuality(flow, into);
  const { opener } = flow;
  into.opener = opener === null ? -1 : opener.index;
  // Numbers of two connections in one stream: no attempt of its own.
  if (opener !== null && (into.bits & DigestBit.GOING_ON) === 0) digestAttempt(flow, opener, into);
  digestReset(flow, into);
  into.closeWaitFrame0 = into.closeWaitFrame1 = -1;
  for (const side of flow.sides) digestCloseWait(flow, side, into);
}

/** Where the server closes first the client's port is free at once. */
export function freesClientPort(life: TextbookLife): boolean {
  return life.closer !== 0;
}

/** As `digest`, of a life by the book: completed, closed, whole. */
export function digestLife(life: TextbookLife, into: FlowDigest): void {
  const [a, b] = life.sides;
  into.words.fill(0);
  into.bits = freesClientPort(life) ? DigestBit.TELLING : DigestBit.TELLING | DigestBit.HOLDS_PORT;
  into.stream = life.stream;
  into.address0 = a.address;
  into.port0 = a.port;
  into.address1 = b.address;
  into.port1 = b.port;
  into.firstFrame = life.frames[LifeMoment.SYN]!;
  into.start = life.time(LifeMoment.SYN);
  into.end = life.time(LifeMoment.LAST_ACK);
  into.timeWaitSeconds = life.timeWaitSeconds;
  into.segments = a.segments + b.segments;
  into.payloadBytes = a.payloadBytes + b.payloadBytes;
  into.opener = 0;
  into.attempt = Attempt.COMPLETED;
  into.handshakeSeconds = life.irtt;
  into.resetSide = into.closeWaitFrame0 = into.closeWaitFrame1 = -1;
}

/** As `digest`, of a connection of which a single SYN by the book is all there will ever be. */
export function digestLoneSyn(syn: Connection, start: number, timeWaitSeconds: number, into: FlowDigest): void {
  into.words.fill(0);
  into.stream = syn.stream;
  into.address0 = syn.addressA;
  into.port0 = syn.portA;
  into.address1 = syn.addressB;
  into.port1 = syn.portB;
  into.firstFrame = syn.firstFrame;
  into.start = into.end = start;
  into.timeWaitSeconds = timeWaitSeconds;
  into.segments = 1;
  into.opener = 0;
  into.attempt = Attempt.UNANSWERED;
  into.resetSide = into.closeWaitFrame0 = into.closeWaitFrame1 = -1;
}

function digestQuality(flow: FlowFacts, into: FlowDigest): void {
  const [a, b] = flow.sides;
  for (const { trouble, odd, analysis, payloadBytes } of flow.sides) {
    into.segments += analysis.segments;
    into.payloadBytes += payloadBytes;
    into.missingBytes += trouble.missingBytes;
    into.missingPlaces += trouble.missingPlaces;
    into.copies += odd.copies;
    into.copiesFlagged += odd.copiesFlagged;
  }
  let bits = 0;
  if (a.has(FactBit.ACKED) || b.has(FactBit.ACKED)) bits |= DigestBit.TELLING;
  if (isOneSided(flow)) bits |= DigestBit.ONE_SIDED;
  if (isOldConnectionGoingOn(flow)) bits |= DigestBit.GOING_ON;
  const control =
    a.syns + a.synAcks + a.reset.count + a.odd.finsAgain + b.syns + b.synAcks + b.reset.count + b.odd.finsAgain;
  const fins = (a.has(FactBit.FIN) ? 1 : 0) + (b.has(FactBit.FIN) ? 1 : 0);
  if (into.payloadBytes === 0 && into.missingBytes > 0 && into.segments <= control + fins) {
    bits |= DigestBit.CONTROL_ONLY;
  }
  into.bits |= bits;
}

function digestAttempt(flow: FlowFacts, opener: SideFacts, into: FlowDigest): void {
  const other = flow.other(opener);
  const attempt = attemptOf(flow, opener, other);
  into.attempt = attempt;
  if (attempt === Attempt.COMPLETED) {
    into.handshakeSeconds = opener.syns > 1 ? opener.odd.synLastTick / TICKS_PER_SECOND : flow.irtt;
    // Where the server closes first, or somebody resets, the client's port is free at once.
    const { closer } = flow.endpoint(opener);
    if (closer !== 'passive' && closer !== 'reset') into.bits |= DigestBit.HOLDS_PORT;
  } else if (attempt === Attempt.REFUSED) {
    const at = flow.reset(other);
    into.refusedFrame = at.frame;
    into.refusedTime = secondsAt(at);
  }
  if (opener.syns > 1) {
    const at = flow.odd(opener, OddEvent.SYN_AGAIN);
    into.bits |= DigestBit.RETRIED;
    into.retriedFrame = at.frame;
    into.retriedTime = secondsAt(at);
  }
  if (other.odd.synAckIgnoring > 0) {
    const at = flow.odd(other, OddEvent.SYN_ACK_IGNORING);
    into.bits |= DigestBit.IGNORED;
    into.ignoredFrame = at.frame;
    into.ignoredTime = secondsAt(at);
  }
}

function attemptOf(flow: FlowFacts, opener: SideFacts, other: SideFacts): Attempt {
  if (opener.has(FactBit.ACKED) && other.has(FactBit.ACKED) && other.sentSynAck) return Attempt.COMPLETED;
  if (other.reset.count > 0 && !other.sentSynAck) return Attempt.REFUSED;
  const waited = opener.syns > 1 || other.synAcks > 1 || secondsToEnd(flow, flow.facts.tick) >= ANSWER_SECONDS;
  if (other.analysis.segments === 0) {
    // Whoever goes on after its SYN got an answer that was not captured.
    if (opener.analysis.segments > opener.syns + opener.odd.copies + opener.reset.count) return Attempt.UNDECIDED;
    return opener.reset.count > 0 ? Attempt.RESET : waited ? Attempt.UNANSWERED : Attempt.UNDECIDED;
  }
  if (!other.sentSynAck) return Attempt.UNDECIDED;
  if (opener.reset.count > 0 || other.reset.count > 0) return Attempt.RESET;
  return waited ? Attempt.HALF_OPEN : Attempt.UNDECIDED;
}

function digestReset(flow: FlowFacts, into: FlowDigest): void {
  const reset = decidingReset(flow);
  into.resetSide = -1;
  if (reset === null || !BREAKING.has(reset.kind)) return;
  const at = flow.reset(reset.side);
  into.resetSide = reset.side.index;
  into.resetFrame = at.frame;
  into.resetTime = secondsAt(at);
  into.resetIdle = reset.idle;
  // A client that ends its own idle connections has a pool that works; anybody else has a timeout the client does not know.
  const isOwn = reset.kind === 'idle-close' && flow.opener === reset.side;
  if (reset.idle >= IDLE_SECONDS && !isOwn) into.bits |= DigestBit.IDLE_RESET;
}

function digestCloseWait(flow: FlowFacts, side: SideFacts, into: FlowDigest): void {
  if (flow.endpoint(side).finalState !== 'CLOSE_WAIT') return;
  const stay = stayIn(flow, side, 'CLOSE_WAIT');
  if (stay === null) return;
  const { frame, time } = stay.entry;
  const isSilent = silentSeconds(flow, side, stay) >= CLOSE_WAIT_SECONDS;
  if (side.index === 0) {
    into.closeWaitFrame0 = frame;
    into.closeWaitTime0 = time;
    into.closeWaitAge0 = flow.captureEnd - time;
    if (isSilent) into.bits |= DigestBit.SILENT_0;
  } else {
    into.closeWaitFrame1 = frame;
    into.closeWaitTime1 = time;
    into.closeWaitAge1 = flow.captureEnd - time;
    if (isSilent) into.bits |= DigestBit.SILENT_1;
  }
}

/** NaN where the time is not known. */
function secondsAt({ time }: Moment): number {
  return time ?? Number.NaN;
}
