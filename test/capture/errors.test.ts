import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureError, UsageError } from '../../src/errors.ts';
import { concat, PcapngWriter, writePcap } from '../support/pcap-writer.ts';
import { readAll, readPieces, TemporaryFiles } from '../support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

const text = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));
const GOOD = writePcap([{ seconds: 1, nanoseconds: 0, bytes: Uint8Array.of(1) }]);

describe('what is no capture: one sentence', () => {
  const EXPECTED = '(expected pcap or pcapng, plain, gzip or zstd)';
  const rows: [name: string, bytes: Uint8Array, message: string][] = [
    ['empty.pcap', new Uint8Array(0), 'FILE is empty'],
    ['notes.txt', text('# To do\n'), `FILE is not a capture: it begins with "# To do\\n" ${EXPECTED}`],
    [
      'hostile',
      text('\x1b[2J"\\\x9b\r'),
      `FILE is not a capture: it begins with "\\x1b[2J\\"\\\\\\x9b\\r" ${EXPECTED}`,
    ],
    ['three', Uint8Array.of(0xd4, 0xc3, 0xb2), `FILE is not a capture: it begins with "\\xd4\\xc3\\xb2" ${EXPECTED}`],
    [
      'long',
      text('abcdefghijklmnopqrstuvwxyz'),
      `FILE is not a capture: it begins with "abcdefghijklmnop" ${EXPECTED}`,
    ],
    [
      'newlines',
      text('\n\r\r\n no byte order'),
      `FILE is not a capture: it begins with "\\n\\r\\r\\n no byte ord" ${EXPECTED}`,
    ],
    ['notes.gz', gzipSync('hello'), `FILE, unpacked from gzip, is not a capture: it begins with "hello" ${EXPECTED}`],
    ['nothing.gz', gzipSync(''), 'FILE is empty: its gzip data holds nothing'],
    [
      'bad.gz',
      text('\x1f\x8b\x07rest'),
      'FILE cannot be read: the gzip data is damaged here (unknown compression method) (at byte 0 of what is in it)',
    ],
    [
      // One byte of the capture comes out of the first twelve.
      'cut.gz',
      gzipSync(GOOD).subarray(0, 12),
      'FILE cannot be read: the gzip data is cut short here (at byte 1 of what is in it)',
    ],
    [
      'twice.gz',
      gzipSync(gzipSync(GOOD)),
      'FILE is packed twice (gzip in gzip), which is not supported (unpack it once)',
    ],
    [
      'a.xz',
      text('\xfd7zXZ\0..'),
      'FILE is xz compressed, which is not supported (unpack it first: xz -dc FILE | tcpstate ... -)',
    ],
    [
      'a.bz2',
      text('BZh91AY'),
      'FILE is bzip2 compressed, which is not supported (unpack it first: bzip2 -dc FILE | tcpstate ... -)',
    ],
    [
      'a.lz4',
      text('\x04\x22\x4d\x18....'),
      'FILE is lz4 compressed, which is not supported (unpack it first: lz4 -dc FILE | tcpstate ... -)',
    ],
    ['a.zip', text('PK\x03\x04....'), 'FILE is a zip archive, which is not supported (unpack it first)'],
    [
      'a.tar',
      concat([new Uint8Array(257), text('ustar\x0000')]),
      'FILE is a tar archive, which is not supported (unpack it first)',
    ],
    [
      'a.cap',
      text('GMBU\0\x02'),
      'FILE is a Microsoft Network Monitor 2 capture, which is not supported (convert it first: editcap -F pcapng FILE OUT.pcapng)',
    ],
    [
      'a.snoop',
      text('snoop\0\0\0\0\0\0\x02'),
      'FILE is a snoop capture, which is not supported (convert it first: editcap -F pcapng FILE OUT.pcapng)',
    ],
    [
      'a.trc',
      text('iptrace 2.0'),
      'FILE is an AIX iptrace capture, which is not supported (convert it first: editcap -F pcapng FILE OUT.pcapng)',
    ],
    ['old.pcap', writePcap([], { version: [1, 4] }), 'FILE is a pcap file of version 1.4; 2.0 and later are supported'],
    [
      'reserved.pcap',
      writePcap([], { linkTypeUpper: 0x0224 }),
      'FILE has a link type field that no pcap version defines (0x02240001, at byte 20)',
    ],
    ['v2.pcapng', new PcapngWriter().section([2, 0]), 'FILE is a pcapng file of version 2.0; 1.0 is supported'],
  ];
  it.each(rows)('%s', async (name, bytes, message) => {
    const path = files.write(name, bytes);
    const error = await openCapture([path]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CaptureError);
    expect((error as Error).message).toBe(message.replaceAll('FILE', path));
  });

  it('standard input is called so', async () => {
    await expect(readPieces(new Uint8Array(0))).rejects.toThrow(/^standard input is empty$/);
    await expect(readPieces(text('{"a": 1}'))).rejects.toThrow(
      /^standard input is not a capture: it begins with "\{\\"a\\": 1\}"/,
    );
  });

  it('a missing file', async () => {
    const path = join(files.folder, 'missing.pcap');
    await expect(openCapture([path])).rejects.toThrow(new CaptureError(`${path} does not exist`));
  });

  it('a directory', async () => {
    const path = join(files.folder, 'folder.pcap');
    mkdirSync(path);
    await expect(openCapture([path])).rejects.toThrow(new CaptureError(`${path} is a directory, not a capture file`));
  });

  it.skipIf(process.getuid?.() === 0)('no permission (skipped: root may read everything)', async () => {
    const path = files.write('secret.pcap', GOOD);
    chmodSync(path, 0);
    await expect(openCapture([path])).rejects.toThrow(new CaptureError(`${path} cannot be read: permission denied`));
  });

  it('a name with control characters is made harmless', async () => {
    const error = await openCapture([join(files.folder, 'a\x1b[2J\nb')]).catch((e: unknown) => e);
    expect((error as Error).message).toBe(`${files.folder}/a\\x1b[2J\\x0ab does not exist`);
  });

  it('one unreadable file among good ones', async () => {
    const good = files.write('good.pcap', GOOD);
    const bad = files.write('bad.txt', text('hello'));
    await expect(openCapture([good, bad, good])).rejects.toThrow(CaptureError);
  });

  it.each([
    ['nothing named', []],
    ['standard input twice', ['-', 'x', '-']],
    ['standard input where there is none', ['-']],
  ])('usage: %s', async (_, paths) => {
    await expect(openCapture(paths)).rejects.toThrow(UsageError);
  });
});

