// In: how long TIME_WAIT lasts, in general and at single hosts. Out: how long it lasts at one host.

/**
 * 2MSL per host, seconds. Linux: 60 (TCP_TIMEWAIT_LEN, not adjustable); Windows: 120, formerly 240; RFC 9293 3.4.2: 240.
 * A capture may hold hosts of several kinds.
 */
export class TimeWaitLengths {
  readonly standard: number;
  readonly #byHost: ReadonlyMap<string, number>;

  constructor(standard: number, byHost: ReadonlyMap<string, number> = new Map()) {
    this.standard = standard;
    this.#byHost = byHost;
  }

  /** Seconds at the host of this address. */
  at(address: string): number {
    return this.#byHost.get(address) ?? this.standard;
  }

  /** The longest of all: what the state machine has to wait for before it may call a TIME_WAIT over. */
  longest(): number {
    return Math.max(this.standard, ...this.#byHost.values());
  }
}
