// In: captures larger than a report shows. Out: proof of what it leaves out, that it says so, and that reading twice shows the same.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { analyze } from '../../src/analyze.ts';
import { AnalysisTable, type AnalysisTableOptions } from '../../src/report/analysis-table.ts';
import { loadPalette } from '../../src/report/palette.ts';
import { chooseRows, isChosen, RowKeeper } from '../../src/report/segment-rows.ts';
import type { Lives } from '../../src/tcp/textbook-life.ts';
import { conversation } from '../support/conversation.ts';
import { client, flow, history, server } from '../support/flow.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { printed } from '../support/in-process.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';

/** One connection: handshake, `exchanges` times a request and its answer, close by the client. 3 + 2n + 3 segments. */
function longConnection(exchanges: number): string {
  const lines = [
    'A 10.0.0.1:50000 iss 100',
    'B 10.0.0.2:9000 iss 900',
    'A> S 0:0(0) win 64000',
    'B> S. 0:0(0) ack 1 win 64000',
    'A> . 1:1(0) ack 1 win 64000',
  ];
  for (let i = 0; i < exchanges; i++) {
    lines.push(`A> P. ${1 + 10 * i}:${11 + 10 * i}(10) ack ${1 + 20 * i} win 64000`);
    lines.push(`B> P. ${1 + 20 * i}:${21 + 20 * i}(20) ack ${11 + 10 * i} win 64000`);
  }
  const a = 1 + 10 * exchanges;
  const b = 1 + 20 * exchanges;
  lines.push(`A> F. ${a}:${a}(0) ack ${b} win 64000`);
  lines.push(`B> F. ${b}:${b}(0) ack ${a + 1} win 64000`);
  lines.push(`A> . ${a + 1}:${a + 1}(0) ack ${b + 1} win 64000`);
  return `\`\`\`segments\n${lines.join('\n')}\n\`\`\`\n`;
}

/** Numbers of the frames that have a row. */
function framesShown(stdout: string): number[] {
  return [...stdout.matchAll(/^ +(\d+) {2}\d+\.\d{6} {2}/gm)].map((match) => Number(match[1]));
}

describe('a connection longer than is shown', () => {
  const bytes = writePcap(framesOfScript(longConnection(500)));
  const path = join(mkdtempSync(join(tmpdir(), 'tcpstate-')), 'long.pcap');
  beforeAll(() => writeFileSync(path, bytes));
  // 1,006 segments; of 60 rows the first half and the last quarter, and whatever moved a state.
  const expected = [...Array.from({ length: 30 }, (_, i) => i + 1), ...Array.from({ length: 15 }, (_, i) => i + 992)];

  test('its beginning and end are, with the number left out between them', async () => {
    const { stdout } = await printed(['analyze', path]);
    expect(framesShown(stdout)).toEqual(expected);
    expect(stdout).toContain('961 segments not shown\n');
  });

  test('standard input, read once, shows the same', async () => {
    const fromFile = await printed(['analyze', path]);
    const fromStream = await printed(['analyze', '-'], { input: bytes });
    const tables = (stdout: string): string => stdout.slice(stdout.indexOf('\n'));
    expect(tables(fromStream.stdout)).toBe(tables(fromFile.stdout));
  });

  test('--rows and --stream show more', async () => {
    expect(framesShown((await printed(['analyze', '--rows', '1006', path])).stdout)).toHaveLength(1006);
    expect(framesShown((await printed(['analyze', '--stream', '0', '--rows', '2000', path])).stdout)).toHaveLength(
      1006,
    );
    expect(framesShown((await printed(['analyze', '--rows', '0', path])).stdout)).toEqual([]);
  });

  test('packets shows all of it', async () => {
    const { stdout } = await printed(['packets', '--format', 'tsv', '--fields', 'frame.number', path]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1007);
  });
});

