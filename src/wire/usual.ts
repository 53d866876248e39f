// In: a frame. Out: the Packet, if the frame is of the kind most are: IPv4 or IPv6 and TCP without anything in between, behind a usual link header.
//
//   link header   20 bytes                    20 bytes
//   ............  45 .. length id frag .. 06  ports seq ack .. flags  [options] payload
//                 60 .. length 06 hops  addresses
//
// The layers, one decoder each, say what a frame means; this says it at once, for frames about which there is nothing to decide.
// test/wire/usual.test.ts compares the two; docs/PERFORMANCE.md says what it gives.

import type { Frame } from '../capture/frame.ts';
import { EtherType, isTag, MOST_TAGS } from './ether-types.ts';
import { LinkType } from './link-types.ts';
import { clearOptionValues, readOptions } from './options.ts';
import { HeaderCut, type Packet, PacketKind } from './packet.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
export const TCP_HEADER = 20;
export const TCP_HEADER_WITH_TIMESTAMPS = 32;
/** Version 4, header of five words. */
export const IPV4_WITHOUT_OPTIONS = 0x45;
const PROTOCOL_TCP = 6;
/** More fragments, or an offset. */
const FRAGMENT = 0x3fff;
/** AF_INET. */
export const FAMILY_IPV4 = 2;

/**
 * Where the datagram of this EtherType begins in a frame from `start` on of which 40 bytes are there at least: behind an Ethernet header, perhaps with VLAN tags, that of
 * a Linux cooked capture or of BSD loopback (IPv4 alone), or at once. Below 0: the frame has another header, or another datagram.
 */
function ipOf(view: DataView, start: number, linkType: number, etherType: number): number {
  switch (linkType) {
    case LinkType.ETHERNET: {
      let at = start + 12;
      let type = view.getUint16(at);
      for (let tags = 0; tags < MOST_TAGS && isTag(type); tags++) {
        at += 4;
        type = view.getUint16(at);
      }
      return type === etherType ? at + 2 : -1;
    }
    case LinkType.LINUX_SLL:
      return view.getUint16(start + 14) === etherType && isPlain(etherType, view.getUint8(start + 2)) ? start + 16 : -1;
    case LinkType.LINUX_SLL2:
      return view.getUint16(start) === etherType && isPlain(etherType, view.getUint8(start + 8)) ? start + 20 : -1;
    case LinkType.NULL:
      if (etherType !== EtherType.IPV4) return -1;
      if (view.getInt32(start, true) === FAMILY_IPV4) return start + 4;
      return view.getInt32(start) === FAMILY_IPV4 ? start + 4 : -1;
    case LinkType.LOOP:
      return etherType === EtherType.IPV4 && view.getInt32(start) === FAMILY_IPV4 ? start + 4 : -1;
    case LinkType.RAW:
    case LinkType.RAW_DLT:
    case LinkType.RAW_DLT_OPENBSD:
      return start;
    case LinkType.IPV4:
      return etherType === EtherType.IPV4 ? start : -1;
    case LinkType.IPV6:
      return etherType === EtherType.IPV6 ? start : -1;
    default:
      return -1;
  }
}

/** False where a cooked capture's kind of hardware may give the type another meaning. `hardware`: its first byte. */
function isPlain(etherType: number, hardware: number): boolean {
  return etherType === EtherType.IPV4 || hardware === 0;
}

/** Bytes of the IP header if at `ip` there is IPv4 without options or fragments, or IPv6 without extension headers, and TCP behind it; else 0. */
function ipHeaderOf(view: DataView, ip: number, etherType: number): number {
  if (etherType === EtherType.IPV6)
    return view.getUint8(ip) >> 4 === 6 && view.getUint8(ip + 6) === PROTOCOL_TCP ? IPV6_HEADER : 0;
  if (view.getUint8(ip) !== IPV4_WITHOUT_OPTIONS || view.getUint8(ip + 9) !== PROTOCOL_TCP) return 0;
  return (view.getUint16(ip + 6) & FRAGMENT) === 0 ? IPV4_HEADER : 0;
}

