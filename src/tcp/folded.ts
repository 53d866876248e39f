// In: connections that got no answer, one after another. Out: how many per server and per source network, the rest as one number.

import type { FoldedResult } from './flow-result.ts';
import { keepHeaviest } from './heaviest.ts';

/** Servers and networks with a number of their own in the result. */
const TOLD = 20;
/** Names counted at a time. What comes more often than one in so many is never lost. */
const COUNTED = 4096;

/** Counts by name that add up: what is forgotten goes to the rest. */
class Counts {
  rest = 0;
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (this.#counts.size > 2 * COUNTED) this.#cut(COUNTED);
  }

  /** The names that came most often, by that, then by name; all others are in the rest from then on. */
  most(): [string, number][] {
    const sorted = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    for (const [, count] of sorted.slice(TOLD)) this.rest += count;
    return sorted.slice(0, TOLD);
  }

  #cut(kept: number): void {
    keepHeaviest(
      this.#counts,
      kept,
      (count) => count,
      (count) => {
        this.rest += count;
      },
    );
  }
}

export class Folded {
  flows = 0;
  #segments = 0;
  readonly #servers = new Counts();
  readonly #networks = new Counts();

  /** `segments` SYNs of `client` that `server` has not answered. */
  add(client: string, server: string, port: number, segments: number): void {
    this.flows++;
    this.#segments += segments;
    this.#servers.add(`${port} ${server}`);
    this.#networks.add(networkOf(client));
  }

  toResult(): FoldedResult {
    const servers = this.#servers.most().map(([name, flows]) => {
      const space = name.indexOf(' ');
      return { addr: name.slice(space + 1), port: Number(name.slice(0, space)), flows };
    });
    const networks = this.#networks.most().map(([network, flows]) => ({ network, flows }));
    const { flows } = this;
    return {
      flows,
      segments: this.#segments,
      servers,
      otherServers: this.#servers.rest,
      networks,
      otherNetworks: this.#networks.rest,
    };
  }
}

/** "192.0.2.0/24", "2001:db8:0:1::/64". */
export function networkOf(addr: string): string {
  if (!addr.includes(':')) return `${addr.slice(0, addr.lastIndexOf('.'))}.0/24`;
  const [head = '', tail] = addr.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    // An embedded IPv4 address stands for two groups.
    const after = tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0);
    const tailGroups = tail === '' ? [] : tail.split(':');
    while (groups.length + after < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  const first = groups.slice(0, 4);
  while (first.length > 0 && first[first.length - 1] === '0') first.pop();
  return `${first.join(':')}::/64`;
}
