// In: the tallies of a capture. Out: all that they hold, to be compared.

import type { CaptureView } from '../../src/anomaly/capture-view.ts';

export function shownView(view: CaptureView): unknown {
  const services = [...view.services.values()].map((tally) => [
    { ...tally },
    tally.sources.estimate(),
    tally.incompletePerSecond.most(),
  ]);
  const pairs = [...view.pairs.values()].map((tally) => [{ ...tally }, tally.mostWithin(20)]);
  const scans = [...view.portScans.values(), ...view.hostScans.values()].map((tally) => tally.weight);
  // But for what was found out since.
  const found = { portScanners: null, hostScanners: null, warnings: [] };
  return structuredClone({ ...view, facts: null, addressText: null, ...found, services, pairs, scans });
}