describe('damage inside a capture: what came before, and one warning', () => {
  const frame = { seconds: 1, nanoseconds: 0, bytes: new Uint8Array(10) };
  const pcap = writePcap([frame, frame, frame]); // records at 24, 50, 76; end at 102
  const little = new PcapngWriter();
  const begin = concat([little.section(), little.interface(), little.enhancedPacket(1n, frame.bytes)]); // 28 + 20 + 44
  const after = little.enhancedPacket(2n, frame.bytes);
  const ng = (...blocks: Uint8Array[]): Uint8Array => concat([begin, ...blocks, after]);
  const patch = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(at, value, true);
    return copy;
  };

  const rows: [what: string, bytes: Uint8Array, frames: number, offset: number, truncated: boolean, message: string][] =
    [
      [
        'pcap: cut in a frame',
        pcap.subarray(0, 100),
        2,
        76,
        true,
        'the capture is cut short inside a frame (8 of 10 bytes are there)',
      ],
      [
        'pcap: cut in a record header',
        pcap.subarray(0, 80),
        2,
        76,
        true,
        'the capture is cut short inside a record header (4 of 16 bytes are there)',
      ],
      [
        'pcap: cut in the file header',
        pcap.subarray(0, 20),
        0,
        20,
        true,
        'the capture is cut short inside its file header (20 of 24 bytes are there)',
      ],
      [
        'pcap: a frame of 262145 bytes',
        patch(pcap, 50 + 8, 262145),
        1,
        50,
        false,
        'the capture is damaged: a frame of 262145 bytes is announced here, and ETHERNET has at most 262144',
      ],
      [
        'pcap: a frame of 4 GB',
        patch(pcap, 50 + 8, 0xffffffff),
        1,
        50,
        false,
        'the capture is damaged: a frame of 4294967295 bytes is announced here, and ETHERNET has at most 262144',
      ],
      [
        'pcapng: cut in a block',
        ng().subarray(0, 130),
        1,
        92,
        true,
        'the capture is cut short inside a block (38 bytes of it are there)',
      ],
      [
        'pcapng: cut in a block header',
        ng().subarray(0, 95),
        1,
        92,
        true,
        'the capture is cut short inside a block (3 bytes of it are there)',
      ],
      [
        'pcapng: cut in the first section header',
        ng().subarray(0, 20),
        0,
        0,
        true,
        'the capture is cut short inside a block (20 bytes of it are there)',
      ],
      [
        'pcapng: cut in a block passed over',
        ng(little.block(0x77, new Uint8Array(2_000_000))).subarray(0, 1_500_000),
        1,
        92,
        true,
        'the capture is cut short inside a block (1499908 bytes of it are there)',
      ],
      [
        'pcapng: a block of 8 bytes',
        ng(little.block(0x77, new Uint8Array(4), { before: 8 })),
        1,
        92,
        false,
        'the capture is damaged: a block of 8 bytes is announced here, and this kind has at least 12',
      ],
      [
        'pcapng: a block of 4 GB',
        ng(little.block(0x77, new Uint8Array(4), { before: 0xffffffff })),
        1,
        92,
        false,
        'the capture is damaged: a block of 4294967295 bytes is announced here, and at most 134348832 can be',
      ],
      [
        'pcapng: lengths that differ',
        ng(little.block(0x77, new Uint8Array(4), { after: 20 })),
        1,
        92,
        false,
        'the capture is damaged: the block that begins here gives its length as 16 before and as 20 after its content',
      ],
      [
        'pcapng: lengths of a packet that differ',
        ng(patch(after, 40, 48)),
        1,
        92,
        false,
        'the capture is damaged: the block that begins here gives its length as 44 before and as 48 after its content',
      ],
      [
        'pcapng: an interface not described',
        ng(little.enhancedPacket(1n, frame.bytes, { interface: 7 })),
        1,
        92,
        false,
        'the capture is damaged: a frame of interface 7 stands here, and 1 are described in its section',
      ],
      [
        'pcapng: a packet before any interface',
        concat([little.section(), after]),
        0,
        28,
        false,
        'the capture is damaged: a frame of interface 0 stands here, and 0 are described in its section',
      ],
      [
        'pcapng: a simple packet before any interface',
        concat([little.section(), little.simplePacket(frame.bytes)]),
        0,
        28,
        false,
        'the capture is damaged: a frame of interface 0 stands here, and 0 are described in its section',
      ],
      [
        'pcapng: a frame larger than its block',
        ng(patch(after, 20, 13)),
        1,
        92,
        false,
        'the capture is damaged: the block that begins here has 44 bytes, too few for a frame of 13',
      ],
      [
        'pcapng: a frame larger than any',
        ng(patch(after, 20, 262145)),
        1,
        92,
        false,
        'the capture is damaged: a frame of 262145 bytes is announced here, and ETHERNET has at most 262144',
      ],
      [
        'pcapng: a section of version 2',
        ng(little.section([2, 0])),
        1,
        92,
        false,
        'the capture is damaged: a section of pcapng version 2.0 begins here',
      ],
      [
        'pcapng: a section without byte order',
        ng(patch(little.section(), 8, 0x12345678)),
        1,
        92,
        false,
        'the capture is damaged: a section header with the byte order mark 0x78563412 stands here',
      ],
    ];
  it.each(rows)('%s', async (_, bytes, count, offset, truncated, message) => {
    const path = files.write('damaged', bytes);
    const results = [await readAll(await openCapture([path])), await readPieces(bytes, [7, 5000], { chunkBytes: 256 })];
    for (const [i, { frames, warnings }] of results.entries()) {
      expect(frames).toHaveLength(count);
      expect(warnings).toEqual([{ file: i === 0 ? path : '-', offset, truncated, message }]);
    }
  });

  it('a length is no reason to allocate', async () => {
    // D-Bus frames may have 128 MiB; this one claims them and has ten bytes.
    const bytes = patch(writePcap([frame], { linkType: 231 }), 24 + 8, 128 << 20);
    const before = process.memoryUsage().arrayBuffers;
    const { warnings } = await readPieces(bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
    expect(warnings).toMatchObject([
      { truncated: true, message: 'the capture is cut short inside a frame (10 of 134217728 bytes are there)' },
    ]);
  });

  it('a stream that fails', async () => {
    const { Readable } = await import('node:stream');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield pcap.subarray(0, 60);
      throw Object.assign(new Error('gone'), { code: 'EIO' });
    }
    const { frames, warnings } = await readAll(
      await openCapture(['-'], { stdin: Readable.from(failing(), { objectMode: false }) }),
    );
    expect(frames).toHaveLength(1);
    expect(warnings).toEqual([{ file: '-', offset: 60, truncated: true, message: 'reading failed here (EIO)' }]);
  });

  it('arbitrary bytes after a good beginning never throw', async () => {
    const { default: fc } = await import('fast-check');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(pcap.subarray(0, 50), begin),
        fc.uint8Array({ maxLength: 300 }),
        async (head, tail) => {
          const { frames, warnings } = await readPieces(concat([head, tail]), [97], { chunkBytes: 128 });
          expect(frames.length).toBeGreaterThanOrEqual(1);
          expect(warnings.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 400 },
    );
  });
});
