// In: raw 32-bit sequence numbers. Out: their order, for the program in linear memory: see seq.ts.

export function seqBefore(a: i32, b: i32): bool {
  return a - b < 0;
}

export function seqAfter(a: i32, b: i32): bool {
  return a - b > 0;
}

export function seqAtOrBefore(a: i32, b: i32): bool {
  return a - b <= 0;
}
