// In: captures of all kinds. Out: proof that the number of threads changes nothing of what is printed, and that a run in several threads ends
// as it should when it is interrupted, when nobody reads on, and when a thread fails.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { ENCAPSULATIONS, NO_SEGMENT } from '../support/encapsulations.ts';
import {
  type Bytes,
  ethernet,
  ipv4,
  ipv6,
  join as joined,
  tcp,
  tcpFrame,
  tcpPacket,
  udp,
  vlan,
} from '../support/frame-builder.ts';
import { Page } from '../support/page.ts';
import { alone, type Format, inParts, inTurns } from '../support/parallel.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { run } from '../support/program.ts';
import { Random } from '../support/random.ts';
import { randomFrames } from '../support/random-segments.ts';
import { TemporaryFiles } from '../support/read-capture.ts';
import { runs } from '../support/runs.ts';

const folder = new TemporaryFiles();
afterAll(() => folder.remove());
let written = 0;
/** Writes a capture and returns its path. */
const file = (bytes: Uint8Array): string => folder.write(`${written++}.pcap`, bytes);

const PAYLOAD = new Uint8Array(1400).fill(0x2e);
const FORMATS: readonly Format[] = ['json', 'ndjson'];
const [FIN, SYN, ACK] = [1, 2, 16];

async function expectSame(
  options: Parameters<typeof alone>[0],
  parts: readonly number[] = [1, 2, 3, 4],
): Promise<void> {
  for (const format of FORMATS) {
    const expected = await alone(options, format);
    for (const n of parts) {
      const { text, capture } = await inParts(options, format, n);
      if (text !== expected.text)
        expect(text.split('\n'), `${format} in ${n} parts`).toEqual(expected.text.split('\n'));
      expect(capture).toEqual(expected.capture);
    }
  }
}

const at = (seconds: number, bytes: Bytes, originalLength = bytes.length): FrameToWrite => ({
  seconds: 1_700_000_000 + Math.floor(seconds),
  nanoseconds: Math.round((seconds % 1) * 1e9),
  bytes,
  originalLength,
});

const inOrder = (frames: FrameToWrite[]): FrameToWrite[] =>
  frames.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);

/** A connection from `host` that opens at `start` and is closed within half a second. */
function closed(host: number, port: number, start: number, isn = 100): FrameToWrite[] {
  const c = { src: `10.0.${host >> 8}.${host & 255}`, dst: '10.1.0.1', sport: port, dport: 80 };
  const s = { src: c.dst, dst: c.src, sport: 80, dport: port };
  return [
    at(start, tcpFrame({ ...c, flags: SYN, seq: isn })),
    at(start + 0.1, tcpFrame({ ...s, flags: SYN | ACK, seq: 500, ack: isn + 1 })),
    at(start + 0.2, tcpFrame({ ...c, flags: ACK, seq: isn + 1, ack: 501 })),
    at(start + 0.3, tcpFrame({ ...c, flags: FIN | ACK, seq: isn + 1, ack: 501 })),
    at(start + 0.4, tcpFrame({ ...s, flags: FIN | ACK, seq: 501, ack: isn + 2 })),
    at(start + 0.5, tcpFrame({ ...c, flags: ACK, seq: isn + 2, ack: 502 })),
  ];
}

/** Random traffic of many hosts: connections that end, hang, come again on their ports, and are spoken to late. */
function traffic(seed: number, connections: number): FrameToWrite[] {
  const random = new Random(seed);
  const frames: FrameToWrite[] = [];
  for (let i = 0; i < connections; i++) {
    const start = random.int(600);
    const all = closed(random.int(40), 1000 + random.int(30), start, 100 + random.int(3) * 1000);
    const kept = random.int(4) === 0 ? all.slice(0, 1 + random.int(all.length)) : all;
    frames.push(...kept);
    // A copy of one of them, long after the end.
    if (random.int(5) === 0)
      frames.push({ ...kept[random.int(kept.length)]!, seconds: 1_700_000_000 + start + 61 + random.int(200) });
  }
  return inOrder(frames);
}

