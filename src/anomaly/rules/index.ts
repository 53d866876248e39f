// In: nothing. Out: every rule about single connections. A new rule is one file and one line here.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { ackLostSegment } from './ack_lost_segment.ts';
import { applicationLimited } from './application_limited.ts';
import { backlogOverflow } from './backlog_overflow.ts';
import { begunMidstream } from './begun_midstream.ts';
import { captureGap } from './capture_gap.ts';
import { captureOrder } from './capture_order.ts';
import { closeWaitHeld } from './close_wait_held.ts';
import { closeWaitLeak } from './close_wait_leak.ts';
import { connectionAborted } from './connection_aborted.ts';
import { connectionRefused } from './connection_refused.ts';
import { dataAfterClose } from './data_after_close.ts';
import { dataAfterFin } from './data_after_fin.ts';
import { dataAfterReset } from './data_after_reset.ts';
import { duplicateAck } from './duplicate_ack.ts';
import { duplicateFrames } from './duplicate_frames.ts';
import { endedMidstream } from './ended_midstream.ts';
import { fastOpen } from './fast_open.ts';
import { fastRetransmission } from './fast_retransmission.ts';
import { finUnacknowledged } from './fin_unacknowledged.ts';
import { finWait2Stuck } from './fin_wait_2_stuck.ts';
import { halfClosed } from './half_closed.ts';
import { halfOpen } from './half_open.ts';
import { handshakeReset } from './handshake_reset.ts';
import { heavyRetransmission } from './heavy_retransmission.ts';
import { idleCloseByReset } from './idle_close_by_reset.ts';
import { keepAlive } from './keep_alive.ts';
import { keepAliveAck } from './keep_alive_ack.ts';
import { keepAliveUnanswered } from './keep_alive_unanswered.ts';
import { longIdle } from './long_idle.ts';
import { lostSegment } from './lost_segment.ts';
import { mssExceeded } from './mss_exceeded.ts';
import { oddFlags } from './odd_flags.ts';
import { offload } from './offload.ts';
import { oneSided } from './one_sided.ts';
import { optionsChanged } from './options_changed.ts';
import { optionsStripped } from './options_stripped.ts';
import { outOfOrder } from './out_of_order.ts';
import { overlapChanged } from './overlap_changed.ts';
import { peerVanished } from './peer_vanished.ts';
import { receiverLimited } from './receiver_limited.ts';
import { resetAfterFin } from './reset_after_fin.ts';
import { resetAfterIdle } from './reset_after_idle.ts';
import { resetDataLost } from './reset_data_lost.ts';
import { resetIgnored } from './reset_ignored.ts';
import { resetInjected } from './reset_injected.ts';
import { resetUnreadData } from './reset_unread_data.ts';
import { retransmission } from './retransmission.ts';
import { reusedPorts } from './reused_ports.ts';
import { sackOff } from './sack_off.ts';
import { senderLimited } from './sender_limited.ts';
import { simultaneousOpen } from './simultaneous_open.ts';
import { slowAnswer } from './slow_answer.ts';
import { slowHandshake } from './slow_handshake.ts';
import { splitHandshake } from './split_handshake.ts';
import { spuriousRetransmission } from './spurious_retransmission.ts';
import { strayReset } from './stray_reset.ts';
import { synData } from './syn_data.ts';
import { synDataIgnored } from './syn_data_ignored.ts';
import { synInConnection } from './syn_in_connection.ts';
import { synOtherIsn } from './syn_other_isn.ts';
import { synRetried } from './syn_retried.ts';
import { synUnanswered } from './syn_unanswered.ts';
import { synackOtherIsn } from './synack_other_isn.ts';
import { synackRetried } from './synack_retried.ts';
import { synackWrongAck } from './synack_wrong_ack.ts';
import { timeWaitAssassination } from './time_wait_assassination.ts';
import { timeWaitReuse } from './time_wait_reuse.ts';
import { timeWaitReuseUnsafe } from './time_wait_reuse_unsafe.ts';
import { timeoutStall } from './timeout_stall.ts';
import { timestampBackwards } from './timestamp_backwards.ts';
import { timestampsOff } from './timestamps_off.ts';
import { urgentData } from './urgent_data.ts';
import { windowFull } from './window_full.ts';
import { windowScalingOff } from './window_scaling_off.ts';
import { windowShrunk } from './window_shrunk.ts';
import { zeroWindow } from './zero_window.ts';
import { zeroWindowProbe } from './zero_window_probe.ts';
import { zeroWindowProbeAck } from './zero_window_probe_ack.ts';
import { zeroWindowStall } from './zero_window_stall.ts';

/** Reads the facts of one connection and tells what it found. It computes in constant time and changes nothing. */
export type FlowRule = (flow: FlowFacts, found: Findings) => void;

/** Asked of every connection. The other lists spare the healthy ones. */
export const RULES: readonly FlowRule[] = [
  applicationLimited,
  begunMidstream,
  closeWaitHeld,
  closeWaitLeak,
  endedMidstream,
  fastOpen,
  finWait2Stuck,
  halfClosed,
  halfOpen,
  longIdle,
  oneSided,
  optionsStripped,
  receiverLimited,
  sackOff,
  senderLimited,
  simultaneousOpen,
  slowAnswer,
  slowHandshake,
  splitHandshake,
  synData,
  synDataIgnored,
  synUnanswered,
  timeWaitAssassination,
  timestampsOff,
  windowScalingOff,
];

/** Asked only where some segment had one of Wireshark's flags. */
export const FLAG_RULES: readonly FlowRule[] = [
  ackLostSegment,
  duplicateAck,
  fastRetransmission,
  keepAlive,
  keepAliveAck,
  lostSegment,
  outOfOrder,
  retransmission,
  reusedPorts,
  spuriousRetransmission,
  windowFull,
  zeroWindow,
  zeroWindowProbe,
  zeroWindowProbeAck,
];

/** Asked only where a side has a Trouble row. */
export const TROUBLE_RULES: readonly FlowRule[] = [
  captureGap,
  captureOrder,
  heavyRetransmission,
  peerVanished,
  timeoutStall,
  zeroWindowStall,
];

/** Asked only where a side has an Oddities row. */
export const ODDITY_RULES: readonly FlowRule[] = [
  backlogOverflow,
  dataAfterFin,
  dataAfterReset,
  duplicateFrames,
  finUnacknowledged,
  keepAliveUnanswered,
  mssExceeded,
  oddFlags,
  offload,
  optionsChanged,
  overlapChanged,
  synRetried,
  synackOtherIsn,
  synackRetried,
  synackWrongAck,
  timestampBackwards,
  urgentData,
  windowShrunk,
];

/** Asked only where a side has sent a reset. */
export const RESET_RULES: readonly FlowRule[] = [
  connectionAborted,
  connectionRefused,
  dataAfterClose,
  handshakeReset,
  idleCloseByReset,
  resetAfterFin,
  resetAfterIdle,
  resetDataLost,
  resetIgnored,
  resetInjected,
  resetUnreadData,
  strayReset,
];

/** Asked only where the 4-tuple was in use before. */
export const REUSE_RULES: readonly FlowRule[] = [synInConnection, synOtherIsn, timeWaitReuse, timeWaitReuseUnsafe];
