// In: the tallies of the capture. Out: sources that tried many ports of one host in vain.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Zeek's scan detection: 15 ports of one host, 25 hosts at one port. No program that works needs as many in vain. */
const PORTS = 15;
/** Whoever mostly succeeds is busy, not scanning. */
const FAILED_SHARE = 0.8;

export function portScan(view: CaptureView, found: CaptureFindings): void {
  for (const scan of view.portScans.values()) {
    const ports = scan.targets.estimate();
    if (ports < PORTS || scan.failed.count < FAILED_SHARE * scan.weight) continue;
    const values = { ports, attempts: scan.weight, failed: scan.failed.count };
    found.host('port_scan', scan.source, scan.host, scan.failed, values);
  }
}
