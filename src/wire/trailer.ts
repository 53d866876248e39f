// In: a frame that was cut behind its datagram. Out: whether tshark 4.0.17 misses what was cut off, and says so behind Info.

/** What may stand behind the payload of a layer, if that turns out shorter. */
export const Trailer = {
  NONE: 0,
  /** Padding or a trailer. */
  PLAIN: 1,
  /** The same and a check sequence. */
  CHECKED: 2,
} as const;
export type Trailer = (typeof Trailer)[keyof typeof Trailer];

/** Bytes of the least Ethernet frame without its check sequence, and of that (IEEE 802.3 3.1.1). */
const LEAST_FRAME = 60;
const CHECK_SEQUENCE = 4;
/** VSS Monitoring's trailers are 8, 9, 12 or 13 bytes long if there is a time stamp in them, which leads. */
const VSS_TIME = 8;
const VSS_LONGEST = 13;

/**
 * Of `length` bytes behind the datagram, from `start` of `bytes` on, only those before `end` were captured: is padding among the missing, a check sequence, or
 * what may be a time stamp? `frameLength`: of the whole frame, as sent; `fcsLength`: as the capture says, else 0.
 */
export function misses(
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
  trailer: Trailer,
  frameLength: number,
  fcsLength: number,
): boolean {
  let captured = end - start;
  let rest = length;
  const padding = frameLength < LEAST_FRAME ? 0 : Math.min(LEAST_FRAME - (frameLength - length), length);
  if (padding > 0 && isZero(bytes, start, Math.min(start + padding, end))) {
    if (captured < padding) return true;
    captured -= padding;
    rest -= padding;
  }
  if (trailer === Trailer.CHECKED) {
    const mayBeChecked = frameLength >= LEAST_FRAME + CHECK_SEQUENCE && rest >= CHECK_SEQUENCE;
    if (mayBeChecked || fcsLength === CHECK_SEQUENCE) return true;
  }
  return captured < VSS_TIME && rest >= VSS_TIME && rest <= VSS_LONGEST && (rest & 2) === 0;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
}
