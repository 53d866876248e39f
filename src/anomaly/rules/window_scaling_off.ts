// In: the facts of a connection. Out: window scaling not taken up on a large transfer.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { declinedBy, WINDOW_SCALE } from '../measures/declined.ts';

/** Sixteen windows of 65,535 bytes: with less the limit costs a few round trips at most. */
export const LARGE_BYTES = 1_000_000;

export function windowScalingOff(flow: FlowFacts, found: Findings): void {
  const side = declinedBy(flow, WINDOW_SCALE);
  if (side === null) return;
  const bytes = Math.max(side.payloadBytes, flow.other(side).payloadBytes);
  if (bytes >= LARGE_BYTES) found.add('window_scaling_off', side, flow.first, { bytes });
}