describe('the number of parts changes nothing', () => {
  const names = readdirSync('fixtures/captures').filter((name) => name.endsWith('.pcap'));
  test.each(names)('%s', async (name) => {
    await expectSame({ files: [`fixtures/captures/${name}`] }, [2, 3]);
  });

  // Captures of others that lie beside a working copy, where there are any: one in fifty, all with npm run test:properties.
  const everywhere = ['../shared/corpus/pcap', '../shared/reference/captures'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.(?:pcap|pcapng|cap|dmp)(?:\.gz)?$/.test(name))
          .map((name) => join(folder, name))
      : [],
  );
  const found = everywhere.filter((_, i) => i % Math.ceil(100 / runs(1)) === 0);
  test.skipIf(found.length === 0)(
    `captures of others (${found.length || 'none here: skipped'})`,
    { timeout: 600_000 },
    async () => {
      for (const path of found) {
        const expected = await alone({ files: [path] }, 'ndjson').catch((error: Error) => error);
        if (expected instanceof Error) {
          await expect(inParts({ files: [path] }, 'ndjson', 2)).rejects.toThrow(expected.message);
          continue;
        }
        expect((await inParts({ files: [path] }, 'ndjson', 3)).text === expected.text, path).toBe(true);
        const { text } = await alone({ files: [path] }, 'json');
        expect((await inParts({ files: [path] }, 'json', 2)).text === text, path).toBe(true);
      }
    },
  );

  test('every encapsulation, each link type a file, all of them one trace', async () => {
    const byLinkType = new Map<number, FrameToWrite[]>();
    let time = 0;
    for (const { linkType, bytes } of [...ENCAPSULATIONS, ...NO_SEGMENT]) {
      const frames = byLinkType.get(linkType) ?? [];
      byLinkType.set(linkType, frames);
      for (let i = 0; i < 3; i++) {
        frames.push(at(time, bytes));
        time += 0.01;
      }
    }
    const paths = [...byLinkType].map(([linkType, frames]) => file(writePcap(frames, { linkType })));
    await expectSame({ files: paths });
  });

  test('fragments, tunnels, quotations, IPv6, tags, beside plain segments of the same connections', async () => {
    const frames: FrameToWrite[] = [];
    for (let port = 1; port <= 40; port++) {
      const c = { src: '10.0.0.1', dst: '10.0.0.2', sport: port, dport: 80 };
      const segment = tcp({
        sport: port,
        dport: 80,
        seq: 101,
        ack: 501,
        flags: ACK,
        payload: new Uint8Array(64).fill(port),
      });
      const outer = { src: '192.0.2.1', dst: '192.0.2.2' };
      const addresses = { src: c.src, dst: c.dst };
      frames.push(
        ...closed(port, port, port / 10),
        at(port / 10, tcpFrame({ ...c, flags: SYN, seq: 100 })),
        at(
          port / 10 + 0.01,
          ethernet(ipv4({ ...addresses, protocol: 6, id: port, moreFragments: true }, segment.subarray(0, 48))),
        ),
        at(
          port / 10 + 0.02,
          ethernet(ipv4({ ...addresses, protocol: 6, id: port, fragmentOffset: 48 }, segment.subarray(48))),
        ),
        at(
          port / 10 + 0.03,
          ethernet(ipv4({ ...outer, protocol: 4 }, tcpPacket({ ...c, flags: ACK, seq: 165, ack: 501 }))),
        ),
        at(port / 10 + 0.04, vlan(7, tcpPacket({ ...c, flags: ACK, seq: 165, ack: 501 }))),
        at(port / 10 + 0.05, ethernet(ipv6({ src: '2001:db8::1', dst: '2001:db8::2', protocol: 6 }, segment))),
        at(
          port / 10 + 0.06,
          ethernet(
            ipv4(
              { src: '10.9.9.9', dst: c.src, protocol: 1 },
              joined(3, 3, 0, 0, 0, 0, 0, 0, tcpPacket({ ...c, flags: ACK, seq: 165, ack: 501 })),
            ),
          ),
        ),
        at(port / 10 + 0.07, ethernet(ipv4({ ...addresses, protocol: 17 }, udp(port, 53, new Uint8Array(8))))),
        at(port / 10 + 0.08, tcpFrame({ ...c, flags: ACK, seq: 165, ack: 501 }).subarray(0, 30 + port), 80),
      );
    }
    await expectSame({ files: [file(writePcap(inOrder(frames), { nanoseconds: true }))] });
  });

  test('several files, packed and cut, ports used again across sweeps, late segments', async () => {
    const frames = traffic(1, 400);
    const half = writePcap(
      frames.filter((_, i) => i % 3 !== 0),
      { nanoseconds: true },
    );
    const paths = [
      file(gzipSync(writePcap(frames.filter((_, i) => i % 3 === 0)))),
      file(half.subarray(0, half.length - 20)),
    ];
    await expectSame({ files: [paths[0]!], chunkBytes: 1000 }, [2]);
    const { text } = await alone({ files: paths }, 'ndjson');
    expect(text).toContain('"revised":true');
    expect(text).toContain('"truncated":true');
    await expectSame({ files: paths, chunkBytes: 4096, timeWaitSeconds: 90, crosswalk: true }, [2, 4]);
  });

  test('what is told last of a connection is what is told of it at the end', async () => {
    const options = { files: [file(writePcap(traffic(3, 1500), { nanoseconds: true }))] };
    const last = new Map<number, unknown>();
    for (const line of (await inParts(options, 'ndjson', 2)).text.trim().split('\n')) {
      const { revised: _, ...flow } = JSON.parse(line);
      if (flow.stream !== undefined) last.set(flow.stream, flow);
    }
    const { flows } = JSON.parse((await inParts(options, 'json', 2)).text);
    expect([...last].sort(([a], [b]) => a - b).map(([, flow]) => flow)).toEqual(flows);
  });

  test('frames larger than a slot', async () => {
    const large = (i: number): Uint8Array => {
      const bytes = new Uint8Array(1_200_000).fill(i);
      bytes.set(
        tcpPacket({
          src: '10.0.0.1',
          dst: '10.0.0.2',
          sport: i,
          dport: 80,
          flags: ACK,
          seq: i,
          payload: new Uint8Array(100),
        }),
      );
      return bytes;
    };
    const frames = Array.from({ length: 9 }, (_, i) => at(i, i % 3 === 2 ? large(i) : large(i).subarray(0, 200)));
    // A link type whose frames may be that large, decoded by nobody, beside raw IP.
    await expectSame({ files: [file(writePcap(frames, { linkType: 249 }))] }, [2]);
  });

  test('frames and chunks of many sizes, so that pieces of the file end anywhere', { timeout: 120_000 }, async () => {
    const cases = fc.record({
      seed: fc.integer(),
      parts: fc.integer({ min: 1, max: 4 }),
      // A frame of Ethernet may have 262,144 bytes; those of the other link type do not fit a slot.
      size: fc.constantFrom(
        { chunkBytes: 16, most: 100, linkType: 1 },
        { chunkBytes: 64, most: 3000, linkType: 1 },
        { chunkBytes: 1000, most: 200_000, linkType: 1 },
        { chunkBytes: 70_000, most: 200_000, linkType: 1 },
        { chunkBytes: 70_000, most: 2_500_000, linkType: 249 },
        { chunkBytes: 1 << 20, most: 2_500_000, linkType: 249 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, parts, size: { chunkBytes, most, linkType } }) => {
        const random = new Random(seed);
        const frames = randomFrames(seed, { segments: 150 }).map((frame) => {
          if (random.int(8) > 0) return frame;
          const bytes = new Uint8Array(frame.bytes.length + random.int(most));
          bytes.set(frame.bytes);
          return { ...frame, bytes, originalLength: bytes.length };
        });
        const options = { files: [file(writePcap(frames, { nanoseconds: true, linkType }))], chunkBytes };
        const expected = await alone(options, 'json');
        const { text, capture } = await inParts(options, 'json', parts);
        expect(text === expected.text).toBe(true);
        expect(capture).toEqual(expected.capture);
      }),
      // The first: a record longer than what is read at once, again and again.
      { numRuns: runs(8), examples: [[{ seed: 6, parts: 1, size: { chunkBytes: 64, most: 3000, linkType: 1 } }]] },
    );
  });

  test('random traffic', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(64, 300, 5000, 1 << 18),
        fc.constantFrom(...FORMATS),
        async (seed, parts, chunkBytes, format) => {
          const frames = inOrder([...traffic(seed, 60), ...randomFrames(seed, { segments: 300 })]);
          const options = { files: [file(writePcap(frames, { nanoseconds: true }))], chunkBytes };
          const expected = await alone(options, format);
          const { text, capture } = await inParts(options, format, parts);
          expect(text).toBe(expected.text);
          expect(capture).toEqual(expected.capture);
        },
      ),
      // The first: IPv4 addresses where an earlier batch had IPv6 ones.
      { numRuns: runs(8), examples: [[392183183, 1, 64, 'json']] },
    );
  });
});

