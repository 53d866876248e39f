// In: nothing. Out: the row of one life of a 4-tuple, from its SYN to its end.
//
// Wireshark's stream and a connection's life can differ. A SYN with a new number starts a stream, but it may be forged, or an
// old duplicate, or refused by a TIME_WAIT: the older life then goes on under the new stream. And an old duplicate SYN at a
// listener begins a life inside the old stream. So each stream has at least one incarnation, and a segment is given to the
// one its numbers fit.

import { layout, Row } from '../flow/rows.ts';

/** Bits of `Incarnation.bits`. */
export const IncarnationBit = {
  /** A here is B of the older incarnation. */
  FLIPPED: 1,
  /** Its SYN was not its sender's: nothing came of it, and the older incarnation went on. */
  STILLBORN: 2,
} as const;

/** One life of a 4-tuple. Its two endpoints lie in a record of their own under the same index. */
export class Incarnation extends Row {
  declare bits: number;
  /** Index + 1 of the life before it on the same 4-tuple, and of the one after; 0 if there is none. */
  declare older: number;
  declare newer: number;
  /** Index + 1 of the connection it belongs to, and how many lives of other connections have it as `older`. */
  declare owner: number;
  declare holders: number;
  /** Index + 1 of the next incarnation of the same stream; 0 if there is none. */
  declare next: number;
  /** Its first frame. */
  declare firstFrame: number;
  declare firstSeconds: number;
  declare firstNanoseconds: number;
  /** Zeek's history: number of letters, and the letters packed (zeek-history.ts). */
  declare letters: number;
  declare letters0: number;
  declare letters1: number;
  declare letters2: number;
  declare letters3: number;
}

export const INCARNATION_WORDS = layout(Incarnation, [
  'bits',
  'older',
  'newer',
  'owner',
  'holders',
  'next',
  'firstFrame',
  'firstSeconds',
  'firstNanoseconds',
  'letters',
  'letters0',
  'letters1',
  'letters2',
  'letters3',
]);
