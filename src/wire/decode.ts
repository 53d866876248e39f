// In: one frame. Out: the reused Packet, filled with the TCP segment the frame holds, or with where and why there is none.

import type { Frame } from '../capture/frame.ts';
import { Reassembly, type ReassemblyLimits } from './fragments.ts';
import { type Packet, PacketKind } from './packet.ts';
import { byLinkType } from './registry.ts';
import { readUsual } from './usual.ts';
import { MAX_LAYERS, Walk } from './walk.ts';

/**
 * Decodes frames of any link type. Keeps nothing of earlier frames but IP fragments that wait for the rest of their
 * datagram. Allocates nothing unless a frame is a fragment. Never throws on a frame's content.
 */
export class Decoder {
  readonly #fragments4: Reassembly;
  readonly #fragments6: Reassembly;
  readonly #walk: Walk;

  constructor(limits: ReassemblyLimits = {}) {
    this.#fragments4 = new Reassembly(limits);
    this.#fragments6 = new Reassembly(limits);
    this.#walk = new Walk(this.#fragments4, this.#fragments6);
  }

  /** Datagrams given up incomplete because too many, or too many bytes, were waiting for fragments. */
  get droppedDatagrams(): number {
    return this.#fragments4.dropped + this.#fragments6.dropped;
  }

  /** Fills `packet` from `frame`; both are borrowed from then on until the next frame is read. */
  decode(frame: Frame, packet: Packet): void {
    if (!readUsual(frame, packet)) this.decodeLayers(frame, packet);
  }

  /** As `decode`, layer by layer whatever the frame is. */
  decodeLayers(frame: Frame, packet: Packet): void {
    packet.kind = PacketKind.NONE;
    packet.ipLayerCount = 0;
    packet.ip = 0;
    packet.ipId = -1;
    packet.reassembled = false;
    packet.trailerCut = false;
    packet.stopLayer = '';
    packet.stopReason = '';
    const walk = this.#walk;
    walk.begin(frame, packet);
    let layer = byLinkType(walk, frame.linkType);
    for (let count = 0; layer !== null; count++) {
      if (count === MAX_LAYERS) {
        walk.stop('frame', 'more headers inside each other than are followed');
        return;
      }
      layer = layer(walk);
    }
  }
}
