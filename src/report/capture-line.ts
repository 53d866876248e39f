// In: the capture as a whole. Out: one line that says what was read.
//
//   capture.pcap · pcap, Ethernet · 8 frames, all TCP · 7 ms from 2024-05-06 09:57:23.000 UTC

import type { CaptureResult } from '../tcp/flow-result.ts';
import { bytes, count, counted, dateTime, duration } from '../units.ts';
import { printable } from './printable.ts';

/** Files named one by one up to this many. */
const MOST_FILES = 3;
/** Layers without TCP named, the most frequent first. */
const MOST_LAYERS = 4;

const LINK_TYPE_WORDS: Readonly<Record<string, string>> = {
  NULL: 'BSD loopback',
  LOOP: 'BSD loopback',
  ETHERNET: 'Ethernet',
  RAW: 'raw IP',
  LINUX_SLL: 'Linux cooked',
  LINUX_SLL2: 'Linux cooked 2',
  IEEE802_11: '802.11',
  IEEE802_11_RADIOTAP: '802.11 with radiotap',
  PPP: 'PPP',
};

const LAYER_WORDS: Readonly<Record<string, string>> = {
  ethertype: 'not IP',
  ipv4: 'other IPv4',
  ipv6: 'other IPv6',
  udp: 'UDP',
  icmp: 'ICMP',
  icmpv6: 'ICMPv6',
};

/** The parts of the line; the caller joins them with " · " and breaks lines between them. */
export function captureParts(capture: CaptureResult): string[] {
  const parts = [filesText(capture.files)];
  const formats = [...new Set(capture.formats)];
  parts.push([...formats, ...capture.linkTypes.map((type) => LINK_TYPE_WORDS[type] ?? type)].join(', '));
  parts.push(framesText(capture));
  if (capture.frames > 0) parts.push(bytes(capture.bytes));
  if (capture.start !== null) {
    const from = `from ${dateTime(capture.start)}`;
    parts.push(capture.duration > 0 ? `${duration(capture.duration)} ${from}` : from);
  }
  if (capture.truncated) parts.push('cut short');
  if (capture.interrupted) parts.push('interrupted');
  return parts;
}

function filesText(files: readonly string[]): string {
  const names = files.map((file) => (file === '-' ? 'standard input' : printable(file)));
  if (names.length <= MOST_FILES) return names.join(', ');
  return `${count(names.length)} files (${names[0]} … ${names.at(-1)})`;
}

function framesText(capture: CaptureResult): string {
  const { frames, tcpSegments } = capture;
  const text = counted(frames, 'frame');
  if (frames === 0) return text;
  if (tcpSegments === frames) return `${text}, all TCP`;
  const others = Object.entries(capture.otherFrames).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const named = others
    .slice(0, MOST_LAYERS)
    .map(([layer, n]) => `${count(n)} ${LAYER_WORDS[layer] ?? printable(layer)}`);
  if (others.length > MOST_LAYERS) named.push('…');
  const rest = named.length > 0 ? ` (${named.join(', ')})` : '';
  return tcpSegments === 0 ? `${text}, none TCP${rest}` : `${text}, ${count(tcpSegments)} TCP${rest}`;
}
