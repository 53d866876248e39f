// In: folders of captures. Out: for each seed a capture put together of some of them, and spoiled as networks and snap lengths spoil captures.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureError } from '../../src/errors.ts';
import { type FrameToWrite, writePcap } from '../../test/support/pcap-writer.ts';
import { Random } from '../../test/support/random.ts';

/** Of a file; of all that are put together. */
const MOST_BYTES = 400_000;
const MOST_FRAMES = 1500;
const MOST_FILES = 12;
/** Bytes of a frame that hold headers, mostly. */
const HEADERS = 100;
/** What a header's byte is set to, if it is not one bit that flips. */
const BYTES = [0, 1, 2, 127, 128, 254, 255];

interface Part {
  readonly linkType: number;
  readonly frames: readonly FrameToWrite[];
}

/** How often, of a frame. */
interface Spoiling {
  readonly lost: number;
  readonly repeated: number;
  readonly late: number;
  readonly changed: number;
  readonly cut: number;
}

const KINDS: readonly Spoiling[] = [
  { lost: 0.03, repeated: 0.03, late: 0.06, changed: 0, cut: 0 },
  { lost: 0, repeated: 0, late: 0, changed: 0.3, cut: 0 },
  { lost: 0, repeated: 0, late: 0, changed: 0, cut: 0.2 },
  { lost: 0.03, repeated: 0.03, late: 0.03, changed: 0.05, cut: 0.03 },
];
const DELAYS_MS = [0, 0.001, 1, 10, 1000];
/** Late enough for frames from before the first of their capture. */
const START = 1_000_000_000;

export class SpoiledCaptures {
  readonly #paths = new Map<number, string[]>();

  /** Looks for captures of a moderate size that our reader can open. */
  static async of(folders: readonly string[]): Promise<SpoiledCaptures> {
    const captures = new SpoiledCaptures();
    for (const folder of folders) {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
        const path = join(folder, name);
        const status = statSync(path);
        if (!status.isFile() || status.size > MOST_BYTES) continue;
        const part = await framesOf(path);
        if (part !== null) captures.#add(part.linkType, path);
      }
    }
    return captures;
  }

  #add(linkType: number, path: string): void {
    const paths = this.#paths.get(linkType);
    if (paths === undefined) this.#paths.set(linkType, [path]);
    else paths.push(path);
  }

  /** A pcap file; any link type there is comes as often as any other. */
  async make(seed: number): Promise<Uint8Array> {
    const random = new Random(seed);
    const linkType = random.pick([...this.#paths.keys()]);
    const paths = this.#paths.get(linkType)!;
    const frames: FrameToWrite[] = [];
    for (let file = 0; file < MOST_FILES && frames.length < MOST_FRAMES; file++) {
      const part = await framesOf(random.pick(paths));
      const first = part!.frames[0]!.seconds;
      for (const frame of part!.frames) frames.push({ ...frame, seconds: START + frame.seconds - first + 100 * file });
    }
    return writePcap(spoiled(frames.slice(0, MOST_FRAMES), random), { nanoseconds: true, linkType });
  }
}

/** All frames of one link type; null if there are none or several types, or it is no capture. */
async function framesOf(path: string): Promise<Part | null> {
  const frames: FrameToWrite[] = [];
  let linkType = -1;
  try {
    const capture = await openCapture([path]);
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) {
        if (linkType >= 0 && frame.linkType !== linkType) return null;
        linkType = frame.linkType;
        const { seconds, nanoseconds, start, capturedLength, originalLength } = frame;
        frames.push({ seconds, nanoseconds, bytes: frame.bytes.slice(start, start + capturedLength), originalLength });
      }
    } while (await capture.fill());
    await capture.close();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  return frames.length === 0 ? null : { linkType, frames };
}

function spoiled(frames: readonly FrameToWrite[], random: Random): FrameToWrite[] {
  const { lost, repeated, late, changed, cut } = random.pick(KINDS);
  const kept: FrameToWrite[] = [];
  for (let frame of frames) {
    if (random.chance(lost)) continue;
    if (random.chance(repeated)) kept.push(delayed(frame, random));
    if (random.chance(late)) frame = delayed(frame, random);
    if (random.chance(changed)) frame = { ...frame, bytes: withOtherHeaders(frame.bytes, random) };
    if (random.chance(cut)) frame = { ...frame, bytes: frame.bytes.slice(0, random.int(HEADERS + HEADERS)) };
    if (random.chance(0.002)) frame = { ...frame, originalLength: random.pick([0, frame.bytes.length, 65535]) };
    kept.push(frame);
  }
  return kept;
}

/** Some time later; where that is after frames that follow, those stay in front of it. */
function delayed(frame: FrameToWrite, random: Random): FrameToWrite {
  const nanoseconds = frame.nanoseconds + Math.round(random.pick(DELAYS_MS) * 1e6);
  return { ...frame, seconds: frame.seconds + Math.floor(nanoseconds / 1e9), nanoseconds: nanoseconds % 1e9 };
}

function withOtherHeaders(bytes: Uint8Array, random: Random): Uint8Array {
  const other = bytes.slice();
  if (other.length === 0) return other;
  for (let times = 1 + random.int(3); times > 0; times--) {
    const at = random.int(Math.min(other.length, HEADERS));
    if (random.chance(0.5)) other[at]! ^= 1 << random.int(8);
    else other[at] = random.chance(0.5) ? random.pick(BYTES) : random.int(256);
  }
  return other;
}
