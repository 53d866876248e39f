// In: a list of field names. Out: records of int32 fields that live side by side in typed arrays.
//
// A capture can hold a million connections at once. As JavaScript objects with some sixty numbers each they would take well
// over a kilobyte and keep the garbage collector busy; as rows of int32 words they take four bytes a field and are never
// collected. Measured on Node 20, 44 field accesses a step: objects 52 ns and 752 bytes at 10^4 records, 429 ns at 10^6;
// rows 99 ns and 197 to 428 bytes, 334 ns at 10^6. A Row is the movable window through which one record is read and
// written under its field names, so the code that uses it reads like code over plain objects.

import type { LinearMemory } from '../linear/memory.ts';

export const POOL_PAGE_BITS = 12;
const PAGE_ROWS = 1 << POOL_PAGE_BITS;
/** Of a pool in linear memory: more than have room there. */
const MOST_PAGES = 1 << 13;
const NO_WORDS = new Int32Array(0);
/** The fields of each type of record, in their order. */
const fieldsOf = new WeakMap<object, readonly string[]>();

/** A window on one record of a {@link RowPool}. Subclasses name the fields with {@link layout}. All fields are int32. */
export class Row {
  /** The page the record lies in, and the offset of its first word there. */
  words: Int32Array = NO_WORDS;
  at = 0;
  /** Index of the record in its pool; -1 before it is first moved onto one. */
  index = -1;

  /** Where in linear memory the record lies, if its pool does. */
  get memoryAddress(): number {
    return this.words.byteOffset + this.at * Int32Array.BYTES_PER_ELEMENT;
  }

  /** Moves the window onto record `index` of `pool`. */
  declare moveTo: (pool: RowPool, index: number) => void;
  /** Moves the window `words` further than `row`: one of several records that lie in one. */
  declare moveBeside: (row: Row, words: number) => void;
}

/**
 * Gives `type` one accessor per name, in the order of the names, and returns the number of words a record takes.
 * The class declares the same names (`declare next: number`) with a comment each.
 *
 * The accessors, `moveTo` and `moveBeside` are compiled per class: V8 learns types per piece of source, so one closure shared by all classes
 * would see all of them and be slow for each (measured: 1027 ms of 5.3 s in one shared `move`, 234 ms in copies of it).
 */
export function layout<T extends Row>(
  type: { prototype: T },
  names: readonly Exclude<keyof T & string, keyof Row>[],
): number {
  const accessors = names.map(
    (name, word) =>
      `get ${name}() { return this.words[this.at + ${word}]; }, set ${name}(value) { this.words[this.at + ${word}] = value; },`,
  );
  // A store of the page that is there already costs a call to the write barrier, as long as pages are young; nearly always it is.
  const moveTo = `moveTo(pool, index) {
    const words = pool.pages[index >>> ${POOL_PAGE_BITS}];
    if (this.words !== words) this.words = words;
    this.at = (index & ${PAGE_ROWS - 1}) * pool.stride;
    this.index = index;
  }`;
  const moveBeside = `moveBeside(row, words) {
    if (this.words !== row.words) this.words = row.words;
    this.at = row.at + words;
    this.index = row.index;
  }`;
  const members = new Function(`return { ${accessors.join(' ')} ${moveTo}, ${moveBeside} };`)();
  Object.defineProperties(type.prototype, Object.getOwnPropertyDescriptors(members));
  fieldsOf.set(type, names);
  return names.length;
}

/** The word of its records in which the field lies: for the few functions that run for every segment and go without accessors. */
export function wordOf<T extends Row>(type: { prototype: T }, name: Exclude<keyof T & string, keyof Row>): number {
  return fieldsOf.get(type)!.indexOf(name);
}

/** The word of each field, by names as constants have them (`lastAck`: LAST_ACK): for the program in linear memory. */
export function wordsOf(type: { prototype: Row }): Record<string, number> {
  const words = fieldsOf.get(type)!.map((name, word) => [name.replace(/[A-Z]/g, '_$&').toUpperCase(), word]);
  return Object.fromEntries(words);
}

/** Records of `stride` words, in pages that never move; freed records are used again. A fresh record is all zero. */
export class RowPool {
  readonly stride: number;
  /** Records in use. */
  live = 0;
  /** Records ever made: the memory the pool holds is `capacity * stride * 4` bytes, rounded up to pages. */
  capacity = 0;
  /** Blocks of PAGE_ROWS records. */
  readonly pages: Int32Array[] = [];
  /** Records have been given back. */
  hasReleased = false;
  #free: number[] = [];
  readonly #memory: LinearMemory | null;
  /** Addresses of the pages in linear memory. */
  readonly #addresses: Int32Array | null;
  readonly pagesAt: number;

  /** `memory`: where the pages lie for others to see, whose addresses lie at `pagesAt`. */
  constructor(stride: number, memory: LinearMemory | null = null) {
    this.stride = stride;
    this.#memory = memory;
    this.pagesAt = memory?.allocate(MOST_PAGES * 4) ?? 0;
    this.#addresses = memory?.int32(this.pagesAt, MOST_PAGES) ?? null;
  }

  /** The index of a zeroed record. */
  take(): number {
    this.live++;
    const reused = this.#free.pop();
    if (reused !== undefined) return reused;
    if ((this.capacity & (PAGE_ROWS - 1)) === 0) this.pages.push(this.#page());
    return this.capacity++;
  }

  /** Gives the record back. Its contents are cleared at once. */
  release(index: number): void {
    const at = (index & (PAGE_ROWS - 1)) * this.stride;
    this.pages[index >>> POOL_PAGE_BITS]!.fill(0, at, at + this.stride);
    this.#free.push(index);
    this.hasReleased = true;
    this.live--;
  }

  /** Where in linear memory record `index` lies. */
  addressOf(index: number): number {
    return this.#addresses![index >>> POOL_PAGE_BITS]! + (index & (PAGE_ROWS - 1)) * this.stride * 4;
  }

  /** Moves the window `row` onto record `index`. */
  move(row: Row, index: number): void {
    row.moveTo(this, index);
  }

  #page(): Int32Array {
    const words = PAGE_ROWS * this.stride;
    if (this.#memory === null) return new Int32Array(words);
    const at = this.#memory.allocate(words * 4);
    this.#addresses![this.pages.length] = at;
    return this.#memory.int32(at, words);
  }
}
