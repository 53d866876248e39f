// In: the row of a segment, and words of its connection. Out: what textbook.as.ts and plain.as.ts both keep of it.

import { add, get, put } from '../linear/words.as.ts';
import { Book, ConnectionWord, SegmentWord, Tick, TraceWord } from '../numbers.as.ts';
import { remember } from './content-memory.as.ts';

/** The IP identification in a print. */
export const ID_BITS = 0xffff0000;

/** Right edge of a window. */
export function edgeOf(ack: i32, window: i32, scale: i32): i32 {
  return ack + (scale > 0 ? window << scale : window);
}

/** See tickOf of facts.ts. */
export function tickOf(connection: i32, atSeconds: i32, atNanoseconds: i32): i32 {
  const seconds = atSeconds - get(connection, ConnectionWord.START_SECONDS);
  const nanoseconds = atNanoseconds - get(connection, ConnectionWord.START_NANOSECONDS);
  if (seconds > 0 && seconds < Tick.MOST / Tick.PER_SECOND - 1) {
    return <i32>(<f64>(seconds * Tick.PER_SECOND) + <f64>nanoseconds * Tick.PER_NANOSECOND);
  }
  if (seconds === 0 && nanoseconds >= 0) return <i32>(<f64>nanoseconds * Tick.PER_NANOSECOND);
  const ticks = <f64>seconds * Tick.PER_SECOND + <f64>nanoseconds / Tick.NANOSECONDS;
  return ticks <= 0 ? 0 : ticks >= <f64>Tick.MOST ? Tick.MOST : <i32>ticks;
}

/** Adds ticks to the word, if there are any: see addTicks of facts.ts. */
export function addTicks(at: i32, word: i32, ticks: i32): void {
  if (ticks > 0) put(at, word, <i32>min<i64>(<i64>get(at, word) + ticks, Tick.MOST));
}

/** Adds payload bytes to the two words from `word` on, the low one first. */
export function addBytes(at: i32, word: i32, bytes: i32): void {
  const low = <u32>get(at, word);
  put(at, word, low + bytes);
  if (low + bytes < low) add(at, word + 1, 1);
}

/** See ContentMemory. */
export function rememberPayload(trace: i32, row: i32, connection: i32, direction: i32): void {
  const print = get(row, SegmentWord.PAYLOAD_PRINT);
  if (print === 0) return;
  const sender = get(connection, ConnectionWord.STREAM) * 2 + direction;
  const length = get(row, SegmentWord.PAYLOAD_LENGTH);
  remember(get(trace, TraceWord.CONTENT), get(row, SegmentWord.HASH), sender, get(row, SegmentWord.SEQ), length, print);
}

/** See isAppAsked of connection.ts. */
export function isAppAsked(connection: i32): bool {
  const app = get(connection, ConnectionWord.APP);
  return app <= 0 && app > -Book.APP_LOOKS;
}

export function ttlOf(row: i32): i32 {
  return (get(row, SegmentWord.TTL_AND_START) >>> 16) & 0xff;
}

/** See widenedTtls of facts.ts. */
export function widenedTtls(ttls: i32, ttl: i32): i32 {
  const low = ttls & 0xff;
  if (low === 0) return ttl | (ttl << 8);
  if (ttl < low) return (ttls & 0xff00) | ttl;
  return ttl > ttls >> 8 ? low | (ttl << 8) : ttls;
}
