// In: nothing. Out: what a part tells the one who joins the parts: a few large arrays at a time, handed over without a copy.
//
//   opens   one record a connection, in the order of their first frames: frame | version | address A 4 | address B 4
//   rows    size | kind | sweep | place | stream | ...      numbers; the stream as the part counts
//             DIGEST    the words of a FlowDigest
//             FLOW      length of its text | 1: revised | code, count of each finding
//             RELEASED
//   text    of the flows in `rows`, one after the other: the JSON from behind the number of the stream on

import type { Passage } from '../analyze.ts';

export const OPEN_WORDS = 10;
/** Numbers before what is of a kind its own. */
export const ROW_HEADER = 5;
export const Row = { SIZE: 0, KIND: 1, SWEEP: 2, PLACE: 3, STREAM: 4 } as const;
export const RowKind = { DIGEST: 0, FLOW: 1, RELEASED: 2 } as const;

export interface Batch {
  readonly kind: 'batch';
  readonly opens: Int32Array<ArrayBuffer>;
  readonly rows: Float64Array<ArrayBuffer>;
  readonly text: Uint8Array<ArrayBuffer>;
  /** All that is to be told up to this frame has been told, with this batch. */
  readonly through: number;
}

/** More connections at once than may be held: whom to let go then is decided by one who holds them all. */
export class TooManyFlows extends Error {
  override name = 'TooManyFlows';
}

/** What a part sends. */
export type Message =
  | Batch
  | { readonly kind: 'end'; readonly passage: Passage }
  | { readonly kind: 'error'; readonly name: string; readonly message: string; readonly stack: string };
