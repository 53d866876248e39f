// In: every fixture and random segments. Out: the fast rows compared with the plain ones, byte for byte.
// That the plain ones are right is what rows.test.ts shows, with tshark's tables.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import { csvLine } from '../../src/report/csv.ts';
import { isWholeNumber, PACKET_FIELDS, type SegmentContext } from '../../src/report/packet-fields.ts';
import { contentsOf, PacketRow } from '../../src/report/packet-row.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import { CsvForm, NdjsonForm, type RowForm, TsvForm } from '../../src/report/row-form.ts';
import { Analysis } from '../../src/tcp/analysis.ts';
import { ANALYSIS_FLAG_COUNT } from '../../src/tcp/analysis-flag.ts';
import { Packet } from '../../src/wire/packet.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { randomFrames } from '../support/random-segments.ts';

const NAMES = [...PACKET_FIELDS.keys()];
const out = new RowBytes(1 << 10);

/** A form, and the row that its cells' texts make, in the obvious way. */
interface Form {
  of(names: readonly string[]): RowForm;
  plain(names: readonly string[], texts: readonly string[]): string;
}

const FORMS: Readonly<Record<string, Form>> = {
  tsv: { of: () => new TsvForm(), plain: (_, texts) => `${texts.join('\t')}\n` },
  csv: { of: () => new CsvForm(), plain: (_, texts) => csvLine(texts) },
  ndjson: {
    of: (names) => new NdjsonForm(names),
    plain(names, texts) {
      const members = texts.flatMap((text, i) => {
        const isNumber = isWholeNumber(names[i]!) && !text.includes(',');
        return text === '' ? [] : [`${JSON.stringify(names[i])}:${isNumber ? text : JSON.stringify(text)}`];
      });
      return `{${members.join(',')}}\n`;
    },
  },
};

const rows = Object.values(FORMS).map((form) => ({ form, row: new PacketRow(NAMES, form.of(NAMES)) }));

/** What was compared: rows, those of usual segments among them, and all they had between them. */
interface Seen {
  rows: number;
  usual: number;
  contents: number;
}

function compare(at: SegmentContext, where: string, seen: Seen): void {
  const cells = [...PACKET_FIELDS.values()].map((field) => field(at));
  // The forms in turn: what a cell says does not depend on them.
  const { form, row } = rows[seen.rows % rows.length]!;
  row.write(out, at);
  const fast = out.take();
  const plain = form.plain(NAMES, cells);
  // `expect` only to say what differs: for each row it takes longer than the rows.
  if (fast !== plain) expect(fast, `${where}, frame ${at.frame.number}`).toBe(plain);
  const contents = contentsOf(at);
  seen.rows++;
  if (contents === -1) return;
  seen.usual++;
  seen.contents |= contents;
}

async function compareAll(options: AnalyzeOptions, where: string, seen: Seen): Promise<void> {
  await analyze(options, {
    segment: (frame, packet, trace, clock) => compare({ frame, packet, trace, clock }, where, seen),
  });
}

describe('fast rows are the plain ones', () => {
  it('of every fixture', async () => {
    const seen: Seen = { rows: 0, usual: 0, contents: 0 };
    for (const entry of readdirSync('fixtures/captures', { recursive: true, encoding: 'utf8' })) {
      if (!/\.pcap(?:ng)?$/.test(entry)) continue;
      const path = join('fixtures/captures', entry);
      await compareAll({ files: [path] }, path, seen);
    }
    expect(seen.rows).toBeGreaterThan(10_000);
    expect(seen.usual / seen.rows).toBeGreaterThan(0.8);
    expect(seen.usual).toBeLessThan(seen.rows);
  });

  it('of random segments, usual and not', async () => {
    const seen: Seen = { rows: 0, usual: 0, contents: 0 };
    for (let seed = 1; seed <= 60; seed++) {
      const stdin = Readable.from([Buffer.from(writePcap(randomFrames(seed, { damage: seed % 2 === 0 })))]);
      await compareAll({ files: ['-'], stdin }, `seed ${seed}`, seen);
    }
    expect(seen.usual / seen.rows).toBeGreaterThan(0.5);
    expect(seen.rows - seen.usual).toBeGreaterThan(500);
  });

  it('of any numbers in a usual segment', async () => {
    const seen: Seen = { rows: 0, usual: 0, contents: 0 };
    const random = new Random(1);
    const contexts = await handshakeContexts();
    for (let n = 0; n < 5000; n++) {
      const at = random.pick(contexts);
      compare(withAnyNumbers(at, random), `round ${n}`, seen);
    }
    expect(seen.usual).toBeGreaterThan(4000);
    expect(seen.contents & ((1 << ANALYSIS_FLAG_COUNT) - 1)).toBe((1 << ANALYSIS_FLAG_COUNT) - 1);
  });

  it('of a field asked for twice, alone and in any order', async () => {
    const random = new Random(2);
    const contexts = await handshakeContexts();
    for (let n = 0; n < 200; n++) {
      const names = Array.from({ length: 1 + random.int(6) }, () => random.pick(NAMES));
      const at = random.pick(contexts);
      const texts = names.map((name) => PACKET_FIELDS.get(name)!(at));
      for (const form of Object.values(FORMS)) {
        new PacketRow(names, form.of(names)).write(out, at);
        expect(out.take()).toBe(form.plain(names, texts));
      }
    }
  });
});

