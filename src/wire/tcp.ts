// In: a TCP header (RFC 9293 3.1) somewhere in a frame. Out: the Packet filled in; the walk ends here.
//
//      0        2        4        8        12        14       16         18       20
//      source   destin.  sequence acknowl. off|flags window   checksum   urgent   options ...

import { clearOptionValues, readOptions } from './options.ts';
import { HeaderCut, PacketKind } from './packet.ts';
import type { Walk } from './walk.ts';

const PORTS_END = 4;
const WINDOW_END = 16;
const FIXED = 20;

export function tcp(walk: Walk): null {
  const { packet, bytes, view, pos, end } = walk;
  const available = end - pos;
  if (available < PORTS_END) return walk.stopShort('tcp');

  packet.kind = walk.quoted ? PacketKind.QUOTED : PacketKind.SEGMENT;
  packet.bytes = bytes;
  packet.view = view;
  packet.tcpStart = pos;
  packet.payloadStart = end;
  packet.payloadEnd = end;
  packet.sourcePort = (bytes[pos]! << 8) | bytes[pos + 1]!;
  packet.destinationPort = (bytes[pos + 2]! << 8) | bytes[pos + 3]!;
  packet.optionCount = 0;
  packet.fragmented = walk.fragmented;
  const wire = walk.wireEnd - pos;

  if (available < WINDOW_END) {
    packet.headerLength = 0;
    packet.flags = 0;
    packet.ack = 0;
    packet.window = 0;
    packet.urgentPointer = 0;
    packet.seq = available >= 8 ? view.getInt32(pos + 4) : 0;
    packet.payloadLength = -1;
    packet.capturedHeader = available;
    packet.cut = cutReading(fieldEnd(available), wire);
    clearOptionValues(packet);
    return null;
  }

  packet.seq = view.getInt32(pos + 4);
  packet.ack = view.getInt32(pos + 8);
  const offsetAndFlags = (bytes[pos + 12]! << 8) | bytes[pos + 13]!;
  const headerLength = (offsetAndFlags >> 12) << 2;
  packet.headerLength = headerLength;
  packet.flags = offsetAndFlags & 0xfff;
  packet.window = (bytes[pos + 14]! << 8) | bytes[pos + 15]!;

  // A quotation or a first fragment does not say how long the segment was; a header longer than the datagram cannot be.
  const known = !walk.quoted && !walk.fragmented && headerLength <= wire;
  packet.payloadLength = known ? wire - headerLength : -1;

  if (headerLength < FIXED) {
    packet.capturedHeader = Math.min(available, FIXED);
    packet.cut = HeaderCut.BOGUS_LENGTH;
    packet.checksum = 0;
    packet.urgentPointer = 0;
    clearOptionValues(packet);
    return null;
  }
  if (available < FIXED) {
    packet.capturedHeader = available;
    packet.cut = cutReading(available < 18 ? 18 : FIXED, wire);
    packet.checksum = 0;
    packet.urgentPointer = 0;
    clearOptionValues(packet);
    return null;
  }
  packet.checksum = (bytes[pos + 16]! << 8) | bytes[pos + 17]!;
  packet.urgentPointer = (bytes[pos + 18]! << 8) | bytes[pos + 19]!;
  const captured = Math.min(available, headerLength);
  packet.capturedHeader = captured;
  packet.cut = HeaderCut.NONE;
  packet.payloadStart = pos + captured;
  clearOptionValues(packet);
  if (headerLength > FIXED) readOptions(packet, wire);
  return null;
}

/** Where the first field ends that `available` bytes do not hold. */
function fieldEnd(available: number): number {
  if (available < 8) return 8;
  if (available < 12) return 12;
  if (available < 14) return 14;
  return WINDOW_END;
}

/** Why a field ending at `fieldEnd` could not be read: not captured, or not part of a datagram of `wire` bytes. */
function cutReading(fieldEnd: number, wire: number): HeaderCut {
  return fieldEnd <= wire ? HeaderCut.SNAPLEN : HeaderCut.MALFORMED;
}
