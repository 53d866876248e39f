// In: nothing. Out: the row of what Wireshark's sequence analysis keeps per direction.

import { layout, Row } from '../flow/rows.ts';

/**
 * Sequence analysis state of one direction, under the names of the reference rules (tshark 4.0.17). A connection's
 * two directions are one record: direction 0 (A to B), then direction 1.
 */
export class Direction extends Row {
  /** Number subtracted for display; meaningful if `baseKnown`. */
  declare base: number;
  declare baseKnown: number;
}

export const DIRECTION_WORDS = layout(Direction, ['base', 'baseKnown']);
