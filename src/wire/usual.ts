// In: a frame. Out: the Packet, if the frame is of the kind most are: IPv4 and TCP without anything in between, behind a usual link header.
//
//   link header   20 bytes                    20 bytes
//   ............  45 .. length id frag .. 06  ports seq ack .. flags  [options] payload
//
// The layers, one decoder each, say what a frame means; this says it at once, for frames about which there is nothing to decide.
// test/wire/usual.test.ts compares the two; docs/PERFORMANCE.md says what it gives.

import type { Frame } from '../capture/frame.ts';
import { ETHERTYPE_IPV4, isTag, MOST_TAGS } from './ether-types.ts';
import { LinkType } from './link-types.ts';
import { clearOptionValues, readOptions } from './options.ts';
import { HeaderCut, type Packet, PacketKind } from './packet.ts';

const IP_HEADER = 20;
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
 * Where the IPv4 header begins in a frame from `start` on of which 40 bytes are there at least: behind an Ethernet header, perhaps with VLAN tags, that of a Linux
 * cooked capture or of BSD loopback, or at once. Below 0: the frame has another, or not this one.
 */
function ipOf(view: DataView, start: number, linkType: number): number {
  switch (linkType) {
    case LinkType.ETHERNET: {
      let at = start + 12;
      let type = view.getUint16(at);
      for (let tags = 0; tags < MOST_TAGS && isTag(type); tags++) {
        at += 4;
        type = view.getUint16(at);
      }
      return type === ETHERTYPE_IPV4 ? at + 2 : -1;
    }
    case LinkType.LINUX_SLL:
      return view.getUint16(start + 14) === ETHERTYPE_IPV4 ? start + 16 : -1;
    case LinkType.LINUX_SLL2:
      return view.getUint16(start) === ETHERTYPE_IPV4 ? start + 20 : -1;
    case LinkType.NULL:
      if (view.getInt32(start, true) === FAMILY_IPV4) return start + 4;
      return view.getInt32(start) === FAMILY_IPV4 ? start + 4 : -1;
    case LinkType.LOOP:
      return view.getInt32(start) === FAMILY_IPV4 ? start + 4 : -1;
    case LinkType.RAW:
    case LinkType.RAW_DLT:
    case LinkType.RAW_DLT_OPENBSD:
    case LinkType.IPV4:
      return start;
    default:
      return -1;
  }
}

/** Length of the TCP header if at `ip` there is IPv4 without options or fragments, and TCP with a whole header before `end`; else 0. */
function headerLengthOf(view: DataView, ip: number, end: number): number {
  const tcp = ip + IP_HEADER;
  if (tcp + TCP_HEADER > end || view.getUint8(ip) !== IPV4_WITHOUT_OPTIONS) return 0;
  if (view.getUint8(ip + 9) !== PROTOCOL_TCP || (view.getUint16(ip + 6) & FRAGMENT) !== 0) return 0;
  const length = (view.getUint8(tcp + 12) >> 4) << 2;
  return length < TCP_HEADER || tcp + length > end ? 0 : length;
}

/** Fills `packet` from `frame`. False if the frame is of another kind; then `packet` is as it was. */
export function readUsual(frame: Frame, packet: Packet): boolean {
  const { bytes, view, start, capturedLength, originalLength } = frame;
  if (capturedLength < IP_HEADER + TCP_HEADER) return false;
  const ip = ipOf(view, start, frame.linkType);
  if (ip < 0) return false;
  const headerLength = headerLengthOf(view, ip, start + capturedLength);
  if (headerLength === 0) return false;
  const tcp = ip + IP_HEADER;
  const totalLength = view.getUint16(ip + 2);
  const payloadLength = totalLength - IP_HEADER - headerLength;
  const frameLength = ip - start + totalLength;
  if (payloadLength < 0 || frameLength > originalLength) return false;
  // Cut inside what follows the datagram, or longer than it was.
  if (capturedLength !== originalLength && (capturedLength > originalLength || frameLength < capturedLength))
    return false;

  packet.kind = PacketKind.SEGMENT;
  const { ipLayers } = packet;
  ipLayers[0] = 4;
  ipLayers[1] = view.getInt32(ip + 12);
  ipLayers[5] = view.getInt32(ip + 16);
  packet.ipLayerCount = 1;
  packet.ip = 0;
  packet.ipId = view.getUint16(ip + 4);
  packet.ttl = bytes[ip + 8]!;
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
  if (headerLength > TCP_HEADER) readOptions(packet, totalLength - IP_HEADER);
  if (packet.stopLayer !== '') {
    packet.stopLayer = '';
    packet.stopReason = '';
  }
  return true;
}
