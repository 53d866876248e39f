// In: nothing. Out: memory that JavaScript and the program of program.ts both work on.
//
//   0          64
//   | top      | blocks, each at a multiple of 64, large ones of 4096 ... top |  not there yet ... 4 GB |
//
// A block is known by its address; typed arrays over it are made as needed. Memory grows by itself, and arrays made before that go on to be good, since
// it is shared: several threads can work on the same memory, each with an instance of its own.

import { CaptureError } from '../errors.ts';
import { type Program, programModule } from './program.ts';
import { Instance, Memory, type Module } from './webassembly.ts';

const PAGE = 65536;
const MOST_PAGES = 65536;
/** The last page stays free: the end is a 32-bit number, too. */
const MOST_BYTES = (MOST_PAGES - 1) * PAGE;
/** Large enough for a small capture. */
const INITIAL_PAGES = 64;
/** A line of the processor's cache: what lies in one is there at once. */
const ALIGNMENT = 64;
/** A page of the processor's: one that is read before it is written to is found twice by the system. */
const PAGE_ALIGNMENT = 4096;
/** With less than this left memory runs out: more than a chunk of frames can ask for, tables that double included. */
const RESERVED_BYTES = 1 << 29;
/** Word of the header: the end of the blocks. */
const TOP = 0;

/** What another thread needs to work on the same memory. */
export interface SharedLinearMemory {
  readonly memory: Memory;
  readonly module: Module;
}

export class LinearMemory {
  readonly shared: SharedLinearMemory;
  readonly program: Program;
  readonly #memory: Memory;
  readonly #header: Int32Array;
  /** Addresses of blocks of this thread that were given back, by their size. */
  readonly #free = new Map<number, number[]>();
  /** See runsOut. */
  #topBefore = 0;

  /** `shared`: that of another thread; default: new memory. */
  constructor(shared: SharedLinearMemory = { memory: newMemory(), module: programModule() }) {
    this.shared = shared;
    this.#memory = shared.memory;
    this.#header = new Int32Array(this.buffer, 0, ALIGNMENT / 4);
    Atomics.compareExchange(this.#header, TOP, 0, ALIGNMENT);
    const instance = new Instance(shared.module, {
      env: { memory: this.#memory },
      'memory.as': { allocate: this.allocate.bind(this), free: this.free.bind(this) },
    });
    this.program = instance.exports as unknown as Program;
  }

  get buffer(): SharedArrayBuffer {
    return this.#memory.buffer as SharedArrayBuffer;
  }

  /** As `buffer`, with what lies before `end`: another thread may have made room for it just now. */
  #upTo(end: number): SharedArrayBuffer {
    if (end > this.buffer.byteLength) this.#memory.grow(0);
    return this.buffer;
  }

  /**
   * The address of a block of `bytes`, all zero.
   * @throws RangeError where there is no more
   */
  allocate(bytes: number): number {
    const size = sizeOf(bytes);
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) {
      this.bytes(reused, size).fill(0);
      return reused;
    }
    const at = this.#extend(size);
    const lacking = at + size - this.buffer.byteLength;
    if (lacking > 0) {
      const pages = Math.ceil(lacking / PAGE);
      // By an eighth at the least, so that it is not done for each block.
      const most = MOST_PAGES - this.buffer.byteLength / PAGE;
      this.#memory.grow(Math.min(Math.max(pages, this.buffer.byteLength / PAGE / 8), most));
    }
    return at;
  }

  /** True where little is left, and less than when this was asked before: who can give blocks back had better do so. */
  runsOut(): boolean {
    const top = Atomics.load(this.#header, TOP) >>> 0;
    if (top <= Math.max(MOST_BYTES - RESERVED_BYTES, this.#topBefore)) return false;
    this.#topBefore = top;
    return true;
  }

  /** Moves the end of the blocks on, for one of `size`; its address. Several threads may do so at once. */
  #extend(size: number): number {
    for (;;) {
      const top = Atomics.load(this.#header, TOP);
      const at = size < PAGE_ALIGNMENT ? top >>> 0 : roundUp(top >>> 0, PAGE_ALIGNMENT);
      if (at + size > MOST_BYTES) throw new RangeError('4 GB of memory are full');
      if (Atomics.compareExchange(this.#header, TOP, top, (at + size) | 0) === top) return at;
    }
  }

  /** Gives a block back, as large as it was asked for. */
  free(at: number, bytes: number): void {
    const size = sizeOf(bytes);
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [at]);
    else free.push(at);
  }

  bytes(at: number, length: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#upTo((at >>> 0) + length), at >>> 0, length);
  }

  /** `length`: words. */
  int32(at: number, length: number): Int32Array<SharedArrayBuffer> {
    return new Int32Array(this.#upTo((at >>> 0) + length * 4), at >>> 0, length);
  }
}

function sizeOf(bytes: number): number {
  return roundUp(bytes, ALIGNMENT);
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

function newMemory(): Memory {
  try {
    return new Memory({ initial: INITIAL_PAGES, maximum: MOST_PAGES, shared: true });
  } catch {
    // V8 reserves it all at once, though it uses only what is needed.
    throw new CaptureError(
      'this process may not have the ten gigabytes of addresses that WebAssembly reserves (see ulimit -v)',
    );
  }
}

/** `length` bytes, all zero, in `memory` or, where there is none, anywhere. */
export function bytesIn(memory: LinearMemory | null, length: number): Uint8Array {
  return memory === null ? new Uint8Array(length) : memory.bytes(memory.allocate(length), length);
}

/** The same bytes, for numbers of several. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

let text: LinearMemory | null = null;

/** Where lines are put together for output: the same memory for all of a thread. */
export function textMemory(): LinearMemory {
  text ??= new LinearMemory();
  return text;
}
