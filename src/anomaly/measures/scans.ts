// In: the tallies of the capture. Out: who scans, and whether attempts at a service are a scanner's.

import type { CaptureView, ScanTally, ServiceTally } from '../capture-view.ts';

/** Zeek's scan detection: 15 ports of one host, 25 hosts at one port. No program that works needs as many in vain. */
const PORTS = 15;
const HOSTS = 25;
/** Whoever mostly succeeds is busy, not scanning. */
const FAILED_SHARE = 0.8;

export interface Scan {
  tally: ScanTally;
  /** About how many ports, or hosts, were tried in vain. */
  targets: number;
}

/** Computed once per capture, when all connections are in. */
export function portScans(view: CaptureView): readonly Scan[] {
  view.portScanners ??= scansOf(view.portScans.values(), PORTS);
  return view.portScanners;
}

export function hostScans(view: CaptureView): readonly Scan[] {
  view.hostScanners ??= scansOf(view.hostScans.values(), HOSTS);
  return view.hostScanners;
}

/** As many sources as scan its host or its port are all it was tried by. */
export function isScanned(view: CaptureView, service: ServiceTally): boolean {
  let scanners = 0;
  for (const { tally } of portScans(view)) if (tally.host === service.addr) scanners++;
  for (const { tally } of hostScans(view)) if (tally.port === service.port) scanners++;
  return scanners > 0 && service.sources.estimate() <= scanners;
}

function scansOf(tallies: Iterable<ScanTally>, least: number): Scan[] {
  const scans: Scan[] = [];
  for (const tally of tallies) {
    // Counting is exact, the number of different targets is an estimate.
    if (tally.failed.count < least || tally.failed.count < FAILED_SHARE * tally.weight) continue;
    const targets = Math.min(tally.targets.estimate(), tally.failed.count);
    if (targets >= least) scans.push({ tally, targets });
  }
  return scans;
}
