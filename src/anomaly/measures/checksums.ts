// In: the checksums looked at, by host. Out: which of them are left to a network card, unusable throughout, really wrong.

import type { CaptureView } from '../capture-view.ts';

/** A host of whose checksums this share is wrong is not the victim of damage: its segments would not get through. */
const THROUGHOUT = 0.5;

export interface ChecksumSums {
  checked: number;
  partial: number;
  partialFrame: number;
  partialHost: string;
  unusable: number;
  unusableFrame: number;
  unusableHost: string;
  wrong: number;
  wrongFrame: number;
  wrongHost: string;
}

export function checksumSums(view: CaptureView): ChecksumSums {
  const sums: ChecksumSums = {
    checked: 0,
    partial: 0,
    partialFrame: 0,
    partialHost: '',
    unusable: 0,
    unusableFrame: 0,
    unusableHost: '',
    wrong: 0,
    wrongFrame: 0,
    wrongHost: '',
  };
  for (const [host, counts] of view.facts.checksums) {
    const { checked, partial, partialFrame, wrong, wrongFrame } = counts;
    sums.checked += checked;
    sums.partial += partial;
    if (partial > 0 && (sums.partialFrame === 0 || partialFrame < sums.partialFrame)) {
      sums.partialFrame = partialFrame;
      sums.partialHost = host;
    }
    if (wrong === 0) continue;
    if (wrong >= THROUGHOUT * (checked - partial)) {
      sums.unusable += wrong;
      if (sums.unusableFrame === 0 || wrongFrame < sums.unusableFrame) {
        sums.unusableFrame = wrongFrame;
        sums.unusableHost = host;
      }
    } else {
      sums.wrong += wrong;
      if (sums.wrongFrame === 0 || wrongFrame < sums.wrongFrame) {
        sums.wrongFrame = wrongFrame;
        sums.wrongHost = host;
      }
    }
  }
  return sums;
}
