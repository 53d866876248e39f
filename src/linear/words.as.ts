// In: addresses in linear memory. Out: what stands there: words of our own in the machine's order, numbers of packets in network order.

/** Word `word` behind `at`. */
export function get(at: i32, word: i32): i32 {
  return load<i32>(at + (word << 2));
}

export function put(at: i32, word: i32, value: i32): void {
  store<i32>(at + (word << 2), value);
}

/** Adds `n` to the word. */
export function add(at: i32, word: i32, n: i32): void {
  put(at, word, get(at, word) + n);
}

/** Sets `bits` in the word. */
export function mark(at: i32, word: i32, bits: i32): void {
  put(at, word, get(at, word) | bits);
}

export function uint8(at: i32): i32 {
  return load<u8>(at);
}

export function uint16(at: i32): i32 {
  return <i32>bswap<u16>(load<u16>(at));
}

export function int32(at: i32): i32 {
  return bswap<i32>(load<i32>(at));
}