describe('more connections than may be held', () => {
  const path = file(writePcap(traffic(2, 300), { nanoseconds: true }));

  test('what was told by then is what one thread tells first', async () => {
    for (const maxFlows of [5, 40, 90, 150]) {
      const options = { files: [path], maxFlows };
      const expected = await alone(options, 'ndjson');
      for (const n of [2, 3]) {
        const { text, capture } = await inParts(options, 'ndjson', n);
        if (capture === null) expect(expected.text.startsWith(text)).toBe(true);
        else expect(text).toBe(expected.text);
        // Where those that are over made room enough, nothing is said of it.
        if (expected.capture.warnings.length > 0) expect(capture).toBe(null);
      }
    }
  });

  test('also where more is to be read than the parts are ahead of, all of which have given up', async () => {
    // Twice the ring: whoever reads waits for room in it.
    const frames = Array.from({ length: 24_000 }, (_, i) => ({
      seconds: 1_700_000_000,
      nanoseconds: i * 1000,
      bytes: tcpFrame({
        src: '10.0.0.1',
        dst: '10.0.0.2',
        sport: 1000 + (i % 6000),
        dport: 80,
        flags: 'A',
        seq: 1,
        ack: 1,
        payload: PAYLOAD,
      }),
    }));
    const large = file(writePcap(frames, { nanoseconds: true }));
    const args = ['analyze', '--format', 'ndjson', '--max-flows', '90', large];
    const [one, two] = await Promise.all([run([...args, '--workers', '1']), run([...args, '--workers', '2'])]);
    expect(two).toEqual(one);
    expect(one.stdout.length).toBeGreaterThan(1_000_000);
  });

  test('the program goes on in one thread and prints nothing twice', async () => {
    for (const format of FORMATS) {
      const args = ['analyze', '--format', format, '--max-flows', '90', path];
      const [one, two] = await Promise.all([run([...args, '--workers', '1']), run([...args, '--workers', '2'])]);
      expect(two).toEqual(one);
      expect(one.stderr).toContain('--max-flows');
    }
  });
});

