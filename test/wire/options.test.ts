// TCP options: Info text, fields and flags of each kind, checked against tshark 4.0.17 (reference/wireshark-tcp.md 8.1).

import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/wire/decode.ts';
import { type OptionField, optionField, optionPrefix, optionsHex, optionText } from '../../src/wire/option-text.ts';
import { endAtEmptySack } from '../../src/wire/options.ts';
import { HeaderCut, Packet } from '../../src/wire/packet.ts';
import { frameOf, hex, tcpFrame } from '../support/frame-builder.ts';

const ETHERNET_IPV4_TCP = 14 + 20 + 20;

/** A SYN with these options, in hex; `captured`: bytes of them that were captured. */
function decode(options: string, captured?: number): Packet {
  const packet = new Packet();
  const bytes = tcpFrame({ options: hex(options) });
  new Decoder().decode(
    frameOf(bytes, captured === undefined ? {} : { captured: ETHERNET_IPV4_TCP + captured }),
    packet,
  );
  return packet;
}

describe('Info text', () => {
  it.each<[string, string]>([
    ['020405b4', ' MSS=1460'],
    ['0203050100000000', ''],
    ['02040001 02040002', ' MSS=1 MSS=2'],
    ['030300 01', ' WS=1'],
    ['03030e 01', ' WS=16384'],
    ['03030f 01', ' WS=16384'],
    ['0304 0700', ''],
    ['0402 0101', ' SACK_PERM'],
    ['040300 01', ' SACK_PERM'],
    ['0101 050a 000003f2 000003fc', ' SLE=1010 SRE=1020'],
    ['0101 0512 000003f2 000003fc 00000406 00000410', ' SLE=1010 SRE=1020 SLE=1030 SRE=1040'],
    ['050b 000003f2 000003f2 00 01', ' SLE=1010 SRE=1010'],
    ['0101 080a 00000001 ffffffff', ' TSval=1 TSecr=4294967295'],
    ['0809 00000001 000000 01', ''],
    ['0606 00000005 0101', ' ECHO=5'],
    ['0706 00000005 0101', ' ECHO=5'],
    ['0b06 00000005 0101', ' CC=5'],
    ['0c06 00000005 0101', ' CC=5'],
    ['0d06 00000005 0101', ' CC=5'],
    ['1312 11111111111111111111111111111111 0101', ' MD5'],
    ['1404 ff05', ' SCPS[BETS, SNACK1, SNACK2, COMP, NLTS, RESERVED] Connection ID=5'],
    ['1404 0000', ''],
    ['1b08 0500 0000000a', ' QSresp=1.28 Mbit/s'],
    ['1b08 0000 0000000a', ' QSresp=0 bit/s'],
    ['1b08 0100 0000000a', ' QSresp=80 Kbit/s'],
    ['1b08 0f00 0000000a', ' QSresp=1.31072 Gbit/s'],
    ['1c04 803c', ' USER_TO=60'],
    ['1d0c 0102 3333333333333333', 'TCP AO'],
    ['2202 0101', ' TFO=R'],
    ['220a 5555555555555555 0101', ' TFO=C'],
    ['fe04 f989', ' TFO=R'],
    ['fe08 f989 11223344', ' TFO=C'],
    ['fd04 1234', ' ExID=1234'],
    ['fe04 00ab', ' ExID=AB'],
    ['fd02 0101', ''],
    ['ac02 0101', ' AccECN'],
    ['ac05 000001 010101', ' EE0B=1'],
    ['ac0b 000001 000002 000003 01', ' EE0B=1 ECEB=2 EE1B=3'],
    ['ae0b 000001 000002 000003 01', ' EE1B=1 ECEB=2 EE0B=3'],
    ['ac04 0000', ''],
    ['fe04 acc0', ' AccECN'],
    ['fe04 00ac', ' TARR'],
    ['fe05 00ac 04 010101', ' TARR=2'],
    ['4404 abcd', ''],
    ['4400 0000', ''],
    ['4401 0000', ''],
    ['0228 0000', ''],
    ['010101 02', ''],
    ['0000 0204', ''],
    ['00 020405 78000000', ''],
  ])('%s', (options, text) => {
    expect(optionText(decode(options), 0)).toBe(text);
  });

  it('subtracts the base from SACK edges, modulo 2^32', () => {
    const packet = decode('0101 050a 000003f2 000003fc');
    expect(optionText(packet, 1000)).toBe(' SLE=10 SRE=20');
    expect(optionText(packet, 1015)).toBe(' SLE=4294967291 SRE=5');
  });

  it.each([
    ['4e10 000000010101010101010101010101', 'TRPY, '],
    ['4c0a 0101 0101 0101 0101', 'S+, '],
    ['4c0e 1101 0101 0101 0101 0101 0101', 'SA+, '],
    ['4c0a 3101 0101 0101 0101', 'S#, '],
    ['4c04 0200', ''],
    ['020405b4', ''],
  ])('%s puts "%s" before the ports', (options, prefix) => {
    expect(optionPrefix(decode(options))).toBe(prefix);
  });
});

