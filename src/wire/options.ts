// In: the option area of a TCP header. Out: the options listed in the Packet, and the values most segments are asked for.

import { HeaderCut, type Packet, PacketKind } from './packet.ts';
import { probeLength } from './riverbed.ts';

/** TCP option kinds (iana.org/assignments/tcp-parameters). */
export const OptionKind = {
  END: 0,
  NOP: 1,
  MSS: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  ECHO: 6,
  ECHO_REPLY: 7,
  TIMESTAMPS: 8,
  CC: 11,
  CC_NEW: 12,
  CC_ECHO: 13,
  MD5: 19,
  SCPS: 20,
  SNACK: 21,
  RECORD_BOUNDARY: 22,
  CORRUPTION_EXPERIENCED: 23,
  QUICK_START: 27,
  USER_TIMEOUT: 28,
  AUTHENTICATION: 29,
  MPTCP: 30,
  FAST_OPEN: 34,
  RIVERBED_PROBE: 76,
  RIVERBED_TRANSPARENCY: 78,
  ACC_ECN_0: 172,
  ACC_ECN_1: 174,
  EXPERIMENT_1: 253,
  EXPERIMENT_2: 254,
} as const;

/** Experiment identifiers (RFC 6994) that say what an option of kind 253 or 254 is. */
export const ExperimentId = {
  FAST_OPEN: 0xf989,
  ACC_ECN_0: 0xacc0,
  ACC_ECN_1: 0xacc1,
  TARR: 0x00ac,
} as const;

const FIXED_HEADER = 20;
const TIMESTAMPS_LENGTH = 10;
/** CCSDS 714.0-B-2: kind, length, offset and size of the hole. */
const SNACK_LENGTH = 6;
/** NOP, NOP, TIMESTAMPS, 10: the layout of nearly every segment of today (RFC 7323 appendix A). */
export const NOP_NOP_TIMESTAMPS = 0x0101080a;

/**
 * Reads the options of the header at `packet.tcpStart`; `wire` is the length of the datagram from there as sent.
 * Stops where tshark 4.0.17 stops: silently at a length byte that cannot be, with `packet.cut` set where bytes run out.
 */
export function readOptions(packet: Packet, wire: number): void {
  const { bytes, view, tcpStart } = packet;
  const stop = tcpStart + packet.headerLength;
  const captured = tcpStart + packet.capturedHeader;
  const wireEnd = tcpStart + wire;
  let at = tcpStart + FIXED_HEADER;

  if (packet.headerLength === 32 && captured === stop && view.getInt32(at) === NOP_NOP_TIMESTAMPS) {
    setTimestampsAlone(packet, at);
    return;
  }

  const isQuoted = packet.kind === PacketKind.QUOTED;
  let count = 0;
  while (at < stop) {
    if (at >= captured) {
      packet.cut = at < wireEnd ? HeaderCut.SNAPLEN : HeaderCut.MALFORMED;
      break;
    }
    const kind = bytes[at]!;
    let length = 1;
    if (kind > OptionKind.NOP) {
      if (at + 1 >= stop) break;
      if (at + 1 >= captured) {
        packet.cut = at + 1 < wireEnd ? HeaderCut.SNAPLEN : HeaderCut.MALFORMED;
        break;
      }
      length = bytes[at + 1]!;
      if (length < 2) break;
      if (at + length > stop) {
        // tshark counts kind and length as read before it measures the rest, and so points two bytes short.
        noteUnreadRest(packet, captured, stop - 2, wireEnd);
        break;
      }
      if (at + length > captured) {
        // In a quotation tshark forgives an option that the quotation ends in, or that is shorter than its content (below).
        if (isQuoted && at + length > wireEnd) {
          if (kind === OptionKind.SACK) takeSackBlocks(packet, at, (captured - at - 2) >> 3);
          at += length;
          continue;
        }
        noteCutOption(packet, count, kind, length, at);
        // One of a wrong length is stepped over: it is missed only if more should follow.
        const isRead = !hasWrongLength(kind, length);
        if (isRead || at + length < stop) {
          if (at + length <= wireEnd) packet.cut = HeaderCut.SNAPLEN;
          else packet.cut = isRead ? HeaderCut.CONTAINED : HeaderCut.MALFORMED;
        }
        break;
      }
    }
    packet.optionKind[count] = kind;
    packet.optionLength[count] = length;
    packet.optionOffset[count] = at;
    count++;
    if (kind > OptionKind.NOP && !readOption(packet, count - 1, kind, length, at)) {
      if (!isQuoted) break;
      packet.cut = HeaderCut.NONE;
    }
    at += length;
    if (kind === OptionKind.END && at < stop && at < captured && bytes[at] !== OptionKind.END) {
      noteUnreadRest(packet, captured, stop, wireEnd);
      break;
    }
  }
  packet.optionCount = count;
}

