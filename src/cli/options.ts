// In: the text of an option. Out: its value, or the sentence that says what is wrong with it. Options several commands share.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { MOST_PARTS } from '../wire/part.ts';
import type { Session } from './command.ts';

/** The options every command that reads captures has, in the order of the contract. */
export function declareCommonOptions(command: Command, formats: readonly string[]): void {
  command
    .addOption(
      new Option('--format <name>', formats.join(', ')).default(formats[0]!).argParser((name) => choice(name, formats)),
    )
    .option('-o, --output <file>', 'write the result to a file instead of standard output')
    .option('--time-wait <seconds>', 'how long TIME_WAIT lasts (default: 60, as on Linux; RFC 9293 says 240)', seconds)
    .addOption(
      new Option('--color <when>', 'auto, always or never; NO_COLOR and FORCE_COLOR are honoured')
        .default('auto')
        .argParser((name) => choice(name, ['auto', 'always', 'never'])),
    )
    .option('-q, --quiet', 'no warnings and no progress on standard error');
}

/** One of `names`; a near miss gets a suggestion. */
export function choice(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const nearest = nearestName(name, names);
  throw new InvalidArgumentError(nearest === null ? `It is one of ${names.join(', ')}` : `Did you mean ${nearest}?`);
}

/** A positive number of seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It is a number of seconds above 0');
  }
  return value;
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0');
  return Number(text);
}

/** A whole number from 1. */
export function atLeastOne(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It is a whole number from 1');
  return Number(text);
}

/** A number of threads. */
export function workers(text: string): number {
  const value = atLeastOne(text);
  if (value > MOST_PARTS) throw new InvalidArgumentError(`It is a whole number from 1 to ${MOST_PARTS}`);
  return value;
}

/** "3" or "3,7,12": stream numbers, given once or several times. */
export function streams(text: string, before: ReadonlySet<number> = new Set()): Set<number> {
  const all = new Set(before);
  for (const part of text.split(',')) all.add(wholeNumber(part.trim()));
  return all;
}

/** Something must come in behind "-". */
export function checkCaptures(captures: readonly string[], session: Session): void {
  if (captures.includes('-') && session.isStdinTerminal()) {
    throw new UsageError('standard input is a terminal; send a capture into it: tcpdump -U -w - | tcpstate analyze -');
  }
}
