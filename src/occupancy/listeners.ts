// In: finished connections. Out: the listening sockets they prove: who has taken a SYN, and has not refused one since.

import type { FlowResult } from '../tcp/flow-result.ts';
import type { Socket } from './sockets.ts';
import { isOccupied, NANOSECONDS, toNanoseconds } from './stay.ts';

interface Listener {
  addr: string;
  port: number;
  /** When it took a SYN, first and latest; when it refused one, latest; nanoseconds, -1 for never. */
  first: number;
  accepted: number;
  refused: number;
  /** The SYN,ACK that proves it. */
  frame: number | null;
}

/** One entry per address and port that was ever connected to. */
export class Listeners {
  readonly #byPlace = new Map<string, Listener>();

  /** Notes what the flow proves about a listener at endpoint `index`, up to the moment `limit`. */
  add(flow: FlowResult, index: 0 | 1, limit: number): void {
    const { addr, port, opener, states } = flow.endpoints[index];
    const taken =
      opener === 'passive' ? states.find(({ state }) => isOccupied(state) && state !== 'UNKNOWN') : undefined;
    const isRefusal =
      taken === undefined &&
      opener !== 'active' &&
      flow.endpoints[1 - index]!.states.some(({ state, cause }) => state === 'CLOSED' && cause === 'rcv RST');
    const moment = toNanoseconds(taken?.time ?? flow.start);
    if ((taken === undefined && !isRefusal) || moment > limit) return;
    const key = `${addr} ${port}`;
    let listener = this.#byPlace.get(key);
    if (listener === undefined) {
      listener = { addr, port, first: Infinity, accepted: -1, refused: -1, frame: null };
      this.#byPlace.set(key, listener);
    }
    if (taken === undefined) {
      listener.refused = Math.max(listener.refused, moment);
      return;
    }
    listener.accepted = Math.max(listener.accepted, moment);
    if (moment < listener.first) {
      listener.first = moment;
      listener.frame = taken.frame;
    }
  }

  /** Those that listened at `at`, as far as it is proved by then. `since` is when they were first seen to. */
  at(at: number): Socket[] {
    const sockets: Socket[] = [];
    for (const { addr, port, first, accepted, refused, frame } of this.#byPlace.values()) {
      if (accepted < 0 || refused > accepted) continue;
      sockets.push({
        state: 'LISTEN',
        addr,
        port,
        peerAddr: null,
        peerPort: null,
        stream: null,
        since: first / NANOSECONDS,
        timeInState: (at - first) / NANOSECONDS,
        timer: null,
        evidence: 'assumed',
        cause: 'snd SYN,ACK',
        frame,
        beganBefore: true,
        sendQ: null,
        recvQ: null,
      });
    }
    return sockets;
  }
}
