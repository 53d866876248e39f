// In: the text between the brackets of a slice, "0:2" or "1,3-5,9:". Out: a function that cuts those bytes out.
//
//   i:j   j bytes from i        i-j   from i to j, both included        i   one byte
//   :j    j bytes from 0        i:    from i to the end                 a negative i counts from the end
//
// wireshark-filter(4), "The slice operator".

interface Range {
  readonly start: number;
  /** Null: to the end. */
  readonly length: number | null;
  /** Last byte, for i-j with a negative j. */
  readonly last: number | null;
}

const FROM_TO = /^(-?\d+)-(-?\d+)$/;
const FROM_LENGTH = /^(-?\d+)?:(\d+)?$/;
const ONE = /^-?\d+$/;

/** Null if the text is no slice. The function gives null where the bytes do not reach that far. */
export function parseSlice(text: string): ((bytes: Uint8Array) => Uint8Array | null) | null {
  const ranges: Range[] = [];
  for (const part of text.replace(/\s+/g, '').split(',')) {
    const range = parseRange(part);
    if (range === null) return null;
    ranges.push(range);
  }
  if (ranges.length === 1) return (bytes) => cut(bytes, ranges[0]!);
  return (bytes) => {
    const parts: Uint8Array[] = [];
    for (const range of ranges) {
      const part = cut(bytes, range);
      if (part === null) return null;
      parts.push(part);
    }
    return Buffer.concat(parts);
  };
}

function parseRange(part: string): Range | null {
  if (ONE.test(part)) return { start: Number(part), length: 1, last: null };
  const fromTo = FROM_TO.exec(part);
  if (fromTo !== null) return { start: Number(fromTo[1]), length: null, last: Number(fromTo[2]) };
  const fromLength = FROM_LENGTH.exec(part);
  if (fromLength === null || part === ':') return null;
  const length = fromLength[2] === undefined ? null : Number(fromLength[2]);
  if (length === 0) return null;
  return { start: Number(fromLength[1] ?? 0), length, last: null };
}

function cut(bytes: Uint8Array, range: Range): Uint8Array | null {
  const start = range.start < 0 ? bytes.length + range.start : range.start;
  let end = bytes.length;
  if (range.length !== null) end = start + range.length;
  else if (range.last !== null) end = (range.last < 0 ? bytes.length + range.last : range.last) + 1;
  if (start < 0 || start >= end || end > bytes.length) return null;
  return bytes.subarray(start, end);
}
