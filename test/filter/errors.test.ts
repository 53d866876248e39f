// Mistakes in filters: where the caret points and what the sentence says.

import { describe, expect, test } from 'vitest';
import { Filter } from '../../src/filter/filter.ts';
import { FilterError } from '../../src/filter/filter-error.ts';

/** The filter, the columns the carets stand under, and a part of what is said. */
const MISTAKES: readonly (readonly [filter: string, carets: string, says: string])[] = [
  // Names
  ['tcp.prt == 80', '^^^^^^^', 'there is no field tcp.prt (did you mean tcp.port?)'],
  [
    'tcp.len > 0 && tcp.analysis.retransmision',
    '               ^^^^^^^^^^^^^^^^^^^^^^^^^^',
    'did you mean tcp.analysis.retransmission?',
  ],
  ['TCP.PORT == 80', '^^^^^^^^', 'did you mean tcp.port?'],
  ['tcp.flags.rst == 1', '^^^^^^^^^^^^^', 'did you mean tcp.flags.reset?'],
  ['retransmission', '^^^^^^^^^^^^^^', 'did you mean tcp.analysis.retransmission?'],
  ['state == TIME_WAIT', '^^^^^', 'did you mean endpoint.state?'],
  ['zzzzzzzz', '^^^^^^^^', 'tcpstate fields lists them all'],
  ['80', '^^', 'as in tcp.port == 80'],
  ['10.0.0.1', '^^^^^^^^', 'as in ip.addr == 10.0.0.1'],
  ['not fe80::1', '    ^^^^^^^', 'as in ipv6.addr == fe80::1'],
  ['tcp.srcport-1 == 79', '^^^^^^^^^^^^^', 'a subtraction needs spaces: tcp.srcport - 1'],
  ['tcp.len > tcp.hdr_lem', '          ^^^^^^^^^^^', 'tcp.hdr_lem is no number'],
  // Grammar
  ['', '^', 'the filter is empty'],
  ['   ', '   ^', 'the filter is empty'],
  ['tcp.port = 80', '         ^', 'write == instead of ='],
  ['tcp.len > 0 | ip', '            ^', 'write || (or)'],
  ['(tcp.len > 0', '^', 'a ) is missing'],
  ['tcp.len > 0)', '           ^', ') stands where'],
  ['tcp.len >', '         ^', 'the filter ends where it needs a field or a value'],
  ['tcp.port in {80 443}', '                ^^^', 'a comma between the values'],
  ['tcp.port in {80, 443', '            ^', 'a } is missing'],
  ['tcp.port in {}', '             ^', 'a set is not empty'],
  ['tcp.port in 80', '            ^^', 'a set: in {80, 443, 8000..8099}'],
  ['tcp.port == 80 tcp.len > 0', '               ^^^^^^^', '"and", "or" or the end'],
  ['tcp.payload contains "GET', '                     ^^^^', 'a " is missing'],
  ['tcp.payload contains "\\q"', '                      ^^', '\\q is no escape'],
  ['tcp.payload[0:2 == 47', '           ^', 'a ] is missing'],
  ['tcp.len == “5”', '           ^', 'typographic quote'],
  ['ip.addr#2 == 10.0.0.1', '       ^', 'layer operator'],
  ['tcp.time_delta > .5', '                 ^', '0.5 instead of .5'],
  ['any tcp.port', '            ^', 'a comparison'],
  // Types
  ['tcp.port == http', '            ^^^^', 'http is no number'],
  ['tcp.port == "80"', '            ^^^^', 'write the value without quotes'],
  ['tcp.port == 70000', '            ^^^^^', '65535 at most'],
  ['tcp.seq > 5000000000', '          ^^^^^^^^^^', '4294967295 at most'],
  ['tcp.len < -1', '          ^^', 'never below 0'],
  ['tcp.len == 80.5', '           ^^^^', 'tcp.len is a whole number'],
  ['tcp.len == 5s', '           ^^', '5s is a time'],
  ['tcp.port == 1KB', '            ^^^', 'a number of bytes, and tcp.port is not'],
  ['tcp.len == 10XB', '           ^^^^', 'no unit of bytes'],
  ['tcp.time_delta > 10KB', '                 ^^^^', 'a number of bytes'],
  ['tcp.time_delta > 5parsec', '                 ^^^^^^^', 'a unit: ns, us, ms, s'],
  ['tcp.time_delta > 0.0000000001', '                 ^^^^^^^^^^^^', 'nine decimals'],
  ['tcp.flags.syn == yes', '                 ^^^', 'true or false'],
  ['ip.src == 10.0.0', '          ^^^^^^', 'no IPv4 address'],
  ['ip.src == 10.0.0.256', '          ^^^^^^^^^^', 'no IPv4 address'],
  ['ip.src == 010.0.0.1', '          ^^^^^^^^^', 'no IPv4 address'],
  ['ip.src == 10.0.0.1/33', '          ^^^^^^^^^^^', 'at most 32 bits, not 33'],
  ['ip.src == fe80::1', '          ^^^^^^^', 'the field for those is ipv6.src'],
  ['ipv6.dst == 10.0.0.1', '            ^^^^^^^^', 'the field for those is ip.dst'],
  ['ip.src == "10.0.0.1"', '          ^^^^^^^^^^', 'without quotes'],
  ['ip.src contains 10', '^^^^^^', 'contains works on text and bytes, and ip.src is an IPv4 address'],
  ['tcp.len matches "5"', '^^^^^^^', 'matches works on text and bytes'],
  ['tcp.flags.str matches S', '                      ^', 'in quotes'],
  ['tcp.flags.str matches "["', '                      ^^^', 'no regular expression'],
  ['tcp.analysis.retransmission == 1', '^^^^^^^^^^^^^^^^^^^^^^^^^^^', 'has no value: it is there or not'],
  [
    'tcp.srcport == ip.src',
    '               ^^^^^^',
    'tcp.srcport is an unsigned integer, and ip.src is an IPv4 address',
  ],
  ['tcp.time_delta > tcp.len', '                 ^^^^^^^', 'tcp.len is an unsigned integer'],
  ['tcp.flags.syn & 1 == 1', '^^^^^^^^^^^^^', 'tcp.flags.syn is a boolean; & works on numbers'],
  ['tcp.payload[a] == 47', '^^^^^^^^^^^^^^', '[a] is no slice'],
  ['tcp.port[0] == 0', '^^^^^^^^', 'only bytes can be sliced'],
  ['tcp.payload == xyz', '               ^^^', 'write them as 47:45:54'],
  ['frame.time > "yesterday"', '             ^^^^^^^^^^^', 'a date and time'],
  ['avg(tcp.len) > 5', '^^^', 'there is no function avg; there are abs, count'],
  ['len(tcp.port) > 5', '    ^^^^^^^^', 'len() takes text or bytes'],
  ['count(tcp.len, ip.src) == 2', '^^^^^^^^^^^^^^^^^^^^^^', 'count takes one argument'],
  ['upper(tcp.len) == "A"', '      ^^^^^^^', 'upper() takes text'],
  // Connections
  ['endpoint.state == TIMEWAITT', '                  ^^^^^^^^^', 'did you mean TIME_WAIT?'],
  ['endpoint.state > CLOSED', '^^^^^^^^^^^^^^', 'names have no order'],
  ['a.closer == client', '            ^^^^^^', 'it is one of active, passive, simultaneous, reset'],
  ['flow.verdict == refuzed', '                ^^^^^^^', 'did you mean refused?'],
  ['flow.finding == retransmision', '                ^^^^^^^^^^^^^', 'did you mean retransmission?'],
  ['endpoint.time_in.CLOSEWAIT > 5s', '^^^^^^^^^^^^^^^^^^^^^^^^^^', 'did you mean endpoint.time_in.CLOSE_WAIT?'],
  ['tcp.srcport == a.port', '               ^^^^^^', 'a segment has one, a flow the other'],
  ['any (tcp.len > 0)', '^^^^^^^^^^^^^^^^^', 'there is no endpoint.* in it'],
  ['any (all (endpoint.port == 80))', '     ^^^^^^^^^^^^^^^^^^^^^^^^^', 'cannot stand inside one another'],
];

