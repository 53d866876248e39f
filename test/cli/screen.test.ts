// In: terminals and environments. Out: proof of the width and colour chosen for them, and of the progress bar.

import { describe, expect, test } from 'vitest';
import { Progress, progressLine } from '../../src/cli/progress.ts';
import { type ColorChoice, screenOf } from '../../src/cli/screen.ts';

const terminal = { isTTY: true, columns: 120 };
const pipe = {};

describe('colour', () => {
  test.each<[string, object, Record<string, string>, ColorChoice, boolean, boolean]>([
    ['a terminal', terminal, {}, 'auto', false, true],
    ['a pipe', pipe, {}, 'auto', false, false],
    ['a file named by -o', terminal, {}, 'auto', true, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, 'auto', false, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, 'auto', false, false],
    ['an empty NO_COLOR says nothing (no-color.org)', terminal, { NO_COLOR: '' }, 'auto', false, true],
    ['FORCE_COLOR into a pipe', pipe, { FORCE_COLOR: '1' }, 'auto', false, true],
    ['FORCE_COLOR=0 on a terminal', terminal, { FORCE_COLOR: '0' }, 'auto', false, false],
    ['NO_COLOR beats FORCE_COLOR', pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto', false, false],
    ['--color always beats NO_COLOR', pipe, { NO_COLOR: '1' }, 'always', false, true],
    ['--color never beats FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, 'never', false, false],
  ])('%s', (_name, device, environment, choice, toFile, color) => {
    expect(screenOf(device, environment, choice, toFile).color).toBe(color);
  });
});

describe('width', () => {
  test.each<[string, object, Record<string, string>, boolean, number]>([
    ['the terminal', terminal, {}, false, 120],
    ['a terminal that does not say', { isTTY: true }, {}, false, 80],
    ['a terminal too narrow for anything', { isTTY: true, columns: 7 }, {}, false, 40],
    ['a pipe', pipe, {}, false, Number.POSITIVE_INFINITY],
    ['a file', terminal, {}, true, Number.POSITIVE_INFINITY],
    ['a pipe with COLUMNS', pipe, { COLUMNS: '100' }, false, 100],
    ['a pipe with a COLUMNS that is no number', pipe, { COLUMNS: 'wide' }, false, Number.POSITIVE_INFINITY],
  ])('%s', (_name, device, environment, toFile, columns) => {
    expect(screenOf(device, environment, 'auto', toFile).columns).toBe(columns);
  });
});

describe('progress', () => {
  test.each([
    [80, '25 %  25 MB of 100 MB, 12.5 MB/s, 6 s left'],
    [40, '25 %  25 MB of 100 MB, 12.5 MB/s, 6 s l'],
  ])('in %i columns', (columns, words) => {
    const line = progressLine(25e6, 100e6, 2, columns);
    expect(line).toContain(words);
    expect(line.length).toBeLessThan(columns);
  });

  test('the bar is as full as the work is done', () => {
    const bar = progressLine(50e6, 100e6, 1, 120).split(' ')[0]!;
    expect(bar).toBe('█'.repeat(bar.length / 2) + '░'.repeat(bar.length / 2));
  });

  test('of a stream nobody knows the end', () => {
    expect(progressLine(25e6, null, 2.5, 80)).toBe('25 MB read, 10 MB/s; Ctrl-C ends it');
  });

  test('nothing is drawn in the first second, then ten times a second, and it goes away', () => {
    let now = 0;
    const drawn: string[] = [];
    const progress = new Progress({ columns: 80, write: (text: string) => drawn.push(text) }, () => now);
    for (; now < 1000; now += 50) progress.update(now, 3000);
    progress.clear();
    expect(drawn).toEqual([]);
    for (; now < 2000; now += 50) progress.update(now, 3000);
    expect(drawn.length).toBe(10);
    progress.clear();
    expect(drawn.at(-1)).toBe('\r\x1b[K');
  });
});