/** The options are NOP, NOP and Timestamps, wholly captured, at offset `at`. */
function setTimestampsAlone(packet: Packet, at: number): void {
  packet.optionCount = 3;
  const { view, optionKind, optionLength, optionOffset } = packet;
  optionKind[0] = OptionKind.NOP;
  optionKind[1] = OptionKind.NOP;
  optionKind[2] = OptionKind.TIMESTAMPS;
  optionLength[0] = 1;
  optionLength[1] = 1;
  optionLength[2] = TIMESTAMPS_LENGTH;
  optionOffset[0] = at;
  optionOffset[1] = at + 1;
  optionOffset[2] = at + 2;
  packet.hasTimestamps = true;
  packet.tsVal = view.getInt32(at + 4);
  packet.tsEcr = view.getInt32(at + 8);
}

/** Lengths tshark demands of an option before it looks inside. */
const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [OptionKind.MSS, 4],
  [OptionKind.WINDOW_SCALE, 3],
  [OptionKind.SACK_PERMITTED, 2],
  [OptionKind.ECHO, 6],
  [OptionKind.ECHO_REPLY, 6],
  [OptionKind.TIMESTAMPS, TIMESTAMPS_LENGTH],
  [OptionKind.CC, 6],
  [OptionKind.CC_NEW, 6],
  [OptionKind.CC_ECHO, 6],
  [OptionKind.MD5, 18],
  [OptionKind.SCPS, 4],
  [OptionKind.SNACK, SNACK_LENGTH],
  [OptionKind.RECORD_BOUNDARY, 2],
  [OptionKind.CORRUPTION_EXPERIENCED, 2],
  [OptionKind.QUICK_START, 8],
  [OptionKind.USER_TIMEOUT, 4],
  [OptionKind.RIVERBED_TRANSPARENCY, 16],
]);

function hasWrongLength(kind: number, length: number): boolean {
  return (FIXED_LENGTHS.get(kind) ?? length) !== length;
}

/** tshark points at all of the area behind padding that is not zero and behind an option too long: cut if it is not all there. */
function noteUnreadRest(packet: Packet, captured: number, stop: number, wireEnd: number): void {
  if (captured < stop) packet.cut = stop <= wireEnd ? HeaderCut.SNAPLEN : HeaderCut.MALFORMED;
}

/** Keeps the option that the captured bytes end in, and the whole blocks of a SACK option among them. */
function noteCutOption(packet: Packet, index: number, kind: number, length: number, at: number): void {
  packet.optionCut = true;
  packet.optionKind[index] = kind;
  packet.optionLength[index] = length;
  packet.optionOffset[index] = at;
  if (kind === OptionKind.MPTCP) packet.hasMptcp = true;
  if (kind === OptionKind.SACK && length >= 2) {
    const captured = packet.tcpStart + packet.capturedHeader;
    takeSackBlocks(packet, at, (captured - at - 2) >> 3);
  }
}

function takeSackBlocks(packet: Packet, at: number, blocks: number): void {
  packet.sackCount = blocks;
  for (let edge = 0; edge < 2 * blocks; edge++) packet.sackEdges[edge] = packet.view.getInt32(at + 2 + 4 * edge);
}

