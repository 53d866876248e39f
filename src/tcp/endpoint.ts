// In: nothing. Out: the row of what an observer can know of one endpoint: RFC 9293's variables and where its history lies.

import { layout, Row } from '../flow/rows.ts';

/** Bits of `Endpoint.bits`. */
export const EndpointBit = {
  /** `iss` is known: its SYN was captured, or the peer's acknowledgment of it. */
  ISS_KNOWN: 1 << 0,
  /** `sndNxt` is known. */
  NXT_KNOWN: 1 << 1,
  /** `rcvNxt` is known: it has sent an acknowledgment. */
  RCV_KNOWN: 1 << 2,
  /** `finEnd` is known: its FIN was captured. */
  FIN_KNOWN: 1 << 3,
  /** `finEnd` is a guess: the peer acknowledged one number nobody saw sent, as if the capture had missed a FIN. */
  FIN_CANDIDATE: 1 << 4,
  /** `tsRecent` is known. */
  TS_KNOWN: 1 << 5,
  /** A hole was seen in what it sent; `gap` is where what follows the latest hole begins. */
  GAP: 1 << 6,
  /** Its SYN,ACK acknowledged data in the SYN (RFC 7413): from then on it may send data in SYN_RCVD. */
  FAST_OPEN: 1 << 7,
  /** Its SYN, or SYN,ACK, went out more than once: no time can be taken from it. */
  SYN_AGAIN: 1 << 8,
  /** `controlTs` is known. */
  CONTROL_TS: 1 << 9,
  /** `damagedEnd` is known: the end of its latest segment with a wrong checksum. */
  DAMAGED: 1 << 10,
  /** The peer acknowledged a segment with a wrong checksum: its checksums say nothing here (computed by the card later). */
  CHECKSUM_VOID: 1 << 11,
  /** It sent a SYN of its own accord / it answered one. */
  ACTIVE: 1 << 12,
  PASSIVE: 1 << 13,
  /** Some segment of it was captured. */
  SEEN: 1 << 14,
  /** ESTABLISHED, and nothing of its history waits for proof. */
  SETTLED: 1 << 15,
  /** `timeWaitSeconds` is known: it sent an ACK in TIME_WAIT, which starts the 2MSL again. */
  TIME_WAIT_AGAIN: 1 << 16,
  /** Letters of Zeek's history that come once a direction and are there (zeek-history.ts). */
  HISTORY_A: 1 << 17,
  HISTORY_D: 1 << 18,
  HISTORY_I: 1 << 19,
  HISTORY_Q: 1 << 20,
  HISTORY_R: 1 << 21,
} as const;

/** `Endpoint.shift` where no Window Scale option has been seen. */
export const SHIFT_UNKNOWN = -1;
/** Longest loop kept, microseconds; 0 is "unknown". */
export const MAX_LOOP = 0x7fffffff;

/** One endpoint of one incarnation of a connection. An incarnation's two endpoints are one record: A, then B. */
export class Endpoint extends Row {
  /** State now, and the state its history starts from, as far as is known now. */
  declare state: number;
  declare start: number;
  declare bits: number;
  /** Initial send sequence number. */
  declare iss: number;
  /** SND.NXT: one past the highest number it was seen to send, or that the peer acknowledged. */
  declare sndNxt: number;
  /** RCV.NXT: the highest acknowledgment it was seen to send. */
  declare rcvNxt: number;
  /** Its latest window in bytes, scaled if its shift is known, and the shift it announced. */
  declare window: number;
  declare shift: number;
  /** The number after its FIN. */
  declare finEnd: number;
  /** TS.Recent at its peer: the TSval of its latest in-order segment (RFC 7323 4.3). */
  declare tsRecent: number;
  declare gap: number;
  /** Shortest time, microseconds, from a segment to it passing the observer until its answer passed; 0: unknown. */
  declare loop: number;
  /** How often it sent something again since the peer last acknowledged something new, and when it first did. */
  declare unanswered: number;
  declare unansweredSeconds: number;
  declare unansweredNanoseconds: number;
  /** Number, TSval and IP identification of its latest SYN or FIN: the same again is a copy made by the network. */
  declare controlSeq: number;
  declare controlTs: number;
  declare controlId: number;
  declare damagedEnd: number;
  /** How often in a row something it was thought to have received was taken back because it sent its FIN again. */
  declare takenBack: number;
  /** When it last sent anything, and in which frame. */
  declare lastFrame: number;
  declare lastSeconds: number;
  declare lastNanoseconds: number;
  /** For Zeek's history: how often it sent payload again, and a zero window; the number of its latest RST. */
  declare resent: number;
  declare zeroWindows: number;
  declare resetSeq: number;
  declare timeWaitSeconds: number;
  declare timeWaitNanoseconds: number;
  /** Its history: index + 1 of the first and of the last step; 0 if there is none. */
  declare first: number;
  declare last: number;
  /** What that holds, in short; only history.ts follows it. */
  declare steps: number;
}

export const ENDPOINT_WORDS = layout(Endpoint, [
  // What plain data touches, in one cache line.
  'state',
  'bits',
  'sndNxt',
  'rcvNxt',
  'unanswered',
  'window',
  'shift',
  'tsRecent',
  'lastFrame',
  'lastSeconds',
  'lastNanoseconds',
  // The rest.
  'start',
  'iss',
  'finEnd',
  'gap',
  'loop',
  'unansweredSeconds',
  'unansweredNanoseconds',
  'controlSeq',
  'controlTs',
  'controlId',
  'damagedEnd',
  'takenBack',
  'resent',
  'zeroWindows',
  'resetSeq',
  'timeWaitSeconds',
  'timeWaitNanoseconds',
  'first',
  'last',
  'steps',
]);
