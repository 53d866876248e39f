// In: the tallies of the capture. Out: silences before resets that cluster at one length.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { Examples } from '../tally/examples.ts';

/** So many of one length are no chance. */
const LEAST = 5;
/** A timer fires within a few per cent of its time; the capture point adds a round trip. */
const WIDTH = 0.05;
/** And most resets after silence must be of this kind, or silence has many lengths. */
const SHARE = 0.6;

export function idleTimeoutResets(view: CaptureView, found: CaptureFindings): void {
  const sorted = [...view.idleResets].sort((a, b) => a.idle - b.idle);
  let best = 0;
  let bestCount = 0;
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && sorted[to]!.idle <= sorted[from]!.idle * (1 + WIDTH)) to++;
    if (to - from > bestCount) {
      bestCount = to - from;
      best = from;
    }
  }
  if (bestCount < LEAST || bestCount < SHARE * sorted.length) return;
  const cluster = sorted.slice(best, best + bestCount);
  const examples = new Examples();
  for (const reset of [...cluster].sort((a, b) => a.stream - b.stream)) examples.note(reset);
  const idle = cluster[bestCount >> 1]!.idle;
  found.capture('idle_timeout_resets', examples, { resets: bestCount, idle, of: sorted.length });
}
