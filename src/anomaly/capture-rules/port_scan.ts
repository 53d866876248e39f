// In: the tallies of the capture. Out: sources that tried many ports of one host in vain.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { portScans } from '../measures/scans.ts';

export function portScan(view: CaptureView, found: CaptureFindings): void {
  for (const { tally, targets } of portScans(view)) {
    const values = { ports: targets, attempts: tally.weight, failed: tally.failed.count };
    found.host('port_scan', tally.source, tally.host, tally.failed, values);
  }
}
