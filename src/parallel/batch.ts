// In: nothing. Out: what a part tells the one who joins the parts: a few large arrays at a time, rows and text in pages of memory that both see.
//
//   opens   one record a connection, in the order of their first frames: frame | version | address A 4 | address B 4
//   rows    size | kind | sweep | place | stream | ...      numbers; the stream as the part counts
//             DIGEST    the words of a FlowDigest
//             FLOW      length of its text | 1: revised | code, count of each finding
//             RELEASED
//   text    of the flows in `rows`, one after the other: their JSON, in which each is stream 0

import type { Passage } from '../analyze.ts';

export const OPEN_WORDS = 10;
/** Numbers before what is of a kind its own. */
export const ROW_HEADER = 5;
export const Row = { SIZE: 0, KIND: 1, SWEEP: 2, PLACE: 3, STREAM: 4 } as const;
export const RowKind = { DIGEST: 0, FLOW: 1, RELEASED: 2 } as const;

export interface Batch {
  readonly kind: 'batch';
  readonly opens: Int32Array<ArrayBuffer>;
  /** Borrowed, and `text` too: the page is used again once the rows have been taken. */
  readonly rows: Float64Array;
  readonly text: Uint8Array;
  /** All that is to be told up to this frame has been told, with this batch. */
  readonly through: number;
}

/** What fits a page; a batch of more travels by itself. */
export const PAGE_ROWS = 1 << 16;
export const PAGE_TEXT_BYTES = 1 << 19;
const PAGE_ROW_BYTES = PAGE_ROWS * Float64Array.BYTES_PER_ELEMENT;
/** Batches with rows of a part that are on their way or wait to be joined; then it waits. */
export const BATCHES_AHEAD = 8;

/** Pages of a part, written in turn. */
export function pagesFor(): readonly SharedArrayBuffer[] {
  return Array.from({ length: BATCHES_AHEAD }, () => new SharedArrayBuffer(PAGE_ROW_BYTES + PAGE_TEXT_BYTES));
}

export function rowsOn(page: SharedArrayBuffer, count: number): Float64Array {
  return new Float64Array(page, 0, count);
}

export function textOn(page: SharedArrayBuffer, length: number): Uint8Array {
  return new Uint8Array(page, PAGE_ROW_BYTES, length);
}

/** More connections at once than may be held, or than memory holds: whom to let go then is decided by one who holds them all. */
export class TooManyFlows extends Error {
  override name = 'TooManyFlows';
}

/** What a part sends. */
export type Message =
  | Batch
  | { readonly kind: 'end'; readonly passage: Passage }
  | { readonly kind: 'error'; readonly name: string; readonly message: string; readonly stack: string };
