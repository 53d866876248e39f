// In: a mistake in a filter and where it stands. Out: the error the cli shows as one sentence with a caret under the column.

import { UsageError } from '../errors.ts';

/** A piece of a filter's text: [start, end), counted in UTF-16 units from 0. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The filter is wrong; found before any packet is read. */
export class FilterError extends UsageError {
  override name = 'FilterError';
  readonly source: string;
  readonly span: Span;
  /** What is wrong, without the column. */
  readonly reason: string;

  constructor(reason: string, source: string, span: Span) {
    super(`filter, column ${columnOf(source, span.start)}: ${reason}`, pointAt(source, span));
    this.source = source;
    this.span = span;
    this.reason = reason;
  }
}

/** Column as an editor counts it: characters from 1. */
export function columnOf(source: string, at: number): number {
  return [...source.slice(0, at)].length + 1;
}

/** The text at fault and carets under it. */
function pointAt(source: string, span: Span): string[] {
  const before = [...source.slice(0, span.start)].length;
  const width = Math.max(1, [...source.slice(span.start, span.end)].length);
  return [source, ' '.repeat(before) + '^'.repeat(width)];
}
