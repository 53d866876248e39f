// In: a pattern, or nothing. Out: the names the filter language knows, with type and meaning.

import { type Command, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import { FIELDS } from '../../filter/catalog.ts';
import { FIELD_TYPES, type Field } from '../../filter/field.ts';
import { nearestName } from '../../nearest-name.ts';
import { wrap } from '../../report/columns.ts';
import { loadPalette } from '../../report/palette.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { choice } from '../options.ts';

const FORMATS = ['table', 'json'] as const;
/** Columns left for the meaning, at least; a longer one goes on in the next line. */
const LEAST_MEANING = 30;
/** Words of a list named in the table; all of them are in the JSON. */
const MOST_WORDS = 16;

interface Options extends CommonOptions {
  format: (typeof FORMATS)[number];
}

function declare(command: Command): void {
  command
    .argument('[pattern]', 'only names that contain this; * stands for anything')
    .addOption(
      new Option('--format <name>', FORMATS.join(', ')).default(FORMATS[0]).argParser((name) => choice(name, FORMATS)),
    )
    .option('-o, --output <file>', 'write the list to a file instead of standard output')
    .addOption(
      new Option('--color <when>', 'auto, always or never')
        .default('auto')
        .argParser((name) => choice(name, ['auto', 'always', 'never'])),
    );
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate fields                what -Y and the rules of check can ask about
  tcpstate fields rtt            names with "rtt" in them
  tcpstate fields 'tcp.flags.*'
  tcpstate fields --format json`,
  );
}

async function run([pattern]: string[], options: Options, session: Session): Promise<ExitCode> {
  const fields = pattern === undefined ? FIELDS : FIELDS.filter(matcher(pattern));
  if (fields.length === 0) {
    const nearest = nearestName(
      pattern!,
      FIELDS.map(({ name }) => name),
    );
    throw new UsageError(
      `no field has "${pattern}" in its name${nearest === null ? '' : ` (did you mean ${nearest}?)`}`,
    );
  }
  const output = session.output();
  if (options.format === 'json') {
    output.write(`${JSON.stringify(fields.map(toJson), null, 2)}\n`);
    return ExitCode.OK;
  }
  // Of an endpoint's facts the table has one line for the three names, unless they were asked for.
  const shown = pattern === undefined ? fields.filter(({ name }) => !/^[ab]\./.test(name)) : fields;
  const palette = await loadPalette(session.screen.color);
  const nameWidth = Math.max(...shown.map(({ name }) => name.length));
  const typeWidth = Math.max(...shown.map(({ type }) => FIELD_TYPES[type].length));
  const left = nameWidth + typeWidth + 4;
  const room = Math.max(LEAST_MEANING, session.screen.columns - left);
  for (const field of shown) {
    const [first = '', ...rest] = wrap(meaningOf(field), room);
    output.write(
      `${palette.heading(field.name.padEnd(nameWidth))}  ${palette.faint(FIELD_TYPES[field.type].padEnd(typeWidth))}  ${first}\n`,
    );
    for (const line of rest) output.write(`${' '.repeat(left)}${line}\n`);
  }
  if (pattern === undefined) {
    output.write(
      '\nendpoint.* is true of either endpoint; a.* is the one that opened the connection (where that is known), b.* the other.\n',
    );
  }
  return ExitCode.OK;
}

function meaningOf({ name, meaning, many, words = [] }: Field): string {
  const list = words.length > 0 && words.length <= MOST_WORDS ? `: ${words.join(', ')}` : '';
  return `${meaning}${list}${many && !name.startsWith('endpoint.') ? ' (may have several values)' : ''}`;
}

function toJson({ name, type, scope, meaning, many, words, max, isSize, isWireshark }: Field): object {
  return {
    name,
    type: FIELD_TYPES[type],
    of: scope === 'flow' ? 'connection' : scope,
    meaning,
    several: many,
    ...(words !== undefined && { values: words }),
    ...(max !== undefined && { max }),
    ...(isSize && { unit: 'bytes' }),
    wireshark: isWireshark,
  };
}

function matcher(pattern: string): (field: Field) => boolean {
  const wanted = pattern.toLowerCase();
  if (!wanted.includes('*')) return ({ name }) => name.toLowerCase().includes(wanted);
  const parts = wanted.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return ({ name }) => expression.test(name.toLowerCase());
}

export const command: CommandModule<Options> = { declare, run };
