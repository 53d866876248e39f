// In: the shares of the frames of a capture, and what was decoded from some. Out: which of them are for one of several that divide the work.

import { type Packet, PacketKind } from './packet.ts';
import { SHARES, shareOfPacket, UNKNOWN_SHARE } from './share.ts';

/** Parts that have connections of their own at the least. */
export const MOST_PARTS = SHARES;

/**
 * The part `index` of `count`. Each frame is one part's: that of its connection, or, where there is no segment in it, of part 0 or of whom it looked
 * like. What has to be decoded to be told apart, fragments above all, is decoded by all parts, so that each can put datagrams together.
 */
export class Part {
  readonly index: number;
  readonly count: number;

  constructor(index: number, count: number) {
    this.index = index;
    this.count = count;
  }

  /** False if a frame of this share, as shareOfFrame has it, is another part's without looking closer. */
  mayHave(share: number): boolean {
    return share === UNKNOWN_SHARE || share % this.count === this.index;
  }

  /** True if a frame of this share, which this part may have, is its own, decoded into `packet`. */
  has(share: number, packet: Packet): boolean {
    if (share !== UNKNOWN_SHARE) return true;
    const found = packet.kind === PacketKind.NONE ? 0 : shareOfPacket(packet);
    return found % this.count === this.index;
  }
}
