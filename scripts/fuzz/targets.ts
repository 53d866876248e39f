// In: a trial. Out: nothing, if all went as it must; else a Finding, or whatever a bug of ours throws.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseBaseline } from '../../src/check/baseline.ts';
import { parseConfig } from '../../src/check/config.ts';
import { CaptureError, UsageError } from '../../src/errors.ts';
import { Filter } from '../../src/filter/filter.ts';
import { FilterError } from '../../src/filter/filter-error.ts';
import type { Random } from '../../test/support/random.ts';
import { outputOf } from './commands.ts';
import { arriving, framesOf } from './frames.ts';
import { changedBytes } from './mutation.ts';
import { gzipped, zstdStored } from './packing.ts';
import type { Kind } from './recipe.ts';
import { recordsOf } from './records.ts';

/** Something is not as it must be. */
export class Finding extends Error {}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Finding(what);
}

export class Targets {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tcpstate-fuzz-'));
  /** The capture read whole last, and its frames. */
  #whole: { bytes: Uint8Array; prints: readonly number[] } | null = null;

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** `bytes` of a capture, or UTF-8 text. */
  async use(kind: Kind, bytes: Uint8Array, random: Random): Promise<void> {
    const text = (): string => Buffer.from(bytes).toString('utf8');
    switch (kind) {
      case 'cut':
        return this.#cut(bytes, random);
      case 'change':
        return this.#change(bytes, random);
      case 'capture':
        return this.#capture(bytes, random);
      case 'filter':
        return this.#filter(text(), random);
      case 'rules':
        return expectSentence(() => parseConfig(text(), 'rules.yaml'));
      case 'baseline':
        return expectSentence(() => parseBaseline(text(), 'known.json').fixed);
    }
  }

  /** A capture cut short gives the frames of its beginning: all that are whole, no other. */
  async #cut(whole: Uint8Array, random: Random): Promise<void> {
    const prints = await this.#printsOf(whole);
    const at = random.int(whole.length + 1);
    const cut = whole.slice(0, at);
    const found = await framesOf(arriving(cut, random));
    demandPrefix(found.prints, prints, `cut at byte ${at}`);
    const least = Math.min(prints.length, recordsOf(cut).filter(({ isFrame }) => isFrame).length);
    demand(found.prints.length >= least, `cut at byte ${at}: ${found.prints.length} frames of ${least} that are whole`);
    demand(found.warnings.length <= 1, `cut at byte ${at}: ${found.warnings.length} warnings`);