function mistakeIn(filter: string): FilterError {
  try {
    new Filter(filter);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`no mistake in ${filter}`);
}

describe('a mistake is pointed at', () => {
  test.each(MISTAKES)('%s', (filter, carets, says) => {
    const error = mistakeIn(filter);
    expect(error.detail).toEqual([filter, carets]);
    expect(error.message).toContain(says);
    expect(error.message).toContain(`column ${carets.indexOf('^') + 1}: `);
    expect(error.message).not.toContain('\n');
  });

  test('columns count characters, not UTF-16 units', () => {
    const error = mistakeIn('tcp.payload contains "𝄞" && tcp.prt');
    expect(error.detail[1]).toBe(`${' '.repeat(28)}^^^^^^^`);
    expect(error.message).toContain('column 29');
  });

  test('nesting has an end before the stack does', () => {
    expect(mistakeIn('('.repeat(5000)).message).toContain('nested deeper than');
    expect(mistakeIn('!'.repeat(5000)).message).toContain('nested deeper than');
  });
});

/** Allowed, but probably not meant. */
const NOTES: readonly (readonly [filter: string, column: number, says: string])[] = [
  ['ip && tcp.flags.syn', 7, 'write tcp.flags.syn == 1'],
  ['all tcp.port in {80, 443}', 1, 'as in Wireshark'],
  ['tcp.len in {300..200}', 13, 'this range is empty'],
];

describe('what is probably not meant is noted', () => {
  test.each(NOTES)('%s', (filter, column, says) => {
    const [note] = new Filter(filter).notes;
    expect(note?.column).toBe(column);
    expect(note?.message).toContain(says);
  });

  test.each([
    'tcp.flags.syn == 1',
    'all tcp.port in {1..1000}',
    'tcp.len in {200..300}',
    'all endpoint.state in {CLOSED, TIME_WAIT}',
    'flow.closed',
  ])('not in %s', (filter) => {
    expect(new Filter(filter).notes).toEqual([]);
  });

  test.each([
    ['endpoint.time_in.CLOSE_WAIT < 5s', true],
    ['endpoint.state == CLOSED', true],
    ['endpoint.state in {CLOSED, TIME_WAIT}', true],
    ['all endpoint.time_in.CLOSE_WAIT < 5s', false],
    ['not endpoint.time_in.CLOSE_WAIT > 5s', false],
    ['not (endpoint.state == CLOSED or endpoint.state == TIME_WAIT)', false],
    ['endpoint.state != CLOSED', false],
    ['endpoint.port == 80', false],
    ['a.state == CLOSED', false],
    ['any (endpoint.port == 80 && endpoint.state == CLOSED)', false],
  ])('either endpoint is enough, in %s: %s', (filter, doubted) => {
    expect(new Filter(filter).doubts.length > 0).toBe(doubted);
  });
});
