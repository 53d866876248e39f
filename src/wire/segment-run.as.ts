// In: the columns of a run of frames. Out: a row for each, with the numbers of those that are simple segments. See segment-run.ts.

import { columnOf } from '../capture/frame-run.as.ts';
import { get, int32, put, uint8, uint16 } from '../linear/words.as.ts';
import {
  EtherType,
  Flag,
  FrameColumn,
  Handshake,
  Header,
  IN_IPV6,
  LinkType,
  OptionKind,
  SEGMENT_WORDS,
  Segment,
  SegmentWord,
} from '../numbers.as.ts';
import { halves, sumOfWords, verdictOf } from './checksum.as.ts';
import { knownId } from './known-addresses.as.ts';
import { printOfPayload } from './payload-print.as.ts';
import { foldedAt, hashOfEnds } from './share.as.ts';

const SIMPLE_FLAGS = Flag.ACK | Flag.PSH | Flag.FIN;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** Bytes of the two addresses, which stand last in the header. */
const IPV6_ADDRESSES = 32;
const PROTOCOL_TCP = 6;
/** More fragments, or an offset. */
const FRAGMENT = 0x3fff;
/** No options that a SYN of the simple kind may have. */
const NOT_SIMPLE = -1;

/**
 * `bytes`: where the offsets of the frames count from. `known`: IPv6 addresses (wire/known-addresses.ts), or 0; segments between others get no row. Returns
 * how many are no simple segments.
 */
export function readRows(bytes: i32, frames: i32, count: i32, rows: i32, known: i32): i32 {
  const starts = columnOf(frames, FrameColumn.START);
  const captured = columnOf(frames, FrameColumn.CAPTURED_LENGTH);
  const original = columnOf(frames, FrameColumn.ORIGINAL_LENGTH);
  const linkTypes = columnOf(frames, FrameColumn.LINK_TYPE);
  const nanoseconds = columnOf(frames, FrameColumn.NANOSECONDS);
  let segments = 0;
  for (let i = 0; i < count; i++) {
    const row = rows + i * SEGMENT_WORDS * 4;
    const length = get(captured, i);
    put(row, SegmentWord.KIND, Segment.NONE);
    if (length !== get(original, i) || !readRow(bytes + get(starts, i), length, get(linkTypes, i), row, known))
      continue;
    put(row, SegmentWord.SECONDS, <i32>load<f64>(frames + i * 8));
    put(row, SegmentWord.NANOSECONDS, get(nanoseconds, i));
    segments++;
  }
  return count - segments;
}

/** See ipOf of usual.ts; 0: none. */
function ipv4Of(frame: i32, linkType: i32): i32 {
  if (linkType === LinkType.ETHERNET) return inEthernet(frame, EtherType.IPV4);
  if (linkType === LinkType.LINUX_SLL) return uint16(frame + 14) === EtherType.IPV4 ? frame + 16 : 0;
  if (linkType === LinkType.LINUX_SLL2) return uint16(frame) === EtherType.IPV4 ? frame + 20 : 0;
  if (linkType === LinkType.NULL && load<i32>(frame) === Header.FAMILY_IPV4) return frame + 4;
  if (linkType === LinkType.NULL || linkType === LinkType.LOOP)
    return int32(frame) === Header.FAMILY_IPV4 ? frame + 4 : 0;
  return isAlone(linkType) || linkType === LinkType.IPV4 ? frame : 0;
}

/** The same of IPv6. A cooked capture says the kind of hardware, too: see isPlain of usual.ts. */
function ipv6Of(frame: i32, linkType: i32): i32 {
  if (linkType === LinkType.ETHERNET) return inEthernet(frame, EtherType.IPV6);
  if (linkType === LinkType.LINUX_SLL)
    return uint16(frame + 14) === EtherType.IPV6 && uint8(frame + 2) === 0 ? frame + 16 : 0;
  if (linkType === LinkType.LINUX_SLL2)
    return uint16(frame) === EtherType.IPV6 && uint8(frame + 8) === 0 ? frame + 20 : 0;
  return isAlone(linkType) || linkType === LinkType.IPV6 ? frame : 0;
}

