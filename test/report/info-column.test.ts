import { describe, expect, it } from 'vitest';
import { flagLetters, flagNames } from '../../src/report/info-column.ts';

// Spelled by tshark 4.0.17 for these very values (fixtures/captures/wireshark/flags_text.tsv, fast_open_accecn.tsv).
describe('flags', () => {
  it.each([
    [0x000, -1, '<None>', '············'],
    [0x002, -1, 'SYN', '··········S·'],
    [0x012, -1, 'SYN, ACK', '·······A··S·'],
    [0x019, -1, 'FIN, PSH, ACK', '·······AP··F'],
    [0x1c2, -1, 'SYN, ECE, CWR, AE', '···ACE····S·'],
    [0x200, -1, 'Reserved', '··R·········'],
    [0xfff, -1, 'FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, Reserved', 'RRRACEUAPRSF'],
    [0x110, 4, 'ACK, ACE=4', '···-4-·A····'],
    [0x058, 1, 'PSH, ACK, ACE=1', '···-1-·AP···'],
    [0x000, 0, ', ACE=0', '···-0-······'],
  ])('0x%s with ACE %i', (flags, ace, names, letters) => {
    expect(flagNames(flags, ace)).toBe(names);
    expect(flagLetters(flags, ace)).toBe(letters);
  });
});
