// In: every segment and every finished connection. Out: counts over time, and what they mean.

import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { Connection } from '../tcp/connection.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';
import { FactTable } from './endpoint-facts.ts';
import { Occupancy, type OccupancyResult } from './occupancy.ts';
import { type Reading, readingsOf } from './readings.ts';
import { type SendQueue, SendQueues } from './send-queues.ts';
import { bothStays, StayEnd } from './stay.ts';
import type { TimeWaitLengths } from './time-wait.ts';

/** net.ipv4.ip_local_port_range as Linux sets it: 28,232 ports. */
export const LINUX_EPHEMERAL: readonly [number, number] = [32768, 60999];

export interface BuildupOptions {
  timeWait: TimeWaitLengths;
  /** First and last ephemeral port. */
  ephemeral: readonly [number, number];
  /** Nanoseconds between two instants, where the user chose them. */
  step?: number;
  /** Only endpoints of these hosts. */
  hosts?: ReadonlySet<string>;
}

export interface Buildup {
  occupancy: OccupancyResult;
  /** The worst first; empty where nothing builds up. */
  readings: Reading[];
}

export class BuildupCounter {
  readonly #options: BuildupOptions;
  readonly #queues = new SendQueues();
  readonly #facts = new FactTable();
  readonly #occupancy: Occupancy;
  /** How the endpoints that sit in CLOSE_WAIT have been sending, by stream * 2 + endpoint. */
  readonly #closeWait = new Map<number, SendQueue>();

  constructor(options: BuildupOptions) {
    this.#options = options;
    const { step, hosts } = options;
    this.#occupancy = new Occupancy({ ...(step !== undefined && { step }), ...(hosts !== undefined && { hosts }) });
  }

  /** Takes in one segment of a connection that is not by the book. */
  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    this.#queues.observe(packet, trace, clock.nanosecondsSince(frame));
  }

  /** Takes in what is known of a connection that went by the book up to now. */
  leavesTheBook(connection: Connection, trace: TcpTrace, clock: CaptureClock): void {
    this.#queues.adopt(connection, trace, clock);
  }

  /** Takes in one connection; after its segments. */
  flow(flow: FlowResult): void {
    const stays = bothStays(flow, this.#options.timeWait, this.#queues);
    this.#occupancy.add(flow, stays);
    this.#facts.add(flow, stays);
    for (const index of [0, 1] as const) {
      const last = stays[index].at(-1);
      if (last?.state !== 'CLOSE_WAIT' || last.end !== StayEnd.NONE) continue;
      const { addr, port } = flow.endpoints[index];
      const queue = this.#queues.of(flow.stream, addr, port);
      if (queue !== null) this.#closeWait.set(flow.stream * 2 + index, queue);
    }
  }

  /** @param duration seconds from the capture's first frame to its latest. */
  finish(duration: number): Buildup {
    const occupancy = this.#occupancy.finish(duration);
    const queueOf = (stream: number, endpoint: 0 | 1) => this.#closeWait.get(stream * 2 + endpoint) ?? null;
    const readings = readingsOf(occupancy, this.#occupancy, this.#facts, queueOf, this.#options);
    return { occupancy, readings };
  }
}