describe('which rows are chosen', () => {
  const states = history(
    'CLOSED',
    'SYN_SENT 0 #1 snd SYN',
    'ESTABLISHED ~ 0.1 #2 rcv SYN,ACK',
    'FIN_WAIT_1 5 #500 snd FIN',
  );
  const long = flow({ segments: 1000, frames: [1, 1000], endpoints: [client({ states }), server()] });

  test('of a short connection all', () => {
    const choice = chooseRows(flow({ segments: 10 }), 10);
    expect([0, 5, 9].map((index) => isChosen(choice, index, index + 1))).toEqual([true, true, true]);
  });

  test('of a long one the beginning, the end, and what moved a state', () => {
    const choice = chooseRows(long, 40);
    const chosen = Array.from({ length: 1000 }, (_, i) => i).filter((index) => isChosen(choice, index, index + 1));
    expect(chosen).toEqual([...Array(20).keys(), 499, ...Array.from({ length: 10 }, (_, i) => 990 + i)]);
  });

  test('the budget holds over all connections', () => {
    const all = { head: 100, tailFrom: 100, frames: new Set<number>() };
    const keeper = new RowKeeper((stream) => (stream === 9 ? null : all), 3);
    const keep = (stream: number, frame: number): boolean => {
      const rows = keeper.claim(stream, frame, () => ['10.0.0.1', 1]);
      rows?.rows.push({
        index: rows.passed - 1,
        frame,
        seconds: 0,
        nanoseconds: 0,
        isFromFirst: true,
        info: '',
        app: '',
      });
      return rows !== null;
    };
    expect([keep(0, 1), keep(9, 2), keep(1, 3), keep(0, 4), keep(0, 5)]).toEqual([true, false, true, true, false]);
    expect(keeper.wants(0)).toBe(false);
    expect(keeper.of(0)!.rows.map((row) => row.frame)).toEqual([1, 4]);
  });
});

describe('many connections', () => {
  const path = 'fixtures/captures/many-connections.pcap';

  test('the notable ones come first, the list says how many it leaves out', async () => {
    const { stdout } = await printed(['analyze', path]);
    const list = stdout.split('\n\n').find((part) => part.startsWith(' stream'))!;
    const streams = [...list.matchAll(/^ +(\d+) {2}10\.1/gm)].map((match) => Number(match[1]));
    expect(streams).toHaveLength(20);
    // Three refused, two reset; nothing else in the capture went wrong but the SYN to 10.2.0.22 at its very end.
    expect(streams.slice(0, 5).sort((a, b) => a - b)).toEqual([7, 16, 17, 24, 27]);
    expect(list).toContain('26 connections more, less notable, not listed (--all lists them');
  });

  test('--all lists every one, in their order', async () => {
    const { stdout } = await printed(['analyze', '--all', '--rows', '0', path]);
    const streams = [...stdout.matchAll(/^ +(\d+) {2}10\.1/gm)].map((match) => Number(match[1]));
    expect(streams).toEqual([...Array(46).keys()]);
    expect(stdout).not.toContain('not listed');
  });

  test('--stream shows those and no others', async () => {
    const { stdout } = await printed(['analyze', '--stream', '16,7', path]);
    expect(stdout.match(/^stream \d+/gm)).toEqual(['stream 7', 'stream 16']);
  });

  test('a stream that is not there', async () => {
    const { stdout } = await printed(['analyze', '--stream', '99', path]);
    expect(stdout).toContain('There is no such stream; there are 0 to 45.');
  });
});

test('a capture without TCP says so', async () => {
  const { stdout, code } = await printed(['analyze', 'fixtures/captures/no-tcp.pcap']);
  expect(stdout).toContain('2 frames, none TCP');
  expect(stdout).toContain('No TCP connection in it.');
  expect(code).toBe(0);
  const json = JSON.parse((await printed(['analyze', '--format', 'json', 'fixtures/captures/no-tcp.pcap'])).stdout);
  expect(json.flows).toEqual([]);
});

