// In: nothing. Out: the program that works on linear memory. Its sources are *.as.ts, in AssemblyScript, beside the files that they belong to.
//
// Of a large capture nearly all segments take the same few hundred steps over numbers. As WebAssembly those are compiled once, before they run, and look
// at memory without asking each time whether it is there; docs/PERFORMANCE.md says what that gives. What is rare, and what is told, is TypeScript.

import { binary } from './binary.ts';
import { Module } from './webassembly.ts';

/** All numbers are int32, and addresses of bytes where nothing is said. See the functions of the same names. */
export interface Program {
  readRecords(reader: number, frames: number, count: number, bytes: number, end: number, number: number): number;
  /** `seconds` and `pause`: doubles. 1, or 0 for false. */
  isSteady(frames: number, count: number, seconds: number, nanoseconds: number, pause: number): 0 | 1;
  find(table: number, source: number, sourcePort: number, destination: number, destinationPort: number): number;
  set(
    table: number,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    index: number,
  ): void;
  remove(
    table: number,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    index: number,
  ): void;
  remember(memory: number, tuple: number, sender: number, seq: number, length: number, print: number): void;
  differs(memory: number, tuple: number, sender: number, seq: number, length: number, print: number): number;
  readRows(bytes: number, frames: number, count: number, rows: number, known: number): number;
  /** A Checksum. */
  checksum(row: number, tcp: number): 1 | 2 | 3;
  readLives(
    list: number,
    count: number,
    lives: number,
    startSeconds: number,
    startNanoseconds: number,
    endSeconds: number,
    endNanoseconds: number,
    timeWaitSeconds: number,
    timeWaitNanoseconds: number,
  ): number;
  writeLives(lives: number, count: number, page: number, out: number): number;
  observePlain(trace: number, row: number, frame: number, index: number, connection: number, direction: number): number;
  observeSequence(trace: number, row: number, frame: number, connection: number, direction: number): number;
  addUnacked(
    unacked: number,
    direction: number,
    seq: number,
    end: number,
    frame: number,
    seconds: number,
    nanoseconds: number,
  ): void;
  acknowledge(unacked: number, direction: number, ack: number): void;
  flight(unacked: number, direction: number): number;
  findOldest(unacked: number, direction: number): void;
  clearUnacked(unacked: number, direction: number): void;
  begins(row: number, where: number): number;
  begin(row: number, frame: number, connection: number, where: number): void;
  observe(trace: number, row: number, frame: number, connection: number, direction: number, where: number): number;
  touchRows(trace: number, list: number, count: number): void;
  beginRun(trace: number, rows: number, count: number, part: number, parts: number): void;
  /** `until`: a double. */
  observeRun(
    trace: number,
    frames: number,
    rows: number,
    bytes: number,
    from: number,
    count: number,
    until: number,
    room: number,
  ): number;
}

let compiled: Module | null = null;

/** Compiled once in each thread, or once for all: a module can be handed on. */
export function programModule(): Module {
  compiled ??= new Module(Buffer.from(binary, 'base64'));
  return compiled;
}
