// In: raw 32-bit sequence numbers. Out: their order. No other file compares sequence numbers by hand.
//
//        a - b < 0          a - b > 0
//   ───────────────────┬───────────────────▶   the circle of 2^32, cut open at the point opposite b
//      a before b      b      a after b
//
// RFC 9293 3.4: comparison is modulo 2^32, and only meaningful for numbers less than 2^31 apart.
// Numbers are kept as int32 (`| 0`): they stay small integers in V8, and the order is one subtraction.

/** True if `a` comes before `b` in sequence space. */
export function seqBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** True if `a` comes after `b` in sequence space. */
export function seqAfter(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** True if `a` is `b` or comes before it. */
export function seqAtOrBefore(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

/** True if `a` is `b` or comes after it. */
export function seqAtOrAfter(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** `a + n`, as int32. */
export function seqAdd(a: number, n: number): number {
  return (a + n) | 0;
}

/** Signed distance from `from` to `to`, -2^31 to 2^31 - 1. */
export function seqDistance(from: number, to: number): number {
  return (to - from) | 0;
}

/** The unsigned number of bytes from `base` to `a`, 0 to 2^32 - 1: a relative sequence number as Wireshark prints it. */
export function seqRelative(a: number, base: number): number {
  return (a - base) >>> 0;
}

/** True if `a` lies in [`from`, `from + size`). `size` is 0 to 2^32 - 1. */
export function seqInWindow(a: number, from: number, size: number): boolean {
  return (a - from) >>> 0 < size;
}

/** The later of the two. */
export function seqMax(a: number, b: number): number {
  return seqAfter(a, b) ? a : b;
}
