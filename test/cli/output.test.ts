// In: rows and text for a slow stream. Out: proof that all of it arrives in order, that rows are gathered while others are being
// written, and that nobody gets far ahead of the stream.

import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Output } from '../../src/cli/output.ts';
import { Random } from '../support/random.ts';

const BLOCK_BYTES = 1 << 17;

/** Takes its time with each write, and looks at the bytes only when it is done. */
class SlowStream extends Writable {
  text = '';
  writes = 0;
  mostWaiting = 0;
  /** Whatever is told in the meantime. */
  meanwhile = 0;
  toldBefore = 0;
  told = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes++;
    this.toldBefore = this.told;
    setTimeout(() => {
      this.meanwhile += this.told - this.toldBefore;
      this.text += chunk.toString();
      done();
    }, 5);
  }
}

test.each([0, 0.001])('rows and text (%d of all) arrive in order, one block ahead', async (texts) => {
  const random = new Random(7);
  const stream = new SlowStream();
  const output = new Output(stream, 'slow');
  let expected = '';
  for (let i = 0; i < 30_000; i++) {
    const line = `${i} ${'x'.repeat(random.int(40))}\n`;
    expected += line;
    if (random.chance(texts)) output.write(line);
    else {
      output.rows.text(line);
      output.rowWritten();
    }
    stream.told++;
    stream.mostWaiting = Math.max(stream.mostWaiting, stream.writableLength);
    const ready = output.ready();
    if (ready !== undefined) await ready;
  }
  await output.end();
  expect(stream.text).toBe(expected);
  expect(stream.mostWaiting).toBeLessThan((texts === 0 ? 1 : 3) * BLOCK_BYTES + 1000);
  if (texts === 0) {
    expect(stream.writes).toBe(Math.ceil(expected.length / BLOCK_BYTES));
    expect(stream.meanwhile / stream.told).toBeGreaterThan(0.5);
  }
});

test('a stream that writes at once gets the same block again and again, though nobody pauses', async () => {
  const blocks = new Set<ArrayBufferLike>();
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      blocks.add(chunk.buffer);
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(stream, 'device');
  let expected = '';
  for (let i = 0; i < 60_000; i++) {
    const line = `${i} xxxxxxxxxxxxx\n`;
    expected += line;
    output.rows.text(line);
    output.rowWritten();
    // What it says later of a block that is in use again must not empty it.
    if (i === 40_000) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await output.end();
  expect(text).toBe(expected);
  expect(blocks.size).toBe(1);
});
