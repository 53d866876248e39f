// In: one segment and its connection. Out: both endpoints moved through the RFC 9293 states, with evidence.

import type { Frame } from '../capture/frame.ts';
import type { Packet } from '../wire/packet.ts';
import { State } from './state.ts';

/** Tracks the state of both endpoints of every connection. */
export class StateTracker {
  /** States of the sender and of the receiver after the segment observed last, as far as known then. */
  senderState: State = State.UNKNOWN;
  receiverState: State = State.UNKNOWN;

  /** Makes the records of connection `index`; called once, before its first segment. */
  open(_index: number): void {}

  /** Steps both endpoints of connection `index`. `direction` 0: A sent it. */
  observe(_frame: Frame, _packet: Packet, _index: number, _direction: 0 | 1, _isNew: boolean): void {}
}
