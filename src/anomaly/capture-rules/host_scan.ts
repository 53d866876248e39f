// In: the tallies of the capture. Out: sources that tried one port at many hosts in vain.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { hostScans } from '../measures/scans.ts';

export function hostScan(view: CaptureView, found: CaptureFindings): void {
  for (const { tally, targets } of hostScans(view)) {
    const values = { hosts: targets, port: tally.port, attempts: tally.weight, failed: tally.failed.count };
    found.host('host_scan', tally.source, '', tally.failed, values);
  }
}
