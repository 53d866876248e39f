// In: nothing. Out: the flags of Wireshark's sequence analysis, with their field names and Info prefixes.

/**
 * One bit per flag, in the order in which tshark 4.0.17 puts the prefixes in front of Info: each later one stands further
 * left. FAST_RETRANSMISSION and SPURIOUS_RETRANSMISSION take the place of RETRANSMISSION, though the fields print both.
 */
export const AnalysisFlag = {
  REUSED_PORTS: 1 << 0,
  RETRANSMISSION: 1 << 1,
  FAST_RETRANSMISSION: 1 << 2,
  SPURIOUS_RETRANSMISSION: 1 << 3,
  OUT_OF_ORDER: 1 << 4,
  LOST_SEGMENT: 1 << 5,
  ACK_LOST_SEGMENT: 1 << 6,
  WINDOW_UPDATE: 1 << 7,
  WINDOW_FULL: 1 << 8,
  KEEP_ALIVE: 1 << 9,
  KEEP_ALIVE_ACK: 1 << 10,
  DUPLICATE_ACK: 1 << 11,
  ZERO_WINDOW_PROBE: 1 << 12,
  ZERO_WINDOW: 1 << 13,
  ZERO_WINDOW_PROBE_ACK: 1 << 14,
} as const;

/** The codes by bit number, as in `tcp.analysis.<code>`. */
export const ANALYSIS_CODES = [
  'reused_ports',
  'retransmission',
  'fast_retransmission',
  'spurious_retransmission',
  'out_of_order',
  'lost_segment',
  'ack_lost_segment',
  'window_update',
  'window_full',
  'keep_alive',
  'keep_alive_ack',
  'duplicate_ack',
  'zero_window_probe',
  'zero_window',
  'zero_window_probe_ack',
] as const;

export type AnalysisCode = (typeof ANALYSIS_CODES)[number];

export const ANALYSIS_FLAG_COUNT = ANALYSIS_CODES.length;
