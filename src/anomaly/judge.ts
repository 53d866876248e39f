// In: a finished connection. Out: its findings.

import type { FlowResult } from '../tcp/flow-result.ts';

/** Fills `flow.findings`. */
export function judgeFlow(_flow: FlowResult): void {}