describe('forms hold any text', () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc
      .array(fc.constantFrom(...',"\\\'\t\r\n=+-@0.e1A:<é\u0000\u001f\u007f'), { maxLength: 5 })
      .map((parts) => parts.join('')),
    fc.integer({ min: -20, max: 20 }).map(String),
    fc.constantFrom('', '1,1', '-1.5', '-1.5e+10', '-', '--1', '\ufeffa,"'),
  );
  const names = ['tcp.seq', '_ws.col.Info', 'tcp.analysis.duplicate_ack', 'ip.src'];

  it.each(['csv', 'ndjson'])('%s', (name) => {
    const form = FORMS[name]!;
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText, anyText, anyText), { minLength: 1, maxLength: 3 }), (table) => {
        const made = form.of(names);
        for (const texts of table) {
          // Whole numbers are digits, or several with commas between them.
          const cells = texts.map((text, i) => (isWholeNumber(names[i]!) ? text.replace(/[^\d,]/g, '') : text));
          out.makeRoom(1 << 10);
          made.beginRow(out);
          for (const [i, text] of cells.entries()) {
            made.begin(out, i);
            out.text(text, made.room);
            made.end(out, i);
            out.makeRoom(1 << 10);
          }
          made.endRow(out);
          expect(out.take()).toBe(form.plain(names, cells));
        }
      }),
    );
  });
});

/** The segments of a connection with every usual option, each in a context of its own. */
async function handshakeContexts(): Promise<SegmentContext[]> {
  const contexts: SegmentContext[] = [];
  for (const capture of ['textbook.pcap', 'ipv6.pcap', 'wireshark/handshake.pcap', 'wireshark/retransmission.pcap']) {
    await analyze(
      { files: [`fixtures/captures/${capture}`] },
      { segment: (frame, packet, trace, clock) => contexts.push(copyOf({ frame, packet, trace, clock })) },
    );
  }
  return contexts;
}

/** A copy of what rows are made of. */
function copyOf({ frame, packet, trace, clock }: SegmentContext): SegmentContext {
  const ownPacket = Object.assign(new Packet(), packet);
  // The arrays are the decoder's own; a later segment would overwrite them.
  const bytes = packet.bytes.slice();
  Object.assign(ownPacket, {
    ipLayers: packet.ipLayers.slice(),
    optionKind: packet.optionKind.slice(),
    optionLength: packet.optionLength.slice(),
    optionOffset: packet.optionOffset.slice(),
    sackEdges: packet.sackEdges.slice(),
    bytes,
    view: new DataView(bytes.buffer),
  });
  return {
    frame: { ...frame },
    packet: ownPacket,
    trace: {
      current: trace.current,
      analysis: Object.assign(new Analysis(), trace.analysis),
      connection: { stream: trace.connection.stream },
      states: { senderState: trace.states.senderState, receiverState: trace.states.receiverState },
    },
    clock: { startSeconds: clock.startSeconds, startNanoseconds: clock.startNanoseconds },
  } as unknown as SegmentContext;
}

/** The same segment with other numbers, each of which the field could have. */
function withAnyNumbers(at: SegmentContext, random: Random): SegmentContext {
  const word = () => random.pick([random.int(100), random.int(2 ** 31), random.word() | 0, -1, 0]);
  const natural = () => random.pick([0, 1, random.int(1000), random.int(2 ** 31 - 1)]);
  const nanoseconds = () => random.pick([0, 1, random.int(1000), random.int(1_000_000_000), 999_999_999]);
  const packet = Object.assign(new Packet(), at.packet, {
    flags: random.int(4096),
    seq: word(),
    ack: word(),
    window: random.int(65536),
    urgentPointer: random.int(65536),
    sourcePort: random.int(65536),
    destinationPort: random.int(65536),
    ipLayers: at.packet.ipLayers.map((value, i) => (i === 0 || i === 9 ? value : word())),
  });
  const analysis = Object.assign(new Analysis(), at.trace.analysis, {
    flags: random.chance(0.3) ? random.int(1 << ANALYSIS_FLAG_COUNT) : 0,
    hasBlock: random.chance(0.9),
    seq: word(),
    ack: word(),
    nextSeq: word(),
    window: natural(),
    scale: random.int(17) - 2,
    ace: random.chance(0.1) ? random.int(8) : -1,
    completeness: random.int(64),
    sackBase: word(),
    relativeSeconds: word(),
    relativeNanoseconds: nanoseconds(),
    deltaSeconds: word(),
    deltaNanoseconds: nanoseconds(),
    duplicateNumber: natural(),
    duplicateFrame: natural(),
    acksFrame: natural(),
    ackRttSeconds: word(),
    ackRttNanoseconds: nanoseconds(),
    rtoFrame: natural(),
    rtoSeconds: word(),
    rtoNanoseconds: nanoseconds(),
    bytesInFlight: natural(),
    pushBytesSent: word(),
    irttSeconds: random.pick([0, word()]),
    irttNanoseconds: nanoseconds(),
  });
  const frame = { ...at.frame, number: natural(), seconds: word(), nanoseconds: nanoseconds() };
  const clock = { startSeconds: word(), startNanoseconds: nanoseconds() };
  const trace = {
    ...at.trace,
    analysis,
    states: { senderState: random.int(12), receiverState: random.int(12) },
  };
  return { frame, packet, trace, clock } as unknown as SegmentContext;
}
