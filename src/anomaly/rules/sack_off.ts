// In: the facts of a connection. Out: selective acknowledgments not taken up on a transfer with losses.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { declinedBy, SACK } from '../measures/declined.ts';

/** Single losses are repaired as well without SACK (RFC 6582); it counts when several hit one window. */
const LOSSES = 10;

export function sackOff(flow: FlowFacts, found: Findings): void {
  const side = declinedBy(flow, SACK);
  if (side === null) return;
  const resent = side.trouble.resent + flow.other(side).trouble.resent;
  if (resent >= LOSSES) found.add('sack_off', side, flow.first, { resent });
}
