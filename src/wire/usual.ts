// In: a frame. Out: the Packet, if the frame is of the kind most are: Ethernet, IPv4 and TCP without anything in between.
//
//   0           12    14                          34                       54
//   addresses   type  45 .. length id frag .. 06  ports seq ack .. flags   [options] payload
//
// The layers, one decoder each, say what a frame means; this says it at once, for frames about which there is nothing to decide.
// test/wire/usual.test.ts compares the two; docs/PERFORMANCE.md says what it gives.

import type { Frame } from '../capture/frame.ts';
import { LinkType } from './link-types.ts';
import { clearOptionValues, readOptions } from './options.ts';
import { HeaderCut, type Packet, PacketKind } from './packet.ts';

/** Where the headers begin. */
export const IP = 14;
export const TCP = 34;
const IP_HEADER = 20;
export const TCP_HEADER = 20;
export const TCP_HEADER_WITH_TIMESTAMPS = 32;
/** EtherType IPv4, version 4, header of five words; the next byte is the type of service. */
const IPV4_WITHOUT_OPTIONS = 0x08004500;
const PROTOCOL_TCP = 6;
/** More fragments, or an offset. */
const FRAGMENT = 0x3fff;

/** Length of the TCP header if the frame of `captured` bytes is Ethernet, IPv4 without options or fragments, and TCP with a whole header; else 0. */
function headerLengthOf(view: DataView, start: number, captured: number, linkType: number): number {
  if (linkType !== LinkType.ETHERNET || captured < TCP + TCP_HEADER) return 0;
  if ((view.getInt32(start + 12) & 0xffffff00) !== IPV4_WITHOUT_OPTIONS) return 0;
  if (view.getUint8(start + IP + 9) !== PROTOCOL_TCP || (view.getUint16(start + IP + 6) & FRAGMENT) !== 0) return 0;
  const length = (view.getUint8(start + TCP + 12) >> 4) << 2;
  return length < TCP_HEADER || captured < TCP + length ? 0 : length;
}

/** Fills `packet` from `frame`. False if the frame is of another kind; then `packet` is as it was. */
export function readUsual(frame: Frame, packet: Packet): boolean {
  const { bytes, view, start, capturedLength, originalLength } = frame;
  const headerLength = headerLengthOf(view, start, capturedLength, frame.linkType);
  if (headerLength === 0) return false;
  const tcp = start + TCP;
  const totalLength = view.getUint16(start + IP + 2);
  const payloadLength = totalLength - IP_HEADER - headerLength;
  const frameLength = IP + totalLength;
  if (payloadLength < 0 || frameLength > originalLength) return false;
  // Cut inside what follows the datagram, or longer than it was.
  if (capturedLength !== originalLength && (capturedLength > originalLength || frameLength < capturedLength))
    return false;

  packet.kind = PacketKind.SEGMENT;
  const { ipLayers } = packet;
  ipLayers[0] = 4;
  ipLayers[1] = view.getInt32(start + IP + 12);
  ipLayers[5] = view.getInt32(start + IP + 16);
  packet.ipLayerCount = 1;
  packet.ip = 0;
  packet.ipId = view.getUint16(start + IP + 4);
  packet.ttl = bytes[start + IP + 8]!;
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
