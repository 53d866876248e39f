import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { UsageError } from '../../src/errors.ts';
import { isWholeNumber, PACKET_FIELDS, type SegmentContext, timeText } from '../../src/report/packet-fields.ts';
import {
  defaultPacketFields,
  type PacketFormat,
  type PacketPrinterOptions,
  packetPrinter,
  parseFieldList,
} from '../../src/report/packets.ts';
import { type Palette, PLAIN } from '../../src/report/palette.ts';
import { Page } from '../support/page.ts';

const HANDSHAKE = 'fixtures/captures/wireshark/handshake.pcap';

async function print(
  capture: string,
  format: PacketFormat,
  fields: readonly string[] = defaultPacketFields(format),
  options: PacketPrinterOptions = {},
): Promise<string> {
  const sink = new Page();
  const printer = packetPrinter(format, fields, sink, options);
  printer.begin();
  await analyze(
    { files: [capture] },
    {
      segment: (frame, packet, trace, clock) => printer.row({ frame, packet, trace, clock } satisfies SegmentContext),
    },
  );
  printer.end();
  return sink.text;
}

describe('fields', () => {
  it('holds every name of the contract', () => {
    const contract =
      `frame.number frame.time_epoch frame.time_relative frame.len frame.cap_len ip.src ip.dst ipv6.src ipv6.dst
      tcp.srcport tcp.dstport tcp.stream tcp.flags tcp.flags.str tcp.seq tcp.seq_raw tcp.nxtseq tcp.ack tcp.ack_raw tcp.len
      tcp.hdr_len tcp.window_size_value tcp.window_size tcp.window_size_scalefactor tcp.urgent_pointer tcp.options.mss_val
      tcp.options.wscale.shift tcp.options.sack_perm tcp.options.sack_le tcp.options.sack_re tcp.options.timestamp.tsval
      tcp.options.timestamp.tsecr tcp.analysis.flags tcp.analysis.retransmission tcp.analysis.fast_retransmission
      tcp.analysis.spurious_retransmission tcp.analysis.out_of_order tcp.analysis.lost_segment tcp.analysis.ack_lost_segment
      tcp.analysis.duplicate_ack tcp.analysis.duplicate_ack_num tcp.analysis.duplicate_ack_frame tcp.analysis.zero_window
      tcp.analysis.zero_window_probe tcp.analysis.zero_window_probe_ack tcp.analysis.window_update tcp.analysis.window_full
      tcp.analysis.keep_alive tcp.analysis.keep_alive_ack tcp.analysis.reused_ports tcp.analysis.acks_frame
      tcp.analysis.ack_rtt tcp.analysis.initial_rtt tcp.analysis.rto tcp.analysis.rto_frame tcp.analysis.bytes_in_flight
      tcp.analysis.push_bytes_sent tcp.completeness tcp.time_relative tcp.time_delta _ws.col.Info tcpstate.src.state
      tcpstate.dst.state tcpstate.app`.split(/\s+/);
    expect(contract.filter((name) => !PACKET_FIELDS.has(name))).toEqual([]);
    expect(contract.filter((name) => !defaultPacketFields('tsv').includes(name))).toEqual([]);
  });

  it('knows numbers from text', () => {
    expect(['tcp.seq', 'tcp.analysis.rto_frame', 'tcp.analysis.keep_alive', 'frame.len'].every(isWholeNumber)).toBe(
      true,
    );
    expect(
      ['tcp.flags', 'tcp.options', 'tcp.analysis.rto', 'tcp.time_delta', 'ip.src', '_ws.col.Info'].some(isWholeNumber),
    ).toBe(false);
  });

  it.each([
    [0, 0, '0.000000000'],
    [12, 5, '12.000000005'],
    [-1, 995_000_000, '-0.005000000'],
    [-2, 0, '-2.000000000'],
    [-2, 1, '-1.999999999'],
  ])('times: %i s and %i ns', (seconds, nanoseconds, text) => {
    expect(timeText(seconds, nanoseconds)).toBe(text);
  });

  it('takes a list of names, and says which one it does not know', () => {
    expect(parseFieldList(' tcp.seq,tcp.ack ,')).toEqual(['tcp.seq', 'tcp.ack']);
    expect(() => parseFieldList(' , ')).toThrow(UsageError);
    expect(() => parseFieldList('tcp.seq,tcp.akc')).toThrow('there is no field tcp.akc; did you mean tcp.ack?');
  });
});

