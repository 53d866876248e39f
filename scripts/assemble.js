// In: src/**/*.as.ts, and the numbers of src/numbers.ts. Out: src/linear/binary.ts, the program in linear memory as a module.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { rolldown } from 'rolldown';

const PROGRAM = 'src/program.as.ts';
const BINARY = 'src/linear/binary.ts';
/** Only here: what is imported as `numbers.as.ts`. */
const NUMBERS = 'src/numbers.as.ts';
/** Names of functions stay in it, for profiles. Pages are of 64 KB: it can have 4 GB. */
const OPTIONS =
  '-O3 --noAssert --runtime stub --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 ' +
  '--enable threads --enable simd --debug --outFile program.wasm';

/** The numbers, as AssemblyScript: a constant each, or a namespace of constants. */
async function numbersAsSource() {
  const bundle = await rolldown({ input: 'src/numbers.ts', platform: 'node', external: [/^node:/] });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  const { numbers } = await import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
  const constant = ([name, value]) => `export const ${name}: ${Number.isInteger(value) ? 'i32' : 'f64'} = ${value};`;
  return Object.entries(numbers)
    .map(([name, value]) =>
      typeof value === 'number'
        ? constant([name, value])
        : `export namespace ${name} { ${Object.entries(value).map(constant).join(' ')} }`,
    )
    .join('\n');
}

function sources() {
  const names = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.as.ts')).sort();
}

/**
 * Makes src/linear/binary.ts, if it is not there already, made from the same.
 * @throws Error with the compiler's messages where it cannot
 */
export async function assemble() {
  const numbers = await numbersAsSource();
  const texts = sources().map((name) => readFileSync(join('src', name), 'utf8'));
  const print = createHash('sha256')
    .update([OPTIONS, numbers, ...texts].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const head = `// Made by scripts/assemble.js of sources ${print}.\n`;
  if (existsSync(BINARY) && readFileSync(BINARY, 'utf8').startsWith(head)) return;
  let binary;
  const { error, stderr } = await asc.main([PROGRAM, ...OPTIONS.split(' ')], {
    readFile: (name) => {
      if (name === NUMBERS) return numbers;
      // It adds the ".ts" of an import by itself.
      return existsSync(name) ? readFileSync(name, 'utf8').replaceAll(".as.ts';", ".as';") : null;
    },
    writeFile: (_, contents) => {
      binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  const text = Buffer.from(binary).toString('base64');
  writeFileSync(BINARY, `${head}export const binary =\n  '${text}';\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await assemble();
