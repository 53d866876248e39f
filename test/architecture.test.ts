// In: the import lines and words of src/. Out: proof that the invariants of docs/ARCHITECTURE.md hold.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** In the order of the data: a folder imports from itself, from those before it and from its neighbours on the same level. */
const LEVELS = [
  ['linear'],
  ['capture'],
  ['wire'],
  ['flow'],
  ['tcp'],
  ['anomaly', 'occupancy'],
  ['filter', 'check', 'report'],
  ['parallel'],
  ['cli'],
];
const level = (folder: string): number => LEVELS.findIndex((folders) => folders.includes(folder));
/** Words every folder may use; they import nothing of ours. */
const LEAVES = ['errors.ts', 'nearest-name.ts', 'units.ts', 'version.ts'];
/** The pipeline and the library's face know every stage; only the cli, who runs it in parts, and the face may know the pipeline. */
const PIPELINE = 'analyze.ts';
/** What the pipeline is put together from: how frames are taken in, when connections are told of. */
const STAGES = ['intake.ts', 'telling.ts'];
/** What the program in linear memory has from everywhere, and what it offers; only for scripts/assemble.js. */
const ASSEMBLY = ['numbers.ts', 'program.as.ts'];
/** Made by scripts/assemble.js: of the first only the compiler knows. */
const MADE = ['numbers.as.ts', 'linear/binary.ts'];
/** What the library shows: everything, the check as one call, and matchers for tests. */
const FACES = ['index.ts', 'check-captures.ts', 'vitest.ts'];

interface SourceFile {
  /** Below src/, with slashes. */
  path: string;
  folder: string;
  text: string;
  imports: string[];
}

const files: SourceFile[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(join('src', path), 'utf8');
    const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    const imports = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
    return { path, folder: path.includes('/') ? path.split('/')[0]! : '', text: code, imports };
  });

/** Where an import of ours leads, below src/. */
function target(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier));
}

const ours = files.flatMap((file) =>
  file.imports.filter((name) => name.startsWith('.')).map((name) => ({ file, to: target(file, name) })),
);

test('the test sees the program', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(ours.length).toBeGreaterThan(100);
  expect([...new Set(files.map((file) => file.folder))].filter((f) => f !== '' && level(f) < 0)).toEqual([]);
});

test('imports of ours end in .ts and lead to a file', () => {
  const known = new Set([...files.map((file) => file.path), ...MADE]);
  expect(ours.filter(({ to }) => !known.has(to)).map(({ file, to }) => `${file.path} -> ${to}`)).toEqual([]);
});

describe('data flows one way', () => {
  test('a folder imports only from folders before it', () => {
    const wrong = ours.filter(({ file, to }) => {
      const toFolder = to.includes('/') ? to.split('/')[0]! : '';
      return file.folder !== '' && toFolder !== '' && level(toFolder) > level(file.folder);
    });
    expect(wrong.map(({ file, to }) => `${file.path} -> ${to}`)).toEqual([]);
  });

  test('no two folders import from each other, types apart', () => {
    const ways = new Set<string>();
    for (const file of files) {
      for (const match of file.text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)'/gm)) {
        const to = target(file, match[1]!).split('/')[0]!;
        if (level(to) >= 0 && file.folder !== to) ways.add(`${file.folder} -> ${to}`);
      }
    }
    const mutual = [...ways].filter((way) => ways.has(way.split(' -> ').reverse().join(' -> ')));
    expect(mutual).toEqual([]);
  });

  test('the files beside the folders import nothing of ours, but for the pipeline and the face of the library', () => {
    const wrong = ours.filter(({ file }) => LEAVES.includes(file.path));
    expect(wrong.map(({ file, to }) => `${file.path} -> ${to}`)).toEqual([]);
    const loose = files.filter((file) => file.folder === '').map((file) => file.path);
    expect(loose.sort()).toEqual([...LEAVES, PIPELINE, ...STAGES, ...ASSEMBLY, ...FACES].sort());
  });

  test('only the cli, parallel/ and the face of the library know the pipeline', () => {
    const knowing = ours.filter(({ to }) => to === PIPELINE).map(({ file }) => file);
    expect(
      knowing
        .filter((file) => !['cli', 'parallel'].includes(file.folder) && !FACES.includes(file.path))
        .map((f) => f.path),
    ).toEqual([]);
  });

  test('the program in linear memory imports nothing that is not part of it, and only it imports the numbers for it', () => {
    const isPart = (path: string): boolean => path.endsWith('.as.ts');
    const wrong = ours.filter(({ file, to }) => isPart(to) !== isPart(file.path) || to === 'numbers.ts');
    expect(wrong.map(({ file, to }) => `${file.path} -> ${to}`)).toEqual([]);
  });

  test('nothing imports the cli', () => {
    expect(
      ours.filter(({ file, to }) => to.startsWith('cli/') && file.folder !== 'cli').map(({ file }) => file.path),
    ).toEqual([]);
  });
});