test('hostile payload stays text in every format', async () => {
  const path = 'fixtures/captures/hostile-payload.pcap';
  for (const args of [['analyze'], ['analyze', '--format', 'json'], ['analyze', '--format', 'ndjson']]) {
    const { stdout } = await printed([...args, path]);
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  }
  for (const format of ['table', 'tsv', 'csv', 'ndjson']) {
    const { stdout } = await printed(['packets', '--format', format, path]);
    expect(stdout).toContain('index.html');
    expect(stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  }
});

describe('which rows are kept at first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tcpstate-'));

  /** `count` connections at once; those of `reset` end by it. */
  function capture(count: number, reset: ReadonlySet<number>): Uint8Array {
    const steps = ['S', 'SA', 'A', 'PA', 'FA', 'FA', 'A'];
    const frames = steps.flatMap((flags, step) =>
      Array.from({ length: count }, (_, i) => {
        const isBack = step === 1 || step === 5;
        const client = { src: '10.0.0.1', dst: '10.0.0.2', sport: 20_000 + i, dport: 80 };
        const ends = isBack ? { src: client.dst, dst: client.src, sport: 80, dport: 20_000 + i } : client;
        const sent = step < 3 ? 0 : step < 4 ? 1 : step < 6 ? 11 : 12;
        const numbers = isBack
          ? { seq: 500 + (step === 1 ? 0 : 1), ack: 100 + (step === 1 ? 1 : 12) }
          : { seq: 100 + (step === 0 ? 0 : Math.max(1, sent)), ack: step === 0 ? 0 : step === 6 ? 502 : 501 };
        const isReset = step === 4 && reset.has(i);
        if (step > 4 && reset.has(i)) return [];
        return [
          tcpFrame({ ...ends, ...numbers, flags: isReset ? 'R' : flags, payload: step === 3 ? '0123456789' : '' }),
        ];
      }).flat(),
    );
    return writePcap(frames.map((bytes, i) => ({ seconds: 1 + Math.floor(i / 100), nanoseconds: i % 100, bytes })));
  }

  test.each([
    ['one of the first', 250, [3]],
    ['one of the last', 250, [240]],
    ['the hundredth and the one after it', 120, [99, 100]],
    ['none of note', 250, []],
  ])('%s: a file is told of as standard input is, of which all are', async (name, count, reset) => {
    const bytes = capture(count, new Set(reset));
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, bytes);
    for (const args of [[], ['--all'], ['--stream', '3,110']]) {
      const [ofFile, ofStream] = [
        await printed(['analyze', ...args, path]),
        await printed(['analyze', ...args, '-'], { input: bytes }),
      ];
      // The first line names the input, the last ones what to run next.
      const body = (text: string): string[] => text.replaceAll(path, '-').split('\n').slice(1);
      expect(body(ofFile.stdout).filter((line) => !line.includes('tcpstate '))).toEqual(
        body(ofStream.stdout).filter((line) => !line.includes('tcpstate ')),
      );
      if (args.length > 0) continue;
      const shown = reset.length > 0 ? reset : [0];
      expect(
        [...ofFile.stdout.matchAll(/^stream (\d+)/gm)].map((match) => Number(match[1])).sort((a, b) => a - b),
      ).toEqual(shown);
      expect(ofFile.stdout.match(/\[SYN\]/g)).toHaveLength(shown.length);
    }
  });
});

describe('connections that closed by the book', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tcpstate-'));

  /** `count` connections, every seventh of which leaves the book, one after the other or all at once. */
  function capture(name: string, count: number, atOnce: boolean): string {
    const random = new Random(count);
    const lives = Array.from({ length: count }, (_, i) => [
      ...conversation(random, {
        departures: i % 7 === 3 ? 0.1 : 0,
        shortClose: false,
        clientPort: 20_000 + i,
        pausesNs: [1000],
        payloads: [100],
      }),
    ]);
    const frames = atOnce
      ? Array.from({ length: 60 }, (_, step) => lives.flatMap((life) => life[step] ?? [])).flat()
      : lives.flat();
    const path = join(folder, name);
    const written = frames.map(({ bytes, start, capturedLength }, i) => ({
      seconds: 1_700_000_000,
      nanoseconds: i * 1000,
      bytes: bytes.slice(start, start + capturedLength),
    }));
    writeFileSync(path, writePcap(written, { nanoseconds: true }));
    return path;
  }

  async function report(path: string, options: Partial<AnalysisTableOptions>, leastLives: number): Promise<string[]> {
    const palette = await loadPalette(false);
    const usual = { columns: 120, palette, streams: null, all: false, rows: null, files: [path] };
    const table = new AnalysisTable({ ...usual, ...options });
    let count = 0;
    const lives = (some: Lives): void => {
      count += some.to - some.from;
      table.lives(some);
    };
    const result = await analyze(
      { files: [path] },
      { flow: (one) => table.flow(one), ...(leastLives > 0 && { lives }) },
    );
    expect(count).toBeGreaterThanOrEqual(leastLives);
    const lines: string[] = [];
    for await (const line of table.lines(result)) lines.push(line);
    return lines;
  }

  test.each([
    ['few', 12, false],
    ['more than are listed', 90, false],
    ['and all at once', 90, true],
  ])('%s: the report is that of their accounts', async (name, count, atOnce) => {
    const path = capture(`${name}.pcap`, count, atOnce);
    for (const options of [{}, { all: true }, { streams: new Set([1, 3, 60]) }, { rows: 0 }]) {
      expect(await report(path, options, count / 2)).toEqual(await report(path, options, 0));
    }
  });
});
