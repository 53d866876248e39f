// In: folders of captures, perhaps none. Out: the inputs a run begins with, by name. Those without a folder are made here.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FIELDS } from '../../src/filter/catalog.ts';
import { ENCAPSULATIONS } from '../../test/support/encapsulations.ts';
import { concat, PcapngWriter, writePcap, writePcapng } from '../../test/support/pcap-writer.ts';
import { randomFrames } from '../../test/support/random-segments.ts';

/** Larger files are no captures one would keep for tests. */
const MOST_BYTES = 32 << 20;

export interface Seeds {
  readonly captures: ReadonlyMap<string, () => Uint8Array>;
  readonly filters: ReadonlyMap<string, string>;
  readonly rules: ReadonlyMap<string, string>;
  readonly baselines: ReadonlyMap<string, string>;
  /** What may stand in filters and rule files. */
  readonly words: readonly string[];
}

export function findSeeds(folders: readonly string[]): Seeds {
  const captures = new Map<string, () => Uint8Array>(madeCaptures());
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const name of names) {
      const path = join(folder, name);
      const status = statSync(path);
      if (status.isFile() && status.size <= MOST_BYTES) captures.set(path, () => new Uint8Array(readFileSync(path)));
    }
  }
  const filters = texts(
    readFileSync('scripts/filter-expressions.txt', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .concat(FLOW_FILTERS),
    'filter',
  );
  const words = [...FIELDS.map(({ name }) => name), ...WORDS];
  return { captures, filters, rules: texts(RULES, 'rules'), baselines: texts(BASELINES, 'baseline'), words };
}

function texts(list: readonly string[], name: string): Map<string, string> {
  return new Map(list.map((text, i) => [`${name} ${i}`, text]));
}

function* madeCaptures(): Generator<[string, () => Uint8Array]> {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    yield [`random ${seed}, pcap`, () => writePcap(randomFrames(seed, { segments: 60 }), { nanoseconds: seed > 3 })];
    yield [
      `random ${seed}, pcapng`,
      () => writePcapng(randomFrames(seed + 100, { segments: 60 }), { bigEndian: seed > 3 }),
    ];
  }
  yield ['all encapsulations, pcapng', allEncapsulations];
  for (const { name, linkType, bytes } of ENCAPSULATIONS) {
    const frame = (seconds: number) => ({ seconds, nanoseconds: 0, bytes });
    yield [`encapsulation ${name}`, () => writePcap([frame(1), frame(2)], { linkType })];
  }
}

/** A section with an interface for each; then simple and old packets, and a section of the other byte order. */
function allEncapsulations(): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const bigEndian of [false, true]) {
    const writer = new PcapngWriter({ bigEndian });
    parts.push(writer.section());
    for (const { name, linkType } of ENCAPSULATIONS) parts.push(writer.interface({ linkType, name, tsresol: 9 }));
    for (const [i, { bytes }] of ENCAPSULATIONS.entries()) {
      const time = BigInt(i) * 1_000_000_000n;
      parts.push(
        i % 3 === 0
          ? writer.packet(time, bytes, { interface: i })
          : writer.enhancedPacket(time, bytes, { interface: i }),
      );
    }
    parts.push(writer.simplePacket(ENCAPSULATIONS[0]!.bytes));
  }
  return concat(parts);
}

const FLOW_FILTERS = [
  'flow.verdict == "refused" && endpoint.state == TIME_WAIT',
  'not endpoint.time_in.CLOSE_WAIT > 5s and flow.duration < 1h',
  'any (endpoint.port == 80 && endpoint.closer == active) || all (endpoint.visited contains ESTABLISHED)',
  'flow.finding in {"retransmission", "zero_window"} and tcp.flags.reset == 1',
  'ip.addr == 10.0.0.0/8 and not ipv6.addr == 2001:db8::/32',
  'tcp.payload[0:4] == 47:45:54:20 or frame contains "GET"',
  'tcpstate.app matches "^HTTP (GET|POST)" and flow.bytes > 100000',
  'finding.code == "retransmission" && finding.severity >= warn',
];

const WORDS = [
  ...[
    'and',
    'or',
    'not',
    'xor',
    '&&',
    '||',
    '!',
    '==',
    '!=',
    '~=',
    '===',
    '>=',
    '<',
    'contains',
    'matches',
    'in',
    '{',
    '}',
  ],
  ...[
    'any',
    'all',
    '(',
    ')',
    '[0:4]',
    '[1]',
    '[-2:]',
    '..',
    'r"\\d+"',
    '"(a+)+$"',
    "'x'",
    '0x10',
    '1e9',
    '5s',
    '50ms',
    '1%',
  ],
  ...[
    '10.0.0.0/8',
    '::1',
    '2001:db8::/32',
    '00:11:22',
    'TIME_WAIT',
    'ESTABLISHED',
    'true',
    'len',
    'upper',
    'lower',
    'count',
  ],
  ...[
    'rules:',
    '- name:',
    'expect:',
    'where:',
    'count: segments',
    'max:',
    'min:',
    'of:',
    'severity: warn',
    'reason: >',
  ],
  ...[
    'defaults: true',
    'capture: any',
    'match: port',
    'reporters:',
    'time-wait: 5',
    '&a',
    '*a',
    '<<: *a',
    '!!js',
    '? ',
    '|',
    '---',
  ],
  ...[
    '"schema"',
    '"tcpstate.baseline/1"',
    '"violations"',
    '"measured"',
    '"service"',
    '"behaviour"',
    '"__proto__"',
    'null',
    ',',
  ],
];

const RULES = [
  `rules:
  - name: closed by the client
    where: b.port == 8443
    expect: a.closer == active
    reason: The server must not collect TIME_WAIT.
  - name: retransmissions under 1 %
    count: segments
    where: tcp.analysis.retransmission
    of: tcp.len > 0
    max: 1%
`,
  `defaults: true
capture: any
match: port
fail-on: warn
time-wait: 30
baseline: known.json
reporters: [text, junit=tcp.xml]
rules:
  - name: >-
      folded
      name
    where: |
      tcp.port == 443
      and tcp.len > 0
    expect: 'not endpoint.time_in.CLOSE_WAIT > 5s'
    severity: note
  - { name: few findings, count: findings, where: finding.severity == error, max: 3 }
`,
  '{"rules": [{"name": "json", "min": 1, "count": "flows"}], "$schema": "x"}',
  'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nrules: *c\n',
];

const BASELINES = [
  JSON.stringify({
    schema: 'tcpstate.baseline/1',
    match: 'address',
    rules: {
      'closed by the client': {
        violations: [{ service: '10.0.0.9:8443', behaviour: 'aborted-by-server; CLOSED; LISTEN', count: 3 }],
      },
      limit: { measured: 0.25 },
    },
  }),
];
