// In: nothing. Out: the part of the WebAssembly JavaScript interface (W3C) that is used here, with types, which Node's own leave out.

/** A compiled program. */
export interface Module {
  readonly [Symbol.toStringTag]: string;
}

export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KB; returns how many there were. */
  grow(pages: number): number;
}

export interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Instance: new (module: Module, imports: Record<string, Record<string, unknown>>) => Instance;
}

export const { Module, Memory, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyInterface })
  .WebAssembly;