describe('formats', () => {
  const FIELDS = ['frame.number', 'tcp.flags', 'tcp.analysis.ack_rtt', '_ws.col.Info'];

  it('tsv', async () => {
    const lines = (await print(HANDSHAKE, 'tsv', FIELDS)).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'frame.number\ttcp.flags\ttcp.analysis.ack_rtt\t_ws.col.Info',
      '1\t0x0002\t\t40000 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=100 TSecr=0 WS=128',
      '2\t0x0012\t0.010000000\t80 → 40000 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=1400 SACK_PERM TSval=900 TSecr=100 WS=256',
    ]);
    expect(lines).toHaveLength(12);
    expect(lines[11]).toBe('');
  });

  it('csv quotes what has a comma', async () => {
    const lines = (await print(HANDSHAKE, 'csv', FIELDS)).split('\n');
    expect(lines[0]).toBe('frame.number,tcp.flags,tcp.analysis.ack_rtt,_ws.col.Info');
    expect(lines[3]).toBe('3,0x0010,0.010000000,40000 → 80 [ACK] Seq=1 Ack=1 Win=8222720 Len=0');
    expect(lines[2]).toMatch(/^2,0x0012,0\.010000000,"80 → 40000 \[SYN, ACK\] .*"$/);
  });

  it('ndjson has numbers where the value is one, and leaves out what is absent', async () => {
    const lines = (await print(HANDSHAKE, 'ndjson', [...FIELDS, 'tcp.stream', 'tcp.window_size_scalefactor']))
      .trim()
      .split('\n');
    const rows = lines.map((line) => JSON.parse(line));
    expect(rows[0]).toEqual({
      'frame.number': 1,
      'tcp.flags': '0x0002',
      '_ws.col.Info': '40000 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=100 TSecr=0 WS=128',
      'tcp.stream': 0,
    });
    expect(rows[2]['tcp.analysis.ack_rtt']).toBe('0.010000000');
    expect(rows[2]['tcp.window_size_scalefactor']).toBe(128);
    expect(rows).toHaveLength(10);
  });

  it('ndjson keeps several values of a field as one text', async () => {
    const [row] = (await print('fixtures/captures/wireshark/tunnels.pcap', 'ndjson', ['frame.number', 'ip.src']))
      .split('\n')
      .filter((line) => line.includes(','))
      .map((line) => JSON.parse(line))
      .filter((each) => each['ip.src'].includes(','));
    expect(row).toEqual({ 'frame.number': 3, 'ip.src': '192.168.0.1,10.0.0.1' });
  });

  it('table aligns, and clips Info to the screen', async () => {
    const wide = (await print(HANDSHAKE, 'table')).split('\n');
    expect(wide[0]).toMatch(/^No\. +Time {2}Source {4}Destination {2}Stream {2}Source state +Destination state +Info$/);
    expect(wide[3]).toMatch(
      /^ {2}3 {2}0\.020000000 {2}10\.0\.0\.1 {2}10\.0\.0\.2 {10}0 {2}\S+ +\S+ +40000 → 80 \[ACK\] Seq=1/,
    );
    const narrow = (await print(HANDSHAKE, 'table', defaultPacketFields('table'), { width: 100 })).split('\n');
    expect(narrow[0]).not.toContain('Source  ');
    expect(Math.max(...narrow.map((line) => line.length))).toBe(100);
    expect(narrow[2]).toMatch(/…$/);
    expect(narrow[3]).toMatch(/^ {2}3 {2}0\.020000000 {7}0 {2}\S+ {2,}\S+ +40000 → 80/);
    expect(wide.concat(narrow).filter((line) => line.endsWith(' '))).toEqual([]);
  });

  it('table paints roles, not looks', async () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const palette: Palette = { ...PLAIN, faint: mark('faint'), notable: mark('notable'), state: (name) => mark(name) };
    const lines = (
      await print(
        'fixtures/captures/wireshark/retransmission.pcap',
        'table',
        ['frame.number', 'tcpstate.src.state', '_ws.col.Info'],
        { palette },
      )
    ).split('\n');
    expect(lines[0]).toMatch(/^<faint>No\. .*<\/faint>$/);
    expect(lines[5]).toMatch(
      / {2}<ESTABLISHED>ESTABLISHED +<\/ESTABLISHED> {2}<notable>\[TCP Retransmission\] .*<\/notable>$/,
    );
    expect(lines[4]).not.toContain('notable');
  });

  it('table of a capture without TCP is its titles alone', async () => {
    expect(await print('fixtures/captures/no-tcp.pcap', 'table', ['frame.number', 'tcp.seq'])).toBe('No.  tcp.seq\n');
  });
});
