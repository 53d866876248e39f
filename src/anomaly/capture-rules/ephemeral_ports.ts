// In: the tallies of the capture. Out: hosts whose source ports toward one service run out.

import { endpointText } from '../../units.ts';
import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Linux' default net.ipv4.ip_local_port_range, 32768 to 60999. */
const RANGE = 28_232;
/** At half of it connect() has to search for a free port; from there on a little more load is enough. */
const SHARE = 0.5;

export function ephemeralPorts(view: CaptureView, found: CaptureFindings): void {
  const seconds = view.timeWaitSeconds;
  for (const pair of view.pairs.values()) {
    if (pair.weight < SHARE * RANGE) continue;
    const opened = pair.mostWithin(seconds);
    if (opened < SHARE * RANGE) continue;
    found.host('ephemeral_ports', pair.client, endpointText(pair), pair.all, { opened, seconds, range: RANGE });
  }
}
