// In: a comparison of two captures. Out: it in words, the services that changed first.

import type { Palette } from '../report/palette.ts';
import { printable } from '../report/printable.ts';
import { count, counted, duration, percent } from '../units.ts';
import type { Comparison, CountChange, ServiceChange, TimeChange } from './compare.ts';

/** Histories and findings named per service; the JSON has all. */
const SHOWN = 5;

export function* comparisonLines(comparison: Comparison, palette: Palette): Generator<string> {
  const { flows, changed, appeared, gone, alike } = comparison;
  yield `${counted(flows[0], 'connection')} before, ${counted(flows[1], 'connection')} after.`;
  for (const one of changed) yield* serviceLines(one, palette);
  if (appeared.length > 0) yield '';
  for (const { service, flows: n } of appeared)
    yield `${palette.notable('new')}   ${palette.heading(service)}  ${counted(n, 'connection')}`;
  if (gone.length > 0) yield '';
  for (const { service, flows: n } of gone)
    yield `${palette.notable('gone')}  ${palette.heading(service)}  ${counted(n, 'connection')}`;
  if (alike.length > 0) {
    yield '';
    yield palette.faint(
      `${counted(alike.length, 'service')} as before: ${alike.slice(0, SHOWN).join(', ')}${alike.length > SHOWN ? ' ...' : ''}`,
    );
  }
  if (changed.length + appeared.length + gone.length === 0) yield 'Nothing changed.';
}

function* serviceLines(change: ServiceChange, palette: Palette): Generator<string> {
  const { service, before, after } = change;
  yield '';
  yield `${palette.heading(service)}  ${count(before)} → ${counted(after, 'connection')}`;
  const row = (label: string, text: string): string => `  ${palette.faint(label.padEnd(10))} ${text}`;
  yield* counts('verdict', change.verdicts, before, after, row);
  yield* counts('finding', change.findings, before, after, row);
  for (const one of change.times) yield row(one.name, timeText(one));
  if (change.resent !== null) {
    yield row('sent again', `${percent(change.resent[0], 1)} → ${percent(change.resent[1], 1)} of segments`);
  }
  yield* counts('states', change.histories, before, after, row);
}

function* counts(
  label: string,
  changes: readonly CountChange[],
  beforeAll: number,
  afterAll: number,
  row: (label: string, text: string) => string,
): Generator<string> {
  for (const { name, before, after } of changes.slice(0, SHOWN)) {
    const text =
      before === 0
        ? `new: ${counted(after, 'connection')} (${percent(after, afterAll)})`
        : after === 0
          ? `gone: was ${counted(before, 'connection')} (${percent(before, beforeAll)})`
          : `${percent(before, beforeAll)} → ${percent(after, afterAll)}`;
    yield row(label, `${printable(name === '' ? '(none)' : name)}  ${text}`);
  }
  if (changes.length > SHOWN) yield row('', `and ${count(changes.length - SHOWN)} more`);
}

function timeText({ quantile, before, after }: TimeChange): string {
  const text = (seconds: number | null): string => (seconds === null ? 'none' : duration(seconds));
  return `${quantile} ${text(before)} → ${text(after)}`;
}
