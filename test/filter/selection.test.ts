// Which segments a filter selects. Every row of WIRESHARK was read off the installed tshark 4.0.17, run with -Y on the same
// capture (test/support/filter-session.ts); scripts/compare-filters.ts does the same on real captures.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { selectedFrames } from '../support/filter-session.ts';

const WIRESHARK: readonly (readonly [filter: string, frames: string])[] = [
  ['tcp', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18'],
  ['ip', '1 2 3 4 5 6 7 8 9 10 11 12 13'],
  ['ipv6', '14 15 16 17 18'],
  ['not ipv6', '1 2 3 4 5 6 7 8 9 10 11 12 13'],
  ['tcp.flags.syn', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18'],
  ['tcp.flags.syn == 1', '1 2 12 14 15'],
  ['tcp.flags.syn == 1 and tcp.flags.ack == 0', '1 12 14'],
  ['tcp.flags.reset == True', '13'],
  ['tcp.flags.fin != 1', '1 2 3 4 5 6 7 8 11 12 13 14 15 16 18'],
  ['tcp.flags & 0x02', '1 2 12 14 15'],
  ['tcp.flags & 0x12 == 0x12', '2 15'],
  ['!(tcp.flags & 0x10)', '1 12 14'],
  ['tcp.flags == 0x011', '9 10 17'],
  ['tcp.flags.str contains "F"', '9 10 17'],
  ['tcp.flags.str matches "a.+s"', '2 15'],
  ['tcp.flags.str matches "(?-i)a.+s"', ''],
  ['tcp.port == 80', '1 2 3 4 5 6 7 8 9 10 11'],
  ['tcp.port != 80', '12 13 14 15 16 17 18'],
  ['tcp.port !== 80', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18'],
  ['tcp.port === 80', ''],
  ['all tcp.port > 1024', '14 15 16 17 18'],
  ['any tcp.port != 80', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18'],
  ['tcp.port in {443, 8000..9000}', '12 13 14 15 16 17 18'],
  ['tcp.port not in {80, 443}', '14 15 16 17 18'],
  ['all tcp.port in {80, 40000}', ''],
  ['all tcp.port in {1..40000}', '1 2 3 4 5 6 7 8 9 10 11'],
  ['tcp.port == 0x50', '1 2 3 4 5 6 7 8 9 10 11'],
  ['tcp.port == 0120', '1 2 3 4 5 6 7 8 9 10 11'],
  ["tcp.port == 'P'", '1 2 3 4 5 6 7 8 9 10 11'],
  ['tcp.srcport < tcp.dstport', '2 5 6 8 10 13 15 18'],
  ['tcp.srcport == 80 || tcp.srcport == 443', '2 5 6 8 10 13'],
  ['tcp.len > 0', '4 6 8'],
  ['tcp.len in {100, 400..600}', '4 6 8'],
  ['tcp.len == 0 && !tcp.flags.syn == 1', '3 5 7 9 10 11 13 16 17 18'],
  ['tcp.len + 1 > 100', '4 6 8'],
  ['tcp.len * 2 == 200', '4'],
  ['tcp.len % 7 == 2', '4'],
  ['tcp.len / 0 == 1', ''],
  ['tcp.nxtseq - tcp.seq == tcp.len', '3 4 5 6 7 8 11 13 16 18'],
  ['tcp.seq == 1 && tcp.ack == 1', '3 4 13 16 17'],
  ['tcp.seq_raw > 0x80000000', '2 5 6 8 10'],
  ['tcp.window_size > 65000', '2 5 6 8 10'],
  ['tcp.window_size_value == 255', '5 6 8 10'],
  ['tcp.window_size_scalefactor == -1', ''],
  ['tcp.window_size_scalefactor > 128', '5 6 8 10'],
  ['tcp.completeness >= 31', '10 11'],
  ['tcp.stream in {1..2}', '12 13 14 15 16 17 18'],
  ['tcp.hdr_len > 20', '1 2 12 14 15 16 17 18'],
  ['tcp.analysis.flags', '8'],
  ['tcp.analysis.retransmission', '8'],
  ['tcp.analysis.spurious_retransmission', '8'],
  ['tcp.analysis.ack_rtt', '2 3 5 7 9 10 11 13 15 16 18'],
  ['tcp.analysis.ack_rtt > 0.01', '15 16 18'],
  ['tcp.analysis.acks_frame == 4', '5'],
  ['tcp.analysis.initial_rtt == 0.02', '3 4 5 6 7 8 9 10 11'],
  ['not tcp.analysis.ack_rtt > 0.01', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 17'],
  ['tcp.analysis.bytes_in_flight == 500', '6 8'],
  ['frame.number <= 3', '1 2 3'],
  ['frame.len > 100', '4 6 8'],
  ['frame.time_relative in {0.04..0.3}', '5 6 7'],
  ['frame.time_epoch >= 1714989444', '12 13 14 15 16 17 18'],
  ['frame.time < "2024-05-06T09:57:24Z"', '1 2 3 4 5 6 7 8 9 10 11'],
  ['tcp.time_delta > 0.1', '8 15 16 17 18'],
  ['tcp.time_relative == 0', '1 12 14'],
  ['ip.addr == 10.0.0.0/8', '1 2 3 4 5 6 7 8 9 10 11 12 13'],
  ['ip.addr != 10.0.0.0/30', ''],
  ['ip.src == 10.0.0.1', '1 3 4 7 9 11'],
  ['ip.src > 10.0.0.1', '2 5 6 8 10 12 13'],
  ['ip.src == ip.dst', ''],
  ['ip.dst in {10.0.0.2..10.0.0.9, 192.0.2.0/24}', '1 3 4 7 9 11 12 13'],
  ['count(ip.addr) == 2', '1 2 3 4 5 6 7 8 9 10 11 12 13'],
  ['ipv6.addr == fe80::/10', '14 15 16 17 18'],
  ['ipv6.src == 2001:db8::1', '14 16 17'],
  ['ipv6.src > ipv6.dst', '15 18'],
  ['tcp.options.mss_val < 1400', '12'],
  ['tcp.options.sack_perm', '1 14 15'],
  ['tcp.options.timestamp.tsval >= 9000', '15 18'],
  ['tcp.options.timestamp.tsecr == 0', '14'],
  ['tcp.option_kind == 8', '14 15 16 17 18'],
  ['tcp.options[0:2] == 02:04', '1 2 12 14 15'],
  ['tcp.options contains 05:78', '2'],
  ['tcp[13] & 0x02', '1 2 12 14 15'],
  ['tcp[13] == 0x10', '3 5 7 11 16 18'],
  ['tcp[0:2] == 00:50', '2 5 6 8 10'],
  ['tcp.payload', '4 6 8'],
  ['tcp.payload contains "index"', '4'],
  ['tcp.payload contains 47:45:54', '4'],
  ['tcp.payload matches "^get "', '4'],
  ['tcp.payload matches "(?-i)^get "', ''],
  ['tcp.payload[0:3] == "GET"', '4'],
  ['tcp.payload[-1:] == 64', ''],
  ['len(tcp.payload) == 500', '6 8'],
  ['max(tcp.srcport, tcp.dstport) > 40000', '12 13 14 15 16 17 18'],
  ['min(tcp.srcport, tcp.dstport) < 100', '1 2 3 4 5 6 7 8 9 10 11'],
  ['string(tcp.port) matches "^4"', '1 2 3 4 5 6 7 8 9 10 11 12 13'],
  ['upper(tcp.flags.str) contains "R"', '13'],
  ['tcp.flags.syn == 1 or tcp.flags.fin == 1 and tcp.len == 0', '1 2 9 10 12 14 15 17'],
  ['(tcp.flags.syn == 1 or tcp.flags.fin == 1) and tcp.flags.ack == 1', '2 9 10 15 17'],
  ['not not tcp.len > 0', '4 6 8'],
  ['tcp.srcport < tcp.dstport < 45000', '2 5 6 8 10 13'],
  ['tcp.analysis.ack_rtt != 0.01', '13 15 16 18'],
  ['tcp.analysis.acks_frame != 4', '2 3 7 9 10 11 13 15 16 18'],
  ['tcp.analysis.duplicate_ack_num < 5 or tcp.window_size_scalefactor != 128', '5 6 8 10 13'],
  ['not tcp.window_size_scalefactor == 128', '1 2 5 6 8 10 12 13 14 15'],
];

/**
 * Fields of headers that were cut or are wrong, also read off tshark: capture under fixtures/captures/wireshark, filter, frames.
 * The payload of a RST is no payload to tshark (it is the reset's cause).
 */
const PRESENCE: readonly (readonly [capture: string, filter: string, frames: string])[] = [
  ['truncated', 'tcp.options', '11 12 13 14 15 16 17 18 19'],
  ['truncated', 'tcp.len', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.flags', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.checksum', '9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.time_delta', '11 12 13 14 15 16 17 18 19 20 21 22'],
  ['truncated', 'tcp.analysis', '20 21 22'],
  ['truncated', 'tcp.options.mss', '12 13 14 15 16 17 18 19'],
  ['truncated', 'tcp.options.mss_val', '13 14 15 16 17 18 19'],
  ['truncated', 'tcp.seq', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.stream', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.nxtseq', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.hdr_len', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['truncated', 'tcp.payload', '20 21'],
  ['truncated', 'tcp.window_size', '7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.options', '9 10 11 12 19 20 21 22 23'],
  ['header_errors', 'tcp.len', '1 2 3 4 5 6 7 8 9 10 21 22 23 24'],
  ['header_errors', 'tcp.flags', '7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.checksum', '7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.time_delta', '7 8 9 10 11 12 19 20 21 22 23 24'],
  ['header_errors', 'tcp.analysis', '7 8 9 10'],
  ['header_errors', 'tcp.options.mss', '20 21 22 23'],
  ['header_errors', 'tcp.options.mss_val', '21 22 23'],
  ['header_errors', 'tcp.seq', '1 2 3 4 5 6 7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.stream', '1 2 3 4 5 6 7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.nxtseq', '7 8 9 10 21 22 23 24'],
  ['header_errors', 'tcp.hdr_len', '1 2 3 4 5 6 7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['header_errors', 'tcp.payload', '7 8 9 10'],
  ['header_errors', 'tcp.window_size', '7 8 9 10 11 12 18 19 20 21 22 23 24'],
  ['fuzz_1', 'tcp.payload && tcp.flags.reset == 1', ''],
  ['fuzz_1', 'tcp.len > 0 && tcp.flags.reset == 1', '10 21'],
  ['fuzz_1', 'tcp.payload && frame.number < 30', '2 5 16 19 22 23 25'],
];

/** Ours, beyond what tshark 4.0.17 takes. Frames by hand, from the page. */
const OURS: readonly (readonly [filter: string, frames: string])[] = [
  // xor came to Wireshark with 4.2.
  ['tcp.flags.syn == 1 xor tcp.flags.ack == 1', '1 3 4 5 6 7 8 9 10 11 12 13 14 16 17 18'],
  ['tcp.flags.fin == 1 ^^ ipv6', '9 10 14 15 16 18'],
  // and binds closer than xor, xor closer than or.
  ['tcp.len > 0 or ip xor ip and tcp.flags.syn == 1', '3 4 5 6 7 8 9 10 11 13'],
  ['tcp.flags.syn == true', '1 2 12 14 15'],
  // A value may come first.
  ['100 <= tcp.len', '4 6 8'],
  ['0 < tcp.len < 200', '4'],
  ['80 == tcp.srcport', '2 5 6 8 10'],
  // Units.
  ['tcp.time_delta >= 300ms', '8 15 16 17 18'],
  ['tcp.time_delta == 10ms && tcp.len > 0', '4 6'],
  ['tcp.time_delta in {200ms..0.4}', '8'],
  ['tcp.time_relative > 1.5s', '18'],
  ['tcp.time_relative >= 1500ms', '17 18'],
  ['tcp.len >= 0.1KB', '4 6 8'],
  // 64512
  ['tcp.window_size >= 63KiB', '2 5 6 8 10 14 16 17'],
  ['tcp.window_size > 64kB', '1 2 3 4 5 6 8 10 14 15 16 17 18'],
  // Text of ours.
  ['_ws.col.Info contains "Spurious"', '8'],
  ["tcp.payload contains 'index'", '4'],
  ['tcpstate.app == "HTTP GET /index.html"', '4'],
  ['tcpstate.src.state == FIN_WAIT_1', '9 17'],
];

async function check(rows: readonly (readonly [string, string])[]): Promise<void> {
  const frames = await selectedFrames(rows.map(([filter]) => filter));
  const found = rows.map(([filter], i) => [filter, frames[i]!.join(' ')]);
  const wanted = rows.map(([filter, list]) => [
    filter,
    list
      .split(' ')
      .sort((a, b) => Number(a) - Number(b))
      .join(' '),
  ]);
  expect(found).toEqual(wanted);
}

describe('segments selected', () => {
  test(`as tshark -Y selects them, ${WIRESHARK.length} filters`, () => check(WIRESHARK));
  test.each(PRESENCE)('in %s by presence: %s', async (name, filter, frames) => {
    const capture = readFileSync(`fixtures/captures/wireshark/${name}.pcap`);
    const [selected] = await selectedFrames([filter], capture);
    expect(selected!.join(' ')).toBe(frames);
  });

  test('by what goes beyond tshark 4.0.17', () => check(OURS));
});