/** Takes what the option says into the packet. False if reading ends with it because tshark's does. */
function readOption(packet: Packet, index: number, kind: number, length: number, at: number): boolean {
  const { bytes, view } = packet;
  switch (kind) {
    case OptionKind.MSS:
      if (length === 4) packet.mss = view.getUint16(at + 2);
      break;
    case OptionKind.WINDOW_SCALE:
      if (length === 3) packet.windowScale = bytes[at + 2]!;
      break;
    case OptionKind.SACK_PERMITTED:
      packet.sackPermitted = true;
      break;
    case OptionKind.SACK: {
      const blocks = (length - 2) >> 3;
      if (blocks === 0) {
        if (packet.emptySackOption < 0) {
          packet.emptySackOption = index;
          packet.hasEarlierSack = packet.sackCount > 0;
        }
        packet.sackCount = 0;
        break;
      }
      takeSackBlocks(packet, at, blocks);
      break;
    }
    case OptionKind.TIMESTAMPS:
      if (length === TIMESTAMPS_LENGTH) {
        packet.hasTimestamps = true;
        packet.tsVal = view.getInt32(at + 2);
        packet.tsEcr = view.getInt32(at + 6);
      }
      break;
    case OptionKind.SNACK:
      // tshark's dissector of it fails where the length is right.
      if (length !== SNACK_LENGTH) break;
      packet.cut = HeaderCut.MALFORMED;
      return false;
    case OptionKind.MPTCP:
      packet.hasMptcp = true;
      if (length >= 3) packet.mptcpKinds |= 1 << (bytes[at + 2]! >> 4);
      if (length < mptcpLength(packet, at, length)) {
        packet.cut = HeaderCut.MALFORMED;
        return false;
      }
      break;
    case OptionKind.RIVERBED_PROBE:
      if (length < probeLength(packet, at, length)) {
        packet.cut = HeaderCut.MALFORMED;
        return false;
      }
      break;
    case OptionKind.FAST_OPEN:
      packet.fastOpenCookieLength = Math.max(packet.fastOpenCookieLength, length - 2);
      break;
    case OptionKind.ACC_ECN_0:
    case OptionKind.ACC_ECN_1:
      if (isAccEcnLength(length - 2)) packet.hasAccEcn = true;
      break;
    case OptionKind.EXPERIMENT_1:
    case OptionKind.EXPERIMENT_2:
      if (length >= 4) {
        const id = view.getUint16(at + 2);
        if (id === ExperimentId.FAST_OPEN) {
          packet.fastOpenCookieLength = Math.max(packet.fastOpenCookieLength, length - 4);
        } else if (id === ExperimentId.ACC_ECN_0 || id === ExperimentId.ACC_ECN_1) {
          if (isAccEcnLength(length - 4)) packet.hasAccEcn = true;
        }
      }
      break;
  }
  return true;
}

/** Ends the options at the SACK option without a block: what follows counts as not read. See `Packet.emptySackOption`. */
export function endAtEmptySack(packet: Packet): void {
  const count = packet.emptySackOption + 1;
  clearOptionValues(packet);
  for (let index = 0; index < count; index++) {
    const kind = packet.optionKind[index]!;
    if (kind > OptionKind.NOP)
      readOption(packet, index, kind, packet.optionLength[index]!, packet.optionOffset[index]!);
  }
  packet.optionCount = count;
  packet.cut = HeaderCut.MALFORMED;
}

/** Sets what options say to what it is without any. */
export function clearOptionValues(packet: Packet): void {
  packet.mss = -1;
  packet.windowScale = -1;
  packet.sackPermitted = false;
  packet.hasTimestamps = false;
  packet.sackCount = 0;
  packet.optionCut = false;
  packet.emptySackOption = -1;
  packet.mptcpKinds = 0;
  packet.hasMptcp = false;
  packet.fastOpenCookieLength = -1;
  packet.hasAccEcn = false;
}

/** None to three counters of 3 bytes (RFC 9768 3.2.3). */
function isAccEcnLength(length: number): boolean {
  return length <= 9 && length % 3 === 0;
}

const MPTCP_DSS = 2;
const DSS_ACK = 0x01;
const DSS_ACK_8 = 0x02;
const DSS_MAPPING = 0x04;
const DSS_MAPPING_8 = 0x08;

/** Least length by MPTCP subtype, from MP_CAPABLE to MP_TCPRST, as tshark 4.0.17 reads them; others need their subtype byte. */
const MPTCP_LENGTHS: readonly number[] = [4, 3, 4, 4, 3, 3, 12, 12, 4];

/** Bytes an MPTCP option must have for what its first bytes announce (RFC 8684 3). */
function mptcpLength(packet: Packet, at: number, length: number): number {
  if (length < 3) return 3;
  const { bytes } = packet;
  const subtype = bytes[at + 2]! >> 4;
  const least = MPTCP_LENGTHS[subtype] ?? 3;
  if (subtype !== MPTCP_DSS || length < least) return least;
  const flags = bytes[at + 3]!;
  let needed = least;
  if ((flags & DSS_ACK) !== 0) needed += (flags & DSS_ACK_8) !== 0 ? 8 : 4;
  if ((flags & DSS_MAPPING) !== 0) needed += ((flags & DSS_MAPPING_8) !== 0 ? 8 : 4) + 4 + 2;
  return needed;
}
