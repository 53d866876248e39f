// In: addresses and ports. Out: small integers for hosts, services, peers and (host, service) pairs, and the way back.

/** "10.0.0.2:80", "[fd77::2]:80" (RFC 3986 3.2.2). */
export function addressAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What counts are grouped by. */
export const Grouping = {
  /** All endpoints of the capture. */
  ALL: 'all',
  /** The endpoint's own address. */
  HOST: 'host',
  /** Address and port of the side that was connected to, whichever side the endpoint is on. */
  SERVICE: 'service',
  /** The other side's address. */
  PEER: 'peer',
  /** Host, role and service: for a client's endpoints the use it makes of one destination, for a server's the service itself. */
  PAIR: 'pair',
} as const;
export type Grouping = (typeof Grouping)[keyof typeof Grouping];

/** Texts as integers from 0, in the order of their first appearance. */
class Interned {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();

  idOf(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.#ids.set(text, id);
      this.texts.push(text);
    }
    return id;
  }
}

/** Most services told apart; a pair's number must fit a safe integer with the host's. */
const PAIR_BASE = 2 ** 26;

/** Which end of a connection an endpoint is. On the loopback interface one host is both. */
export type Role = 'client' | 'server';

/** Who a group of endpoints is: the fields that its grouping does not tell apart are null. */
export interface GroupName {
  host: string | null;
  role: Role | null;
  service: string | null;
  peer: string | null;
}

export class Names {
  readonly #addresses = new Interned();
  readonly #services = new Interned();
  readonly #pairs = new Map<number, number>();
  readonly #pairHosts: number[] = [];
  readonly #pairServices: number[] = [];
  readonly #pairRoles: Role[] = [];

  address(text: string): number {
    return this.#addresses.idOf(text);
  }

  pair(host: string, role: Role, service: string): number {
    const hostId = this.#addresses.idOf(host);
    const serviceId = this.#services.idOf(service);
    const key = (hostId * PAIR_BASE + serviceId) * 2 + (role === 'client' ? 0 : 1);
    let id = this.#pairs.get(key);
    if (id === undefined) {
      id = this.#pairHosts.length;
      this.#pairs.set(key, id);
      this.#pairHosts.push(hostId);
      this.#pairServices.push(serviceId);
      this.#pairRoles.push(role);
    }
    return id;
  }

  /** How many groups of this kind there are. */
  count(grouping: Grouping): number {
    switch (grouping) {
      case Grouping.ALL:
        return 1;
      case Grouping.HOST:
      case Grouping.PEER:
        return this.#addresses.texts.length;
      case Grouping.SERVICE:
        return this.#services.texts.length;
      case Grouping.PAIR:
        return this.#pairHosts.length;
    }
  }

  /** The group to which an endpoint of `pair` and `peer` belongs. */
  group(grouping: Grouping, pair: number, peer: number): number {
    switch (grouping) {
      case Grouping.ALL:
        return 0;
      case Grouping.HOST:
        return this.#pairHosts[pair]!;
      case Grouping.SERVICE:
        return this.#pairServices[pair]!;
      case Grouping.PEER:
        return peer;
      case Grouping.PAIR:
        return pair;
    }
  }

  nameOf(grouping: Grouping, group: number): GroupName {
    const host = grouping === Grouping.HOST ? group : grouping === Grouping.PAIR ? this.#pairHosts[group]! : -1;
    const service =
      grouping === Grouping.SERVICE ? group : grouping === Grouping.PAIR ? this.#pairServices[group]! : -1;
    const peer = grouping === Grouping.PEER ? group : -1;
    return {
      host: this.#addresses.texts[host] ?? null,
      role: grouping === Grouping.PAIR ? this.#pairRoles[group]! : null,
      service: this.#services.texts[service] ?? null,
      peer: this.#addresses.texts[peer] ?? null,
    };
  }

  /** The group of that name, as far as it is known by name alone: the inverse of {@link nameOf}. */
  groupOf(grouping: Grouping, name: GroupName): number {
    switch (grouping) {
      case Grouping.ALL:
        return 0;
      case Grouping.HOST:
        return this.address(name.host!);
      case Grouping.SERVICE:
        return this.#services.idOf(name.service!);
      case Grouping.PEER:
        return this.address(name.peer!);
      case Grouping.PAIR:
        return this.pair(name.host!, name.role!, name.service!);
    }
  }
}
