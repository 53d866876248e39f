// In: a pcapng timestamp, 64 bits in two halves, in the units of its interface. Out: seconds and nanoseconds, exact, rounded down.

import type { Frame } from './frame.ts';

/** Nanoseconds out of the units that are left of a second: multiply, divide, or both, or by BigInt where doubles do not suffice. */
const Way = { MULTIPLY: 0, DIVIDE: 1, SCALE: 2, BIG: 3 } as const;

/** How the timestamps of one interface are read: if_tsresol and if_tsoffset of draft-ietf-opsawg-pcapng. */
export class TimeResolution {
  private readonly unitsPerSecond: number;
  private readonly bigUnitsPerSecond: bigint;
  private readonly offsetSeconds: number;
  private readonly way: number;
  private readonly factor: number;

  /**
   * @param tsresol if_tsresol: a power of ten, or with the high bit set of two, by which a second is divided
   * @param offsetSeconds if_tsoffset
   */
  constructor(tsresol: number, offsetSeconds: number) {
    const exponent = tsresol & 0x7f;
    const binary = (tsresol & 0x80) !== 0;
    this.offsetSeconds = offsetSeconds;
    this.bigUnitsPerSecond = (binary ? 2n : 10n) ** BigInt(exponent);
    this.unitsPerSecond = Number(this.bigUnitsPerSecond);
    this.factor = 1;
    // Below 2^37 units, every step of `convert` stays below 2^53 and is exact.
    if (binary) {
      // 10^9 is 2^9 x 5^9, and 2^32 x 5^9 still has no more than 53 bits.
      this.way = exponent <= 32 ? Way.SCALE : Way.BIG;
    } else if (exponent <= 9) {
      this.way = Way.MULTIPLY;
      this.factor = 10 ** (9 - exponent);
    } else if (exponent <= 11) {
      this.way = Way.DIVIDE;
      this.factor = 10 ** (exponent - 9);
    } else {
      this.way = Way.BIG;
    }
  }

  /** Sets the frame's time from the two halves (both 0 to 2^32 - 1). */
  convert(high: number, low: number, frame: Frame): void {
    if (this.way === Way.BIG) {
      this.convertBig(high, low, frame);
      return;
    }
    // Long division in two digits: the upper 48 bits first, then what is left of them with the lower 16.
    const units = this.unitsPerSecond;
    const upper = high * 65536 + (low >>> 16);
    const upperSeconds = Math.floor(upper / units);
    const rest = (upper - upperSeconds * units) * 65536 + (low & 0xffff);
    const restSeconds = Math.floor(rest / units);
    const fraction = rest - restSeconds * units;
    frame.seconds = upperSeconds * 65536 + restSeconds + this.offsetSeconds;
    if (this.way === Way.MULTIPLY) frame.nanoseconds = fraction * this.factor;
    else if (this.way === Way.DIVIDE) frame.nanoseconds = Math.floor(fraction / this.factor);
    else frame.nanoseconds = Math.floor((fraction * 1e9) / units);
  }

  /** Finer than 10^-11 s or 2^-32 s: rare enough to be slow. (Wireshark overflows above 1.8 x 10^10 units; this does not.) */
  private convertBig(high: number, low: number, frame: Frame): void {
    const time = (BigInt(high) << 32n) | BigInt(low);
    const seconds = time / this.bigUnitsPerSecond;
    const fraction = time % this.bigUnitsPerSecond;
    frame.seconds = Number(seconds) + this.offsetSeconds;
    frame.nanoseconds = Number((fraction * 1_000_000_000n) / this.bigUnitsPerSecond);
  }
}
