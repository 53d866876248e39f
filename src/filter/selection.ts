// In: a filter, every segment, and every connection when it is over. Out: which connections the filter selects.

import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { type Packet, PacketKind } from '../wire/packet.ts';
import type { Filter } from './filter.ts';

const Fate = { OPEN: 0, NOT: 1, SELECTED: 2 } as const;

/** Different answers of segments that fit the bits of one int32. */
const SMALL = 32;

/**
 * A connection is selected if the filter is true for one of its segments (and one of its findings, where it asks about those).
 * Of a connection's segments only their different answers are kept, so a filter costs four bytes a connection.
 */
export class FlowSelection {
  readonly filter: Filter;
  /** By stream, what its first segment has decided: Fate. Empty where that decides nothing. */
  #fates = new Uint8Array(0);
  /** Connections asked about, and those selected. */
  asked = 0;
  selected = 0;
  /** By stream: bit n for "a segment gave the answers n". Used while there are at most 32 different answers. */
  #seen = new Int32Array(256);
  /** By stream, for filters with more. */
  readonly #sets: Map<number, Set<number>> | null;
  #lastStream = -1;
  #last: Set<number> | undefined;

  constructor(filter: Filter) {
    this.filter = filter;
    this.#sets = filter.answerCount > SMALL ? new Map() : null;
  }

  /** True if {@link segment} must be told of segments. */
  get wantsSegments(): boolean {
    return this.filter.asksSegments;
  }

  /** True if {@link begins} may be false of a connection: asking it costs a fifth where it never is. */
  get asksOpening(): boolean {
    return this.filter.asksOpening;
  }

  /**
   * To be called for each connection as it begins, with its first segment, and again for a segment with more than one IP header, and for the first that is
   * not by the book. True if {@link segment} must be told of its segments from this one on.
   */
  begins(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean {
    if (!this.filter.asksOpening) return true;
    if (stream >= this.#fates.length) {
      const grown = new Uint8Array(Math.max(1024, stream + 1, this.#fates.length * 2));
      grown.set(this.#fates);
      this.#fates = grown;
    }
    if (this.#fates[stream] === Fate.SELECTED) return false;
    // Of a packet quoted by an ICMP error only the connection is known, no segment.
    const fate = packet.kind === PacketKind.SEGMENT ? this.filter.begins(packet, trace, isByTheBook) : null;
    this.#fates[stream] = fate === null ? Fate.OPEN : fate ? Fate.SELECTED : Fate.NOT;
    return fate === null;
  }

  /** True if the connection is selected whatever else comes, false if it is not; null where its segments decide. */
  fate(stream: number): boolean | null {
    const fate = this.#fates[stream] ?? Fate.OPEN;
    return fate === Fate.OPEN ? null : fate === Fate.SELECTED;
  }

  /** True if {@link selects} may be called for a connection a second time, later. */
  get canAskAgain(): boolean {
    return this.#sets === null;
  }

  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    if (trace.current < 0) return;
    const answers = this.filter.answers(frame, packet, trace, clock);
    const { stream } = trace.connection;
    if (this.#sets === null) {
      if (stream >= this.#seen.length) {
        const grown = new Int32Array(Math.max(stream + 1, this.#seen.length * 2));
        grown.set(this.#seen);
        this.#seen = grown;
      }
      this.#seen[stream] = this.#seen[stream]! | (1 << answers);
      return;
    }
    let set = this.#sets.get(stream);
    if (set === undefined) {
      set = new Set();
      this.#sets.set(stream, set);
    }
    set.add(answers);
  }

  /** Called for every connection when it is over. `captureEnd`: seconds since the capture's start. */
  selects(flow: FlowResult, captureEnd: number): boolean {
    this.asked++;
    const isSelected = this.#decide(flow, captureEnd);
    if (isSelected) this.selected++;
    return isSelected;
  }

  /** As {@link selects}, for one that the filter cannot select: its fate is known. */
  passOver(): void {
    this.asked++;
  }

  #decide(flow: FlowResult, captureEnd: number): boolean {
    if (!this.filter.asksSegments) return this.#fits(0, flow, captureEnd);
    const fate = this.fate(flow.stream);
    if (fate !== null) return fate;
    if (this.#sets !== null) {
      // A stream may hold several lives of a connection; they come one after the other, and have the segments in common.
      if (flow.stream !== this.#lastStream) {
        this.#lastStream = flow.stream;
        this.#last = this.#sets.get(flow.stream);
        this.#sets.delete(flow.stream);
      }
      for (const answers of this.#last ?? []) if (this.#fits(answers, flow, captureEnd)) return true;
      return false;
    }
    const seen = this.#seen[flow.stream] ?? 0;
    for (let answers = 0; answers < this.filter.answerCount; answers++) {
      if ((seen & (1 << answers)) !== 0 && this.#fits(answers, flow, captureEnd)) return true;
    }
    return false;
  }

  #fits(answers: number, flow: FlowResult, captureEnd: number): boolean {
    const { filter } = this;
    if (!filter.asksFindings || flow.findings.length === 0) return filter.selects(answers, flow, captureEnd);
    return flow.findings.some((finding) => filter.selects(answers, flow, captureEnd, finding));
  }
}