function inEthernet(frame: i32, etherType: i32): i32 {
  let at = frame + 12;
  let type = uint16(at);
  for (let tags = 0; tags < Header.MOST_TAGS && isTag(type); tags++) {
    at += 4;
    type = uint16(at);
  }
  return type === etherType ? at + 2 : 0;
}

/** True where datagrams have no link header, whatever their version. */
function isAlone(linkType: i32): bool {
  return linkType === LinkType.RAW || linkType === LinkType.RAW_DLT || linkType === LinkType.RAW_DLT_OPENBSD;
}

/** See isTag of ether-types.ts. */
function isTag(etherType: i32): bool {
  return (
    etherType === EtherType.VLAN || etherType === EtherType.PROVIDER_VLAN || etherType === EtherType.OLD_PROVIDER_VLAN
  );
}

/** Makes the row of the frame of `length` bytes, but for its time. False if it is no simple segment. */
function readRow(frame: i32, length: i32, linkType: i32, row: i32, known: i32): bool {
  if (length < IPV4_HEADER + Header.TCP_HEADER) return false;
  const end = frame + length;
  let ip = ipv4Of(frame, linkType);
  let tcp = ip + IPV4_HEADER;
  let datagram = 0;
  const isV4 = ip !== 0 && tcp + Header.TCP_HEADER <= end && uint8(ip) === Header.IPV4_WITHOUT_OPTIONS;
  if (isV4) {
    if (uint8(ip + 9) !== PROTOCOL_TCP || (uint16(ip + 6) & FRAGMENT) !== 0) return false;
    datagram = uint16(ip + 2);
  } else {
    ip = known === 0 ? 0 : ipv6Of(frame, linkType);
    tcp = ip + IPV6_HEADER;
    if (ip === 0 || tcp + Header.TCP_HEADER > end || uint8(ip) >> 4 !== 6 || uint8(ip + 6) !== PROTOCOL_TCP)
      return false;
    datagram = IPV6_HEADER + uint16(ip + 4);
  }
  const header = (uint8(tcp + 12) >> 4) << 2;
  const payload = ip + datagram - tcp - header;
  const flags = uint16(tcp + 12) & 0xfff;
  const window = uint16(tcp + 14);
  if (header < Header.TCP_HEADER || payload < 0 || tcp + header + payload > end || window === 0) return false;
  // What the table knows the ends by, and the words of the addresses that the hash is of.
  let source = int32(ip + 12);
  let destination = int32(ip + 16);
  let sourceWord = source;
  let destinationWord = destination;
  if (!isV4) {
    sourceWord = foldedAt(ip + 8);
    destinationWord = foldedAt(ip + 24);
    source = knownId(known, ip + 8, sourceWord);
    destination = knownId(known, ip + 24, destinationWord);
    if (source < 0 || destination < 0) return false;
  }

  let kind = Segment.WITHOUT_TIMESTAMPS;
  if ((flags & Flag.SYN) !== 0) {
    if ((flags & ~(Flag.SYN | Flag.ACK)) !== 0 || payload > 0) return false;
    const options = optionsOf(tcp, header, row);
    if (options === NOT_SIMPLE) return false;
    kind = Segment.SYN;
    put(row, SegmentWord.OPTIONS, options);
  } else {
    if ((flags & ~SIMPLE_FLAGS) !== 0 || (flags & Flag.ACK) === 0) return false;
    if (header !== Header.TCP_HEADER) {
      if (
        header !== Header.TCP_HEADER_WITH_TIMESTAMPS ||
        int32(tcp + Header.TCP_HEADER) !== OptionKind.NOP_NOP_TIMESTAMPS
      )
        return false;
      kind = Segment.WITH_TIMESTAMPS;
    }
    put(row, SegmentWord.PAYLOAD_PRINT, payload > 0 ? printOfPayload(tcp + header, payload) : 0);
    put(row, SegmentWord.TS_VAL, kind === Segment.WITH_TIMESTAMPS ? int32(tcp + Header.TCP_HEADER + 4) : 0);
  }
  const ports = int32(tcp);
  const ttl = uint8(ip + (isV4 ? 8 : 7));
  const id = isV4 ? uint16(ip + 4) : 0xffff;
  put(row, SegmentWord.KIND, kind);
  put(row, SegmentWord.FLAGS, flags);
  put(row, SegmentWord.SOURCE, source);
  put(row, SegmentWord.DESTINATION, destination);
  put(row, SegmentWord.PORTS, ports);
  put(row, SegmentWord.HASH, hashOfEnds(sourceWord, ports >>> 16, destinationWord, ports & 0xffff));
  put(row, SegmentWord.SEQ, int32(tcp + 4));
  put(row, SegmentWord.ACK, int32(tcp + 8));
  put(row, SegmentWord.WINDOW, window);
  put(row, SegmentWord.PAYLOAD_LENGTH, payload);
  put(row, SegmentWord.TTL_AND_START, (isV4 ? 0 : IN_IPV6) | (ttl << 16) | (tcp - frame));
  put(row, SegmentWord.PRINT, (id << 16) | uint16(tcp + 16));
  return true;
}