describe('fields', () => {
  const everything = '020405b4 0402 080a 00000001 00000002 01 030307 1e0c 0081 1122334455667788';
  it.each<[OptionField, string]>([
    ['tcp.option_kind', '2,4,8,1,3,30'],
    ['tcp.option_len', '4,2,10,3,12'],
    ['tcp.options.mss_val', '1460'],
    ['tcp.options.wscale.shift', '7'],
    ['tcp.options.wscale.multiplier', '128'],
    ['tcp.options.sack_perm', '0402'],
    ['tcp.options.timestamp.tsval', '1'],
    ['tcp.options.timestamp.tsecr', '2'],
    ['tcp.options.sack_le', ''],
    ['tcp.options.sack.count', ''],
  ])('%s', (field, value) => {
    expect(optionField(decode(everything), field, 0)).toBe(value);
  });

  it('SACK edges', () => {
    const packet = decode('0101 0512 000003f2 000003fc 00000406 00000410');
    expect(optionField(packet, 'tcp.options.sack_le', 10)).toBe('1000,1020');
    expect(optionField(packet, 'tcp.options.sack_re', 10)).toBe('1010,1030');
    expect(optionField(packet, 'tcp.options.sack.count', 10)).toBe('2');
    expect([packet.sackCount, ...packet.sackEdges.subarray(0, 4)]).toEqual([2, 1010, 1020, 1030, 1040]);
  });

  it('values the packet itself keeps', () => {
    expect(decode(everything)).toMatchObject({
      mss: 1460,
      windowScale: 7,
      sackPermitted: true,
      hasTimestamps: true,
      tsVal: 1,
      tsEcr: 2,
      hasMptcp: true,
      mptcpKinds: 1,
      hasAccEcn: false,
      fastOpenCookieLength: -1,
    });
    expect(decode('2202')).toMatchObject({ fastOpenCookieLength: 0, mss: -1, windowScale: -1, hasTimestamps: false });
    expect(decode('fe08 f989 11223344')).toMatchObject({ fastOpenCookieLength: 4 });
    expect(decode('ac02')).toMatchObject({ hasAccEcn: true });
    expect(decode('ac04 0000')).toMatchObject({ hasAccEcn: false });
    expect(decode('1e08 2001 00000001')).toMatchObject({ hasMptcp: true, mptcpKinds: 4 });
  });

  it('the usual NOP, NOP, timestamps reads as the general way does', () => {
    const fast = decode('0101 080a 80000001 00000002');
    const slow = decode('0101 080a 80000001 00000002 01010101');
    expect(fast).toMatchObject({ optionCount: 3, tsVal: -2147483647, tsEcr: 2, hasTimestamps: true });
    for (const field of ['tcp.options.timestamp.tsval', 'tcp.options.timestamp.tsecr'] as const) {
      expect(optionField(fast, field, 0)).toBe(optionField(slow, field, 0));
    }
    expect(optionField(fast, 'tcp.option_kind', 0)).toBe('1,1,8');
  });

  it('do not outlive their segment', () => {
    const decoder = new Decoder();
    const packet = new Packet();
    decoder.decode(frameOf(tcpFrame({ options: hex(everything) })), packet);
    decoder.decode(frameOf(tcpFrame({})), packet);
    expect(packet).toMatchObject({ optionCount: 0, mss: -1, windowScale: -1, sackPermitted: false, hasMptcp: false });
    expect([packet.hasTimestamps, packet.sackCount, packet.mptcpKinds]).toEqual([false, 0, 0]);
  });
});