/** Files that import `name`. */
function importing(pattern: RegExp): string[] {
  return files.filter((file) => file.imports.some((name) => pattern.test(name))).map((file) => file.path);
}

describe('each thing has one place', () => {
  test('only cli/ touches process and the console', () => {
    const touching = files.filter((file) => /\bprocess\.[a-z]|\bconsole\.[a-z]|'node:process'/.test(file.text));
    expect(touching.filter((file) => file.folder !== 'cli').map((file) => file.path)).toEqual([]);
  });

  test('only capture/ reads files, cli/text-file.ts those of check, and only cli/output.ts writes one', () => {
    const allowed = (path: string): boolean =>
      path.startsWith('capture/') || ['cli/output.ts', 'cli/text-file.ts'].includes(path);
    expect(importing(/^(?:node:)?fs(?:\/|$)/).filter((path) => !allowed(path))).toEqual([]);
  });

  test('nothing reaches for the network, other programs or native code', () => {
    expect(importing(/^(?:node:)?(?:http|https|http2|dgram|dns|tls|child_process|vm|inspector)(?:\/|$)/)).toEqual([]);
    // Named pipes, which are open already.
    expect(importing(/^(?:node:)?net(?:\/|$)/)).toEqual(['capture/source.ts']);
    expect(files.filter((file) => /(?:createConnection|createServer)\(|\.connect\(/.test(file.text))).toEqual([]);
  });

  test('only parallel/ starts threads and shares memory', () => {
    expect(importing(/^(?:node:)?worker_threads$/).filter((path) => !path.startsWith('parallel/'))).toEqual([]);
    const sharing = files.filter((file) => /\b(?:SharedArrayBuffer|Atomics)\b/.test(file.text));
    const outside = sharing.filter((file) => file.folder !== 'parallel').map((file) => file.path);
    expect(outside).toEqual(['linear/memory.ts']);
  });

  test('commander, chalk and cli-table3 are loaded where they are used, and late', () => {
    expect(importing(/^commander$/).filter((path) => !path.startsWith('cli/'))).toEqual([]);
    expect(importing(/^chalk$/)).toEqual(['report/palette.ts']);
    const early = files.filter((file) => /^import (?!type).*'(?:chalk|cli-table3)'/m.test(file.text));
    expect(early.map((file) => file.path)).toEqual([]);
  });

  test('only wire/seq.ts compares sequence numbers', () => {
    // The idiom: the sign of a difference taken modulo 2^32.
    const comparing = files.filter((file) => /\|\s*0\s*\)\s*(?:<|>|<=|>=)\s*0\b/.test(file.text));
    expect(comparing.map((file) => file.path)).toEqual(['wire/seq.ts']);
    const inLinear = files.filter((file) => file.path.endsWith('.as.ts') && / - \w+ (?:<|>|<=|>=) 0\b/.test(file.text));
    expect(inLinear.map((file) => file.path)).toEqual(['wire/seq.as.ts']);
  });

  test('only wire/ reads the bytes of a frame', () => {
    const reading = files.filter((file) =>
      /\b(?:packet|frame)\.(?:bytes|view)\b|\{[^}]*\bbytes\b[^}]*\} = (?:packet|frame)\b/.test(file.text),
    );
    const outside = reading.filter((file) => !['capture', 'wire'].includes(file.folder)).map((file) => file.path);
    // Hands them on unread.
    expect(outside).toEqual(['parallel/relay.ts']);
    const inLinear = files.filter((file) => /\bu?int(?:8|16|32)\(/.test(file.text) && file.path.endsWith('.as.ts'));
    const folders = new Set(inLinear.map((file) => file.folder));
    expect([...folders].sort()).toEqual(['linear', 'wire']);
  });

  test('a file says what goes in and what comes out', () => {
    const silent = files.filter(
      ({ path }) =>
        !MADE.includes(path) && !/^\/\/ In: .+\bOut: /s.test(readFileSync(join('src', path), 'utf8').slice(0, 600)),
    );
    expect(silent.map((file) => file.path)).toEqual([]);
  });
});
