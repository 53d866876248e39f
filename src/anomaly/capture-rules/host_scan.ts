// In: the tallies of the capture. Out: sources that tried one port at many hosts in vain.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Zeek's scan detection: 25 hosts at one port. */
const HOSTS = 25;
const FAILED_SHARE = 0.8;

export function hostScan(view: CaptureView, found: CaptureFindings): void {
  for (const scan of view.hostScans.values()) {
    const hosts = scan.targets.estimate();
    if (hosts < HOSTS || scan.failed.count < FAILED_SHARE * scan.weight) continue;
    const values = { hosts, port: scan.port, attempts: scan.weight, failed: scan.failed.count };
    found.host('host_scan', scan.source, '', scan.failed, values);
  }
}
