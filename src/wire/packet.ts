// In: nothing. Out: the record a decoder fills with all that one TCP segment says. No memory of earlier frames.

/** TCP header flags by bit, as in `tcp.flags` (RFC 9293 3.1; AE: RFC 9768, before that NS). */
export const Flag = {
  FIN: 0x001,
  SYN: 0x002,
  RST: 0x004,
  PSH: 0x008,
  ACK: 0x010,
  URG: 0x020,
  ECE: 0x040,
  CWR: 0x080,
  AE: 0x100,
  /** The three reserved bits. */
  RESERVED: 0xe00,
} as const;

/** What a decoded frame turned out to hold. */
export const PacketKind = {
  /** No TCP in it, or none that could be reached; `stop` says why. */
  NONE: 0,
  /** A TCP segment. */
  SEGMENT: 1,
  /** A TCP header quoted in an ICMP or ICMPv6 error: it names a connection, but it is no segment on the wire. */
  QUOTED: 2,
} as const;
export type PacketKind = (typeof PacketKind)[keyof typeof PacketKind];

/** How much of the TCP header could be read, with the marker tshark 4.0.17 appends to Info. */
export const HeaderCut = {
  /** The whole header is there. */
  NONE: 0,
  /** Cut by the snap length: "[Packet size limited during capture]". */
  SNAPLEN: 1,
  /** The datagram itself ends inside the header: "[Malformed Packet]". */
  MALFORMED: 2,
  /** As MALFORMED, found while reading an option: "[Malformed Packet: length of contained item exceeds length of containing item]". */
  CONTAINED: 3,
  /** Data offset below 5: ", bogus TCP header length (H, must be at least 20)". */
  BOGUS_LENGTH: 4,
} as const;
export type HeaderCut = (typeof HeaderCut)[keyof typeof HeaderCut];

/** Most options a 40-byte option area can hold (40 NOPs). */
export const MAX_OPTIONS = 40;
/** Most IP headers kept of one frame (tunnel in tunnel); deeper nesting stops decoding and says so. */
export const MAX_IP_LAYERS = 16;
/** Int32 words kept of one IP layer: version, source (4), destination (4). */
export const IP_LAYER_WORDS = 9;

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/** Where a payload lies: what is captured of it is [payloadStart, payloadEnd) in `view`. */
export interface Payload {
  view: DataView;
  payloadStart: number;
  payloadEnd: number;
}

/**
 * One decoded segment. The decoder owns one and refills it, so it is borrowed like the frame it was read from.
 * Sequence numbers, acknowledgment numbers and address words are int32; print them with `>>> 0`.
 */
export class Packet {
  kind: PacketKind = PacketKind.NONE;

  // -- IP ------------------------------------------------------------------------------------------------------------
  /**
   * All IP headers passed on the way to the segment, outermost first: IP_LAYER_WORDS words each (version 4 or 6; source;
   * destination; for version 4 only the first word of an address is used). The last one is the segment's own.
   */
  readonly ipLayers = new Int32Array((MAX_IP_LAYERS + 1) * IP_LAYER_WORDS);
  ipLayerCount = 0;
  /**
   * Offset in `ipLayers` of what the connection is named by: the innermost header, or, where an IPv6 routing header names
   * another final destination, a copy with that destination, kept behind the counted ones.
   */
  ip = 0;
  /** IPv4 identification of the innermost header, or -1 (IPv6 without fragment header). Tells a copied frame from one sent again. */
  ipId = -1;
  /** TTL or hop limit of the innermost header. */
  ttl = 0;
  /** True where the datagram was put together from fragments; `bytes` is then the reassembly buffer, not the frame. */
  reassembled = false;
  /** True for a first fragment whose datagram cannot be put together (the capture cut it); the rest is not to be had. */
  fragmented = false;
  /** True where the capture ends inside what follows the datagram in its Ethernet frame (padding, trailer). */
  trailerCut = false;

  /**
   * For kind QUOTED: the error says that the datagram did not get through and will not (RFC 1122 4.2.3.9): unreachable, hop
   * limit exceeded or parameter problem, but not "too big", a better route, or source quench.
   */
  undeliverable = false;

  // -- TCP header ----------------------------------------------------------------------------------------------------
  sourcePort = 0;
  destinationPort = 0;
  /** Sequence number, int32, raw. */
  seq = 0;
  /** Acknowledgment number, int32, raw; read whether or not the ACK flag is set. */
  ack = 0;
  /** Bytes of TCP header: 4 x data offset, 0 to 60. */
  headerLength = 0;
  /** The twelve flag bits, see Flag. */
  flags = 0;
  /** Window as sent, unscaled. */
  window = 0;
  urgentPointer = 0;
  /** Checksum as sent. */
  checksum = 0;
  /**
   * Bytes of payload the segment had on the wire (snap length and Ethernet padding play no part), or -1 where that cannot be
   * known: fragments, quoted headers, "short" segments (header length beyond the datagram).
   */
  payloadLength = 0;
  /** Bytes of the TCP header that were captured (up to `headerLength`, or up to 20 where that is not known). */
  capturedHeader = 0;
  cut: HeaderCut = HeaderCut.NONE;

  // -- TCP options, in header order -----------------------------------------------------------------------------------
  /** Number of options wholly read (NOP and EOL included). */
  optionCount = 0;
  readonly optionKind = new Uint8Array(MAX_OPTIONS);
  /** Length byte as sent; 1 for NOP and EOL. */
  readonly optionLength = new Uint8Array(MAX_OPTIONS);
  /** Offset in `bytes` of the option's kind byte. Only `wire/` follows it. */
  readonly optionOffset = new Int32Array(MAX_OPTIONS);
  /** The values most segments are asked for; -1 where the option is absent (timestamps: `hasTimestamps`). Last one wins. */
  mss = -1;
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  tsVal = 0;
  tsEcr = 0;
  /**
   * True if reading stopped inside an option for want of bytes: the arrays then hold it at index `optionCount`.
   * Its values count only as far as they were captured.
   */
  optionCut = false;
  /** Number of SACK blocks and their edges, left and right in turn, raw int32. The last SACK option wins. */
  sackCount = 0;
  readonly sackEdges = new Int32Array(8);
  /**
   * Index of a SACK option without one whole block, else -1. tshark stops reading there with "[Malformed Packet]" if the
   * segment's relative acknowledgment number is not negative; whoever knows that number calls `endAtEmptySack`.
   */
  emptySackOption = -1;
  /** A SACK option with blocks stands before that one; its edges are still in `sackEdges`. */
  hasEarlierSack = false;
  /** An MPTCP option is there (RFC 8684), and the kinds of it as a set: bit n for subtype n. */
  hasMptcp = false;
  mptcpKinds = 0;
  /** Bytes of Fast Open cookie (RFC 7413), the longest if there are several options: 0 for a cookie request, -1 without the option. */
  fastOpenCookieLength = -1;
  /** An Accurate ECN option is there (RFC 9768 3.2.3, or the experimental kinds). */
  hasAccEcn = false;

  // -- Where it lies (for hints and option text; used inside `wire/` only) ----------------------------------------------
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  /** Offset of the TCP header in `bytes`. */
  tcpStart = 0;
  /** Captured payload is [payloadStart, payloadEnd) in `bytes`. */
  payloadStart = 0;
  payloadEnd = 0;

  // -- Where decoding stopped ------------------------------------------------------------------------------------------
  /** The layer that could not be read or carries no TCP ("" when a segment was reached), and a plain reason. */
  stopLayer = '';
  stopReason = '';
}
