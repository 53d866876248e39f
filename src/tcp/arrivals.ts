// In: a finished connection and its segments as they passed the capture point. Out: those that, by what followed, never
// arrived at the other end.
//
// Only what the later segments leave no doubt of. Data is lost where the receiver asked for it with duplicate ACKs and had
// not got it when it was sent again; a SYN,ACK or FIN is lost where the receiver's history begins with a later copy of it.

import { Flag } from '../wire/packet.ts';
import { seqAfter, seqBefore } from '../wire/seq.ts';
import { AnalysisFlag } from './analysis-flag.ts';
import type { FlowResult } from './flow-result.ts';

/** One segment of a connection; its numbers are relative to the first one of each direction, as Wireshark prints them. */
export interface SentSegment {
  /** Its place among the connection's segments, from 0. */
  index: number;
  frame: number;
  /** Index into `endpoints`. */
  sender: 0 | 1;
  /** Flag bits of the header. */
  flags: number;
  /** AnalysisFlag bits. */
  analysis: number;
  seq: number;
  ack: number;
  /** Payload bytes. */
  length: number;
  /** Left and right edge of the first SACK block; null without SACK. */
  sack: readonly [left: number, right: number] | null;
}

/** A later copy of sent data; Wireshark calls it out of order where it follows within a round trip. */
const SENT_AGAIN = AnalysisFlag.RETRANSMISSION | AnalysisFlag.FAST_RETRANSMISSION | AnalysisFlag.OUT_OF_ORDER;
const SYN_ACK = Flag.SYN | Flag.ACK;

/** What of one direction's data is under way. */
class Sent {
  /** The latest frame by sequence number, and whether a duplicate ACK asked for it since. */
  readonly #bySeq = new Map<number, { frame: number; isAskedFor: boolean }>();
  /** Sequence numbers of what `lost` holds, by frame. */
  readonly #lostSeqs = new Map<number, number>();
  readonly #lost: Set<number>;
  #highestAck: number | null = null;

  constructor(lost: Set<number>) {
    this.#lost = lost;
  }

  send({ frame, seq, analysis }: SentSegment): void {
    const before = this.#bySeq.get(seq);
    this.#bySeq.set(seq, { frame, isAskedFor: false });
    if (before === undefined || !before.isAskedFor || (analysis & SENT_AGAIN) === 0) return;
    if (this.#highestAck !== null && seqAfter(this.#highestAck, seq)) return;
    this.#lost.add(before.frame);
    this.#lostSeqs.set(before.frame, seq);
  }

  /** Takes in a segment of the receiver. */
  acknowledge({ ack, analysis, sack }: SentSegment): void {
    if (this.#highestAck === null || seqAfter(ack, this.#highestAck)) this.#highestAck = ack;
    if (sack !== null && seqBefore(sack[0], ack)) this.#arrivedTwice(sack[0], sack[1]);
    if ((analysis & AnalysisFlag.DUPLICATE_ACK) === 0) return;
    const asked = this.#bySeq.get(ack);
    if (asked !== undefined) asked.isAskedFor = true;
  }

  /** A first SACK block below the acknowledgment tells of data that came twice (D-SACK, RFC 2883 4): it was only late. */
  #arrivedTwice(left: number, right: number): void {
    for (const [frame, seq] of this.#lostSeqs) {
      if (seqBefore(seq, left) || !seqBefore(seq, right)) continue;
      this.#lost.delete(frame);
      this.#lostSeqs.delete(frame);
    }
  }
}

/** The frames of the segments that did not arrive. A gap in the segments' indices ends what is known of earlier ones. */
export function lostFrames(flow: FlowResult, segments: readonly SentSegment[]): Set<number> {
  const lost = new Set<number>();
  let sent: [Sent, Sent] = [new Sent(lost), new Sent(lost)];
  let next = 0;
  for (const segment of segments) {
    if (segment.index !== next) sent = [new Sent(lost), new Sent(lost)];
    next = segment.index + 1;
    if ((segment.flags & Flag.ACK) !== 0) sent[segment.sender === 0 ? 1 : 0].acknowledge(segment);
    if (segment.length > 0) sent[segment.sender].send(segment);
  }
  addLostControl(flow, segments, lost);
  return lost;
}

/** SYN,ACKs and FINs sent before the copy that moved the receiver. */
function addLostControl(flow: FlowResult, segments: readonly SentSegment[], lost: Set<number>): void {
  const byFrame = new Map(segments.map((segment) => [segment.frame, segment]));
  for (const sender of [0, 1] as const) {
    for (const { cause, frame } of flow.endpoints[sender === 0 ? 1 : 0].states) {
      if (frame === null || (cause !== 'rcv SYN,ACK' && cause !== 'rcv FIN')) continue;
      const mask = cause === 'rcv FIN' ? Flag.FIN : SYN_ACK;
      const arrived = byFrame.get(frame);
      // A FIN that waited behind missing data is taken in with the segment that brought the data.
      if (arrived === undefined || (arrived.flags & mask) !== mask) continue;
      const sending = cause === 'rcv FIN' ? 'snd FIN' : 'snd SYN,ACK';
      const first = flow.endpoints[sender].states.findLast(
        (entry) => entry.cause === sending && entry.frame !== null && entry.frame <= frame,
      )?.frame;
      if (first === undefined || first === null) continue;
      for (const segment of segments) {
        const isCopy = (segment.flags & mask) === mask && segment.seq === arrived.seq;
        if (segment.sender === sender && isCopy && segment.frame >= first && segment.frame < frame)
          lost.add(segment.frame);
      }
    }
  }
}
