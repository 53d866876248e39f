// In: ids of addresses. Out: their texts and bytes, of those met last without making them anew.

import type { AddressTable } from './address.ts';

/** Addresses kept; each id has one place among them. */
const PLACES = 4096;

/** Only for addresses that a connection holds: an id is never used again, so what was kept of it stays right. */
export class AddressCache {
  readonly #addresses: AddressTable;
  readonly #ids = new Int32Array(PLACES).fill(-1);
  readonly #texts = new Array<string>(PLACES).fill('');
  readonly #bytes = new Array<Uint8Array>(PLACES).fill(new Uint8Array(0));

  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  text(id: number): string {
    return this.#texts[this.#placeOf(id)]!;
  }

  bytes(id: number): Uint8Array {
    return this.#bytes[this.#placeOf(id)]!;
  }

  #placeOf(id: number): number {
    const place = id & (PLACES - 1);
    if (this.#ids[place] !== id) {
      this.#ids[place] = id;
      this.#texts[place] = this.#addresses.toText(id);
      this.#bytes[place] = this.#addresses.toBytes(id);
    }
    return place;
  }
}