    // Packed twice it is refused.
    if (isCompressed(whole)) return;
    const packed = random.chance(0.5) ? gzipped(whole, random) : zstdStored(whole, random);
    const packedAt = random.int(packed.length + 1);
    const unpacked = await framesOf(arriving(packed.slice(0, packedAt), random));
    demandPrefix(unpacked.prints, prints, `packed and cut at byte ${packedAt} of ${packed.length}`);
    if (packedAt === packed.length && prints.length > 0) {
      demand(unpacked.prints.length === prints.length, `packed: ${unpacked.prints.length} frames of ${prints.length}`);
    }
  }

  /** Bytes changed somewhere: the frames before stay as they are. */
  async #change(whole: Uint8Array, random: Random): Promise<void> {
    if (whole.length === 0) return;
    const prints = await this.#printsOf(whole);
    const records = recordsOf(whole);
    const changed = whole.slice();
    const isHeader = records.length > 0 && random.chance(0.7);
    const at = isHeader ? headerByte(records, random) : random.int(whole.length);
    for (let i = at; i < Math.min(changed.length, at + random.pick([1, 1, 2, 4])); i++) changed[i] = random.int(256);
    const found = await framesOf(arriving(changed, random));
    const before = records.filter(({ isFrame, end }) => isFrame && end <= at).length;
    const kept = Math.min(before, prints.length);
    demandPrefix(prints.slice(0, kept), found.prints, `bytes changed from ${at} on`);
    demand(found.warnings.length <= 1, `bytes changed from ${at} on: ${found.warnings.length} warnings`);
  }

  async #printsOf(whole: Uint8Array): Promise<readonly number[]> {
    if (this.#whole?.bytes !== whole) {
      const { prints } = await framesOf(Readable.from([Buffer.from(whole)], { objectMode: false }));
      this.#whole = { bytes: whole, prints };
    }
    return this.#whole.prints;
  }

  /** Any bytes: the pieces they come in do not matter, and every command says something sensible. */
  async #capture(plain: Uint8Array, random: Random): Promise<void> {
    let bytes = plain;
    if (random.chance(0.15)) {
      bytes = random.chance(0.5) ? gzipped(plain, random) : zstdStored(plain, random);
      if (random.chance(0.5)) bytes = changedBytes(bytes, random, null);
    }
    const isPacked = isCompressed(bytes);
    const whole = await framesOf(Readable.from([Buffer.from(bytes)], { objectMode: false }));
    const pieces = await framesOf(arriving(bytes, random));
    if (isPacked) {
      // What a damaged piece of compressed data would have given is lost, and pieces differ.
      const [short, long] = [whole, pieces].sort((a, b) => a.prints.length - b.prints.length);
      demandPrefix(short!.prints, long!.prints, 'in other pieces');
    } else {
      demandPrefix(whole.prints, pieces.prints, 'in pieces');
      demandPrefix(pieces.prints, whole.prints, 'in pieces');
      demand(JSON.stringify(whole.warnings) === JSON.stringify(pieces.warnings), 'in pieces: other warnings');
      demand(whole.refusal === pieces.refusal, `in pieces: ${pieces.refusal}, else: ${whole.refusal}`);
    }
    const isFile = random.chance(0.5);
    const path = join(this.#folder, 'input');
    if (isFile) writeFileSync(path, bytes);
    const problem = await outputOf(isFile ? path : '-', () => arriving(bytes, random), random);
    demand(problem === null, problem ?? '');
  }

  /** A mistake is pointed at; what is none can be asked. */
  async #filter(text: string, random: Random): Promise<void> {
    try {
      new Filter(text);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const { start, end } = error.span;
      demand(start >= 0 && start <= end && end <= text.length, `an error at [${start}, ${end}) of ${text.length}`);
      demand(error.detail.length === 2 && !error.message.includes('undefined'), `an odd message: ${error.message}`);
      return;
    }
    const bytes = await asked();
    const problem = await outputOf('-', () => Readable.from([Buffer.from(bytes)], { objectMode: false }), random, text);
    demand(problem === null, problem ?? '');
  }
}

/** gzip's and zstd's magic numbers, and those of zstd's skippable frames. */
function isCompressed(bytes: Uint8Array): boolean {
  return /^(?:1f8b|28b52ffd|5.2a4d18)/.test(Buffer.from(bytes.subarray(0, 4)).toString('hex'));
}

let askedBytes: Uint8Array | null = null;

/** A capture with something of everything, for filters to be asked about. */
async function asked(): Promise<Uint8Array> {
  askedBytes ??= (await import('../../test/support/filter-session.ts')).SESSION;
  return askedBytes;
}

/** A byte of a record's header or its frame's. */
function headerByte(records: ReturnType<typeof recordsOf>, random: Random): number {
  const { start, end } = random.pick(records);
  return start + random.int(Math.min(end - start, 80));
}

function demandPrefix(part: readonly number[], all: readonly number[], when: string): void {
  demand(part.length <= all.length, `${when}: frame ${all.length + 1} is one too many`);
  const at = part.findIndex((print, i) => print !== all[i]);
  demand(at < 0, `${when}: frame ${at + 1} is another`);
}

/** What is wrong with it is told in a sentence; anything else that is thrown is a bug. */
function expectSentence(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CaptureError)) throw error;
    demand(error.message !== '' && !error.message.includes('undefined'), `an odd message: ${error.message}`);
  }
}
