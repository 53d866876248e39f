// In: a frame not decoded yet, or a decoded packet. Out: which share of the connections it belongs to, both directions the same.
//
// Shares are what work is divided by: a worker has whole shares, and so whole connections. They are also what is counted by where
// the result must not depend on how many workers there are.

import type { Frame } from '../capture/frame.ts';
import { EtherType, isTag, MOST_TAGS } from './ether-types.ts';
import { LinkType } from './link-types.ts';
import type { Packet } from './packet.ts';

export const SHARE_BITS = 6;
/** Enough for a fair division among as many workers as read one file side by side without waiting for it. */
export const SHARES = 1 << SHARE_BITS;
/** The frame has to be decoded to know. */
export const UNKNOWN_SHARE = -1;

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** Source and destination port. */
const PORT_BYTES = 4;
const IP_PROTOCOL_TCP = 6;

/** The share of a decoded packet of kind SEGMENT or QUOTED. */
export function shareOfPacket(packet: Packet): number {
  return shareOf(tupleHash(packet));
}

/** The same 32 bits for all packets of a 4-tuple, in both directions. */
export function tupleHash(packet: Packet): number {
  const { ipLayers: w, ip, sourcePort, destinationPort } = packet;
  if (w[ip] === 4) return hashOfEnds(w[ip + 1]!, sourcePort, w[ip + 5]!, destinationPort);
  return hash(
    endOf(folded(w[ip + 1]!, w[ip + 2]!, w[ip + 3]!, w[ip + 4]!), sourcePort),
    endOf(folded(w[ip + 5]!, w[ip + 6]!, w[ip + 7]!, w[ip + 8]!), destinationPort),
  );
}

/** 32 bits of the ends of a connection, whichever comes first; with IPv4 addresses those of `tupleHash`. */
export function hashOfEnds(source: number, sourcePort: number, destination: number, destinationPort: number): number {
  return hash(endOf(source, sourcePort), endOf(destination, destinationPort));
}

/** The share of a connection between two addresses of 4 or 16 bytes. */
export function shareOfAddresses(a: Uint8Array, portA: number, b: Uint8Array, portB: number): number {
  return share(endOf(addressWord(a), portA), endOf(addressWord(b), portB));
}

/**
 * The share a frame belongs to, from the few bytes that say so in nearly every frame: TCP in IPv4 or IPv6 without options, extension
 * headers or fragments, in Ethernet (with VLAN tags), Linux cooked capture, BSD loopback or nothing. UNKNOWN_SHARE: it has to be decoded. Where a segment
 * is decoded from a frame, it is of this share.
 */
export function shareOfFrame(frame: Frame): number {
  const { bytes, start } = frame;
  const end = start + frame.capturedLength;
  switch (frame.linkType) {
    case LinkType.ETHERNET: {
      let at = start + 14;
      if (at + 8 > end) return UNKNOWN_SHARE;
      let type = (bytes[at - 2]! << 8) | bytes[at - 1]!;
      for (let tags = 0; tags < MOST_TAGS && isTag(type); tags++) {
        type = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        at += 4;
      }
      return inside(frame, type, at, end);
    }
    case LinkType.LINUX_SLL:
      if (start + 16 > end) return UNKNOWN_SHARE;
      return inside(frame, (bytes[start + 14]! << 8) | bytes[start + 15]!, start + 16, end, bytes[start + 2]!);
    case LinkType.LINUX_SLL2:
      if (start + 20 > end) return UNKNOWN_SHARE;
      return inside(frame, (bytes[start]! << 8) | bytes[start + 1]!, start + 20, end, bytes[start + 8]!);
    case LinkType.NULL:
    case LinkType.LOOP: {
      if (start + 4 > end) return UNKNOWN_SHARE;
      // AF_INET in network order, or, under NULL, in that of a little-endian machine.
      const family = frame.view.getUint32(start);
      return family === 2 || (family === 0x0200_0000 && frame.linkType === LinkType.NULL)
        ? inIpv4(frame, start + 4, end)
        : UNKNOWN_SHARE;
    }
    case LinkType.RAW:
    case LinkType.RAW_DLT:
    case LinkType.RAW_DLT_OPENBSD:
      if (start >= end) return UNKNOWN_SHARE;
      return inside(frame, bytes[start]! >> 4 === 4 ? EtherType.IPV4 : EtherType.IPV6, start, end);
    case LinkType.IPV4:
      return inIpv4(frame, start, end);
    case LinkType.IPV6:
      return inIpv6(frame, start, end);
    default:
      return UNKNOWN_SHARE;
  }
}

/** `hardware`: first byte of a cooked capture's ARPHRD_ number; those from 256 on (but loopback's 772) may read the type in their own way. */
function inside(frame: Frame, etherType: number, at: number, end: number, hardware = 0): number {
  if (etherType === EtherType.IPV4) return inIpv4(frame, at, end);
  return etherType === EtherType.IPV6 && hardware === 0 ? inIpv6(frame, at, end) : UNKNOWN_SHARE;
}

function inIpv4(frame: Frame, at: number, end: number): number {
  const { bytes, view } = frame;
  if (at + IPV4_HEADER + PORT_BYTES > end) return UNKNOWN_SHARE;
  // Version 4 and five words of header; no more fragments, offset 0.
  if (bytes[at] !== 0x45 || bytes[at + 9] !== IP_PROTOCOL_TCP) return UNKNOWN_SHARE;
  if ((bytes[at + 6]! & 0x3f) !== 0 || bytes[at + 7] !== 0) return UNKNOWN_SHARE;
  return share(
    endOf(view.getInt32(at + 12), view.getUint16(at + IPV4_HEADER)),
    endOf(view.getInt32(at + 16), view.getUint16(at + IPV4_HEADER + 2)),
  );
}

function inIpv6(frame: Frame, at: number, end: number): number {
  const { bytes, view } = frame;
  if (at + IPV6_HEADER + PORT_BYTES > end) return UNKNOWN_SHARE;
  if (bytes[at]! >> 4 !== 6 || bytes[at + 6] !== IP_PROTOCOL_TCP) return UNKNOWN_SHARE;
  const source = folded(view.getInt32(at + 8), view.getInt32(at + 12), view.getInt32(at + 16), view.getInt32(at + 20));
  const destination = folded(
    view.getInt32(at + 24),
    view.getInt32(at + 28),
    view.getInt32(at + 32),
    view.getInt32(at + 36),
  );
  return share(
    endOf(source, view.getUint16(at + IPV6_HEADER)),
    endOf(destination, view.getUint16(at + IPV6_HEADER + 2)),
  );
}

function addressWord(address: Uint8Array): number {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  if (address.length === 4) return view.getInt32(0);
  return folded(view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12));
}

/** The four words of an IPv6 address as one. */
export function folded(w0: number, w1: number, w2: number, w3: number): number {
  return w0 ^ Math.imul(w1, 0x9e3779b1) ^ Math.imul(w2, 0x85ebca6b) ^ Math.imul(w3, 0xc2b2ae35);
}

/** One end of a connection as a number (murmur3's final mix). */
function endOf(address: number, port: number): number {
  let h = Math.imul(address ^ (address >>> 16), 0x85ebca6b) + port;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A sum does not tell which end came first; its upper bits depend on all below them. */
function hash(source: number, destination: number): number {
  return Math.imul(source + destination, 0x9e3779b1);
}

/** The share of a 4-tuple with this hash. */
export function shareOf(tupleHash: number): number {
  return tupleHash >>> (32 - SHARE_BITS);
}

function share(source: number, destination: number): number {
  return shareOf(hash(source, destination));
}
