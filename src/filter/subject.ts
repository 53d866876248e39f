// In: a segment as it passes, or a finished connection. Out: the one object all parts of a filter look at.

import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { FindingResult, FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';

/**
 * Reused from segment to segment; what it refers to is borrowed. Readers of scope `segment` are only called while the first
 * four are set, readers of scope `flow` only while `flow` is: the type checker sees to it.
 */
export class Subject {
  frame!: Frame;
  packet!: Packet;
  trace!: TcpTrace;
  clock!: CaptureClock;
  /** Where a connection's first segment is asked for all of them: those meant are by the book. */
  isByTheBook = false;
  /** The connection, once it is over. */
  flow!: FlowResult;
  /** The capture's end, seconds since its start: until then an endpoint stays in the state it reached last. */
  captureEnd = 0;
  /** The finding in question, where findings are counted; else null. */
  finding: FindingResult | null = null;
}