describe('options cut by the snap length', () => {
  const options = '020405b4 0101 0402 0101 080a 00000001 00000000';
  it.each<[number, string, string, string, string]>([
    [0, '<MISSING>', '', '', ''],
    [2, '0204', '', '', ''],
    [4, '020405b4', ' MSS=1460', '1460', ''],
    [12, '020405b4010104020101080a', ' MSS=1460 SACK_PERM', '1460', ''],
    [18, '020405b4010104020101080a000000010000', ' MSS=1460 SACK_PERM', '1460', '1'],
    [20, '020405b4010104020101080a0000000100000000', ' MSS=1460 SACK_PERM TSval=1 TSecr=0', '1460', '1'],
  ])('%i bytes', (captured, digits, text, mss, tsval) => {
    const packet = decode(options, captured);
    expect(optionsHex(packet)).toBe(digits);
    expect(optionText(packet, 0)).toBe(text);
    expect(optionField(packet, 'tcp.options.mss_val', 0)).toBe(mss);
    expect(optionField(packet, 'tcp.options.timestamp.tsval', 0)).toBe(tsval);
    expect(packet.cut).toBe(captured < 20 ? HeaderCut.SNAPLEN : HeaderCut.NONE);
  });

  // The first is of a wrong length: tshark steps over it, and misses what should follow.
  it.each([
    ['the last one, of a wrong length', '0206 05b40101 0101 080c 00000001 00000000 0000', 16, HeaderCut.NONE],
    ['one of a wrong length, and more to come', '0101 080c 00000001 00000000 0000 0101', 10, HeaderCut.SNAPLEN],
  ])('%s', (_, options, captured, cut) => {
    expect(decode(options, captured).cut).toBe(cut);
  });

  it('SCPS of a wrong length says nothing', () => {
    expect(optionText(decode('1405 ff00 00 010101', 3), 0)).toBe('');
    expect(optionText(decode('1404 ff00', 3), 0)).toBe(' SCPS[BETS, SNACK1, SNACK2, COMP, NLTS, RESERVED]');
  });

  it('shows the blocks of a SACK option that are there', () => {
    const packet = decode('0101 0512 000003f2 000003fc 00000406 00000410', 14);
    expect(optionText(packet, 0)).toBe(' SLE=1010 SRE=1020');
    expect(packet.sackCount).toBe(1);
  });
});

describe('options that end reading with [Malformed Packet]', () => {
  it.each([
    ['SNACK', '1506 00000000 0101 020405b4', 1],
    ['MPTCP data sequence signal without flags', '1e03 20 01 020405b4', 1],
    ['MPTCP data sequence signal without its mapping', '1e08 2004 00000000 020405b4', 1],
    ['Riverbed probe without addresses', '4c04 0100 020405b4', 1],
  ])('%s', (_, options, optionCount) => {
    const packet = decode(options);
    expect(packet).toMatchObject({ cut: HeaderCut.MALFORMED, optionCount, mss: -1 });
  });

  it('SNACK of another length is stepped over', () => {
    expect(decode('1504 0000 020405b4')).toMatchObject({ cut: HeaderCut.NONE, optionCount: 2, mss: 1460 });
  });

  it('a SACK option without a block, once the caller says so', () => {
    const packet = decode('0506 000003f2 0101');
    expect(packet).toMatchObject({ emptySackOption: 0, cut: HeaderCut.NONE, optionCount: 3 });
    endAtEmptySack(packet);
    expect(packet).toMatchObject({ cut: HeaderCut.MALFORMED, optionCount: 1 });
    expect(optionField(packet, 'tcp.options.sack_le', 0)).toBe('1010');
    expect(optionText(packet, 0)).toBe('');
  });
});