/** The options of a SYN as one word, see handshakeWord of handshake.ts; its TSval goes into the row. NOT_SIMPLE where there are others, or anything odd about them. */
function optionsOf(tcp: i32, header: i32, row: i32): i32 {
  let offset = Header.TCP_HEADER;
  let word = 0;
  let tsVal = 0;
  while (offset < header) {
    const at = tcp + offset;
    const kind = uint8(at);
    if (kind === OptionKind.NOP) {
      offset++;
      continue;
    }
    if (offset + 1 >= header) return NOT_SIMPLE;
    const length = uint8(at + 1);
    if (offset + length > header) return NOT_SIMPLE;
    if (kind === OptionKind.MSS && length === 4) {
      const mss = uint16(at + 2);
      word = (word & ~(Handshake.MSS | 0xffff)) | (mss > 0 ? Handshake.MSS | mss : 0);
    } else if (kind === OptionKind.WINDOW_SCALE && length === 3) {
      const shift = uint8(at + 2);
      word = (word & ~(Handshake.SCALE_TOO_LARGE | (15 << 16))) | Handshake.WINDOW_SCALE;
      word |= shift > Handshake.MAX_SCALE ? (Handshake.MAX_SCALE << 16) | Handshake.SCALE_TOO_LARGE : shift << 16;
    } else if (kind === OptionKind.SACK_PERMITTED && length === 2) {
      word |= Handshake.SACK;
    } else if (kind === OptionKind.TIMESTAMPS && length === 10) {
      word |= Handshake.TIMESTAMPS;
      tsVal = int32(at + 2);
    } else return NOT_SIMPLE;
    offset += length;
  }
  put(row, SegmentWord.TS_VAL, tsVal);
  return word;
}

/** What the checksum is worth of the segment in the row, whose TCP header lies at `tcp`: see verdictOf. */
export function checksum(row: i32, tcp: i32): i32 {
  const header = (uint8(tcp + 12) >> 4) << 2;
  const length = header + get(row, SegmentWord.PAYLOAD_LENGTH);
  if (isInIpv6(row)) return verdictOf(tcp, length, sumOfWords(tcp - IPV6_ADDRESSES, IPV6_ADDRESSES));
  return verdictOf(tcp, length, halves(get(row, SegmentWord.SOURCE)) + halves(get(row, SegmentWord.DESTINATION)));
}

export function isInIpv6(row: i32): bool {
  return (get(row, SegmentWord.TTL_AND_START) & IN_IPV6) !== 0;
}
