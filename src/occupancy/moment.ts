// In: what a user wrote for a moment of the capture. Out: that moment, first as written, then in the capture's own time.

import { UsageError } from '../errors.ts';

/** A moment as written; what it is within the capture is known only when the capture's start is. */
export type Moment =
  | { kind: 'end' }
  /** Nanoseconds since the capture's start. */
  | { kind: 'relative'; nanoseconds: number }
  /** Unix time. */
  | { kind: 'absolute'; seconds: number; nanoseconds: number };

const HOW =
  'it is seconds since the capture\'s start (12.5 or +12.5s), "end", an ISO 8601 time (2024-05-06T09:57:23.5Z) or @ and epoch seconds (@1714989443.25)';
/** Ten years: whoever asks for more seconds since the start has epoch seconds in mind. */
const MOST_RELATIVE = 3.2e8;

/**
 * "12.5", "+12.5s", "end", ISO 8601 (a time without zone is UTC, as in all our output), "@1714989443.25".
 *
 * @throws UsageError for anything else.
 */
export function parseMoment(text: string): Moment {
  const written = text.trim();
  if (written === 'end') return { kind: 'end' };
  const relative = /^\+?(\d+(?:\.\d*)?|\.\d+)\s*s?$/.exec(written);
  if (relative !== null) {
    const [seconds, nanoseconds] = decimal(relative[1]!);
    if (seconds > MOST_RELATIVE) {
      throw new UsageError(
        `--at ${written} is ${seconds} seconds after the capture's start; for epoch seconds write @${relative[1]}`,
      );
    }
    return { kind: 'relative', nanoseconds: seconds * 1e9 + nanoseconds };
  }
  const epoch = /^@(\d+(?:\.\d*)?)$/.exec(written);
  if (epoch !== null) {
    const [seconds, nanoseconds] = decimal(epoch[1]!);
    return { kind: 'absolute', seconds, nanoseconds };
  }
  const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i.exec(written);
  if (iso !== null) {
    const [, day, minute, second = '00', fraction = '', zone = 'Z'] = iso;
    const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z';
    const milliseconds = Date.parse(`${day}T${minute}:${second}${offset}`);
    if (!Number.isNaN(milliseconds)) {
      return { kind: 'absolute', seconds: milliseconds / 1000, nanoseconds: nanosecondsOf(fraction) };
    }
  }
  throw new UsageError(`--at "${text}" is no time: ${HOW}`);
}

/** Nanoseconds from the capture's start (Unix time) to the moment; negative before it. null for the end. */
export function sinceStart(moment: Moment, startSeconds: number, startNanoseconds: number): number | null {
  switch (moment.kind) {
    case 'end':
      return null;
    case 'relative':
      return moment.nanoseconds;
    case 'absolute':
      return (moment.seconds - startSeconds) * 1e9 + (moment.nanoseconds - startNanoseconds);
  }
}

function decimal(text: string): [seconds: number, nanoseconds: number] {
  const [whole = '', fraction = ''] = text.split('.');
  return [Number(whole || '0'), nanosecondsOf(fraction)];
}

/** Digits behind the point; those beyond the ninth are dropped. */
function nanosecondsOf(fraction: string): number {
  return Number(fraction.slice(0, 9).padEnd(9, '0'));
}
