// In: the fields of segments. Out: proof that those that do not say otherwise (Field.isOfAll) have the same values for whoever is told of a
// connection's segments only from where it leaves the book.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Field } from '../../src/filter/field.ts';
import { SEGMENT_FIELDS } from '../../src/filter/segment-fields.ts';
import { Subject } from '../../src/filter/subject.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { randomFrames } from '../support/random-segments.ts';
import { TemporaryFiles } from '../support/read-capture.ts';
import { runs } from '../support/runs.ts';

const folder = new TemporaryFiles();
afterAll(() => folder.remove());

/** What the field reads, whatever its form. */
function readField({ reader }: Field, subject: Subject): unknown {
  switch (reader.form) {
    case 'number':
      return reader.get(subject);
    case 'numbers': {
      const numbers: number[] = [];
      return numbers.slice(0, reader.fill(subject, numbers));
    }
    case 'texts': {
      const texts: string[] = [];
      return texts.slice(0, reader.fill(subject, texts));
    }
    case 'addresses': {
      const words = new Int32Array(200);
      return [reader.fill(subject, words), ...words];
    }
    case 'moment':
      return [reader.seconds(subject), reader.nanoseconds(subject)];
    case 'bytes':
      return reader.get(subject)?.slice();
    case 'presence':
      return reader.is(subject);
  }
}

/** The values of every field, by frame. */
async function valuesOf(path: string, isLate: boolean): Promise<Map<number, unknown[]>> {
  const values = new Map<number, unknown[]>();
  const subject = new Subject();
  await analyze(
    { files: [path] },
    {
      segment(frame, packet, trace, clock) {
        if (trace.current < 0) return;
        Object.assign(subject, { frame, packet, trace, clock });
        values.set(
          frame.number,
          SEGMENT_FIELDS.map((field) => readField(field, subject)),
        );
      },
      ...(isLate && { leavesTheBook() {} }),
    },
  );
  return values;
}

test('fields have the same values late, but for those that depend on all segments', { timeout: 120_000 }, async () => {
  const paths = readdirSync('fixtures', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => join('fixtures', name));
  for (let seed = 1; seed <= runs(20); seed++)
    paths.push(folder.write(`${seed}.pcap`, writePcap(randomFrames(seed, { segments: 200 }))));
  const differing = new Set<string>();
  let late = 0;
  for (const path of paths) {
    const all = await valuesOf(path, false);
    for (const [frame, values] of await valuesOf(path, true)) {
      late++;
      for (const [i, value] of values.entries()) {
        if (Object.is(value, all.get(frame)![i])) continue;
        const { name, isOfAll } = SEGMENT_FIELDS[i]!;
        if (isOfAll !== true) expect(value, `${name} of frame ${frame} of ${path}`).toEqual(all.get(frame)![i]);
        else if (typeof value !== 'object') differing.add(name);
      }
    }
  }
  expect(late).toBeGreaterThan(1000);
  // So there is something to compare: connections that were told of late.
  expect(differing.has('tcp.analysis.acks_frame')).toBe(true);
});
