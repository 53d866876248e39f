// In: the facts of a connection. Out: Wireshark's duplicate_ack per direction.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('duplicate_ack');

export function duplicateAck(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    const { duplicateRun, duplicateFrame } = side.trouble;
    const worst = { ...place, worstFrame: duplicateFrame || place.frame };
    found.add('duplicate_ack', side, worst, { segments, run: duplicateRun });
  });
}
