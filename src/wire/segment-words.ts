// In: nothing. Out: the row of a simple segment, word by word: see segment-run.ts.

/** Words of a row; as in Packet where nothing is said. */
export const SegmentWord = {
  /** Segment.NONE: nothing else is known of it. */
  KIND: 0,
  /** SYN; or SYN and ACK; or ACK, and some of PSH and FIN. */
  FLAGS: 1,
  /** The addresses, of a run only; of IPv6: their ids. */
  SOURCE: 2,
  DESTINATION: 3,
  /** Ports of source and destination, 16 bits each. */
  PORTS: 4,
  /** See tupleHash. */
  HASH: 5,
  SEQ: 6,
  ACK: 7,
  /** Never 0. */
  WINDOW: 8,
  /** Never unknown; 0 of a SYN. */
  PAYLOAD_LENGTH: 9,
  /** See payloadPrint; of a SYN: its options, see HandshakeBit. */
  PAYLOAD_PRINT: 10,
  OPTIONS: 10,
  TS_VAL: 11,
  /** TTL; of a run only, bytes of the frame before the TCP header: 16 bits each. And IN_IPV6, of a run only. */
  TTL_AND_START: 12,
  /** IPv4 identification (IPv6: all ones), TCP checksum: 16 bits each. */
  PRINT: 13,
  SECONDS: 14,
  NANOSECONDS: 15,
  /** Packet.ipId, of a single packet only: IPv6 has none. */
  IP_ID: 2,
  /** In place of HASH where KIND is NONE and somebody has asked for it: as `shareOfFrame`. */
  SHARE: 5,
} as const;
export const SEGMENT_WORDS = 16;

/** Where it came in IPv6, in the word of the TTL. */
export const IN_IPV6 = 1 << 24;

export const Segment = { NONE: 0, WITHOUT_TIMESTAMPS: 1, WITH_TIMESTAMPS: 2, SYN: 3 } as const;