describe('the program', () => {
  const path = file(writePcap(traffic(3, 800), { nanoseconds: true }));

  test('prints the same with worker threads', async () => {
    for (const format of FORMATS) {
      const args = ['analyze', '--format', format, path];
      const [one, two, three] = await Promise.all(
        ['1', '2', '3'].map((workers) => run([...args, '--workers', workers])),
      );
      expect(one!.code).toBe(0);
      expect(two).toEqual(one);
      expect(three).toEqual(one);
    }
  });

  test('one connection of them', async () => {
    const args = ['analyze', '--format', 'ndjson', '--stream', '7,100,200', path, '--workers'];
    expect(await run([...args, '2'])).toEqual(await run([...args, '1']));
  });

  test('a capture that cannot be read is one sentence', async () => {
    const { code, stderr } = await run(['analyze', '--format', 'json', '--workers', '2', 'package.json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tcpstate: package\.json is not a capture.*\n$/);
  });

  test('ends quietly when nobody reads on', async () => {
    const { code, stderr } = await run(['analyze', '--format', 'ndjson', '--workers', '2', path], {
      meanwhile: (child) => child.stdout!.once('data', () => child.stdout!.destroy()),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('--workers is a number of threads', async () => {
    const { code, stderr } = await run(['analyze', '--workers', '65', path]);
    expect(code).toBe(2);
    expect(stderr).toContain('from 1 to 64');
  });
});

describe('a run that does not come to its end', () => {
  const frames = traffic(4, 2000);
  const path = file(writePcap(frames, { nanoseconds: true }));

  test('interrupted, it tells of all frames up to some chunk, all parts up to the same', async () => {
    const stop = new AbortController();
    const start = inTurns((_, message) => {
      if (message.kind === 'batch' && message.through > 1000) stop.abort();
    });
    const { text, capture } = await inParts({ files: [path], chunkBytes: 2048, signal: stop.signal }, 'ndjson', 3, {
      start,
    });
    expect(capture!.interrupted).toBe(true);
    expect(capture!.frames).toBeGreaterThan(1000);
    expect(capture!.frames).toBeLessThan(frames.length);
    const some = file(writePcap(frames.slice(0, capture!.frames), { nanoseconds: true }));
    const expected = await alone({ files: [some] }, 'ndjson');
    const flows = (of: string): string[] => of.split('\n').slice(0, -2);
    expect(flows(text)).toEqual(flows(expected.text));
  });

  test('interrupted before it begins', async () => {
    const { capture } = await inParts({ files: [path], signal: AbortSignal.abort() }, 'json', 2);
    expect(capture).toMatchObject({ interrupted: true, frames: 0, streams: 0 });
  });

  test('the reader of the output goes away', async () => {
    const page = new Page();
    page.onWrite = () => {
      throw new Error('nobody reads');
    };
    await expect(inParts({ files: [path] }, 'ndjson', 2, { page })).rejects.toThrow('nobody reads');
  });

  test('a part that throws ends the run with its error', async () => {
    const start = inTurns((part, message) => {
      if (part === 1 && message.kind === 'batch') throw new RangeError('out of order');
    });
    await expect(inParts({ files: [path] }, 'ndjson', 3, { start })).rejects.toThrow('out of order');
  });

  test('a thread that dies, too', async () => {
    const turns = inTurns();
    await expect(
      inParts({ files: [path], chunkBytes: 512 }, 'ndjson', 2, {
        start: (task, receive, fail) => {
          if (task.part === 0) return turns(task, receive, fail);
          setTimeout(() => fail(new Error('a worker thread ended with code 1')), 50);
          return () => task.large.close();
        },
      }),
    ).rejects.toThrow('code 1');
  });
});