/** Length of the TCP header at `tcp` if it is whole and before `end`; else 0. */
function headerLengthOf(view: DataView, tcp: number, end: number): number {
  if (tcp + TCP_HEADER > end) return 0;
  const length = (view.getUint8(tcp + 12) >> 4) << 2;
  return length < TCP_HEADER || tcp + length > end ? 0 : length;
}

/** Fills `packet` from `frame`. False if the frame is of another kind; then `packet` is as it was. */
export function readUsual(frame: Frame, packet: Packet): boolean {
  return readNetwork(frame, packet, EtherType.IPV4) || readNetwork(frame, packet, EtherType.IPV6);
}

function readNetwork(frame: Frame, packet: Packet, etherType: number): boolean {
  const { bytes, view, start, capturedLength, originalLength } = frame;
  if (capturedLength < IPV4_HEADER + TCP_HEADER) return false;
  const ip = ipOf(view, start, frame.linkType, etherType);
  const end = start + capturedLength;
  if (ip < 0 || ip + IPV4_HEADER > end) return false;
  const ipHeader = ipHeaderOf(view, ip, etherType);
  if (ipHeader === 0) return false;
  const tcp = ip + ipHeader;
  const headerLength = headerLengthOf(view, tcp, end);
  if (headerLength === 0) return false;
  const isV6 = etherType === EtherType.IPV6;
  const datagram = isV6 ? IPV6_HEADER + view.getUint16(ip + 4) : view.getUint16(ip + 2);
  const payloadLength = datagram - ipHeader - headerLength;
  const frameLength = ip - start + datagram;
  if (payloadLength < 0 || frameLength > originalLength) return false;
  // Cut inside what follows the datagram, or longer than it is said to have been.
  if (capturedLength !== originalLength && (capturedLength > originalLength || frameLength < capturedLength))
    return false;

  packet.kind = PacketKind.SEGMENT;
  const { ipLayers } = packet;
  packet.ipLayerCount = 1;
  packet.ip = 0;
  if (isV6) {
    ipLayers[0] = 6;
    for (let word = 0; word < 8; word++) ipLayers[1 + word] = view.getInt32(ip + 8 + 4 * word);
    packet.ipId = -1;
    packet.ttl = bytes[ip + 7]!;
  } else {
    ipLayers[0] = 4;
    ipLayers[1] = view.getInt32(ip + 12);
    ipLayers[5] = view.getInt32(ip + 16);
    packet.ipId = view.getUint16(ip + 4);
    packet.ttl = bytes[ip + 8]!;
  }
  packet.reassembled = false;
  packet.fragmented = false;
  packet.trailerCut = false;
  packet.bytes = bytes;
  packet.view = view;
  packet.tcpStart = tcp;
  packet.payloadStart = tcp + headerLength;
  packet.payloadEnd = start + Math.min(frameLength, capturedLength);
  packet.sourcePort = view.getUint16(tcp);
  packet.destinationPort = view.getUint16(tcp + 2);
  packet.seq = view.getInt32(tcp + 4);
  packet.ack = view.getInt32(tcp + 8);
  packet.headerLength = headerLength;
  packet.flags = view.getUint16(tcp + 12) & 0xfff;
  packet.window = view.getUint16(tcp + 14);
  packet.checksum = view.getUint16(tcp + 16);
  packet.urgentPointer = view.getUint16(tcp + 18);
  packet.payloadLength = payloadLength;
  packet.capturedHeader = headerLength;
  packet.cut = HeaderCut.NONE;
  packet.optionCount = 0;
  clearOptionValues(packet);
  if (headerLength > TCP_HEADER) readOptions(packet, datagram - ipHeader);
  if (packet.stopLayer !== '') {
    packet.stopLayer = '';
    packet.stopReason = '';
  }
  return true;
}
