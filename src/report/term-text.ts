// In: a word of tcpstate's vocabulary. Out: what it means, for a screen: summary, text, where it is written, what leads there.

import { CATALOG, entryOf, findEntry } from '../anomaly/catalog.ts';
import { EVENTS, Event } from '../tcp/event.ts';
import type { StateName } from '../tcp/state.ts';
import { EVENT_TERMS, EVIDENCE_TERMS, STATE_TERMS, type Term, VERDICT_TERMS } from '../tcp/terms.ts';
import { MOVES } from '../tcp/transitions.ts';
import { wrap } from './columns.ts';
import { gridLines } from './grid.ts';
import type { Palette } from './palette.ts';

export const TERM_KINDS = ['state', 'event', 'evidence', 'verdict', 'finding'] as const;
export type TermKind = (typeof TERM_KINDS)[number];

export interface FoundTerm {
  kind: TermKind;
  /** As outputs spell it. */
  name: string;
}

/** Longer lines are hard to read, however wide the screen. */
const WIDEST_TEXT = 100;
const LONGEST_STATE = 'ESTABLISHED'.length;

const TERMS: Readonly<Record<Exclude<TermKind, 'finding'>, Readonly<Record<string, Term>>>> = {
  state: STATE_TERMS,
  event: EVENT_TERMS,
  evidence: EVIDENCE_TERMS,
  verdict: VERDICT_TERMS,
};

/** Every word there is, by its kind. */
export function termNames(kind: TermKind): string[] {
  return Object.keys(kind === 'finding' ? CATALOG : TERMS[kind]);
}

/**
 * What is meant by `word`, however it is cased and joined: "time-wait", "snd syn", "ESTAB". Spelled as in outputs it means just
 * that: the verdict syn-unanswered is not the finding syn_unanswered.
 */
export function findTerms(word: string): FoundTerm[] {
  const all = TERM_KINDS.flatMap((kind) => termNames(kind).map((name) => ({ kind, name })));
  const exact = all.filter(({ name }) => name === word);
  if (exact.length > 0) return exact;
  const wanted = folded(SHORT_NAMES[folded(word)] ?? word);
  return all.filter(({ name }) => folded(name) === wanted);
}

/** How `ss` and `netstat` abbreviate. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ESTAB: 'ESTABLISHED',
  SYNRECV: 'SYN_RCVD',
  SYNRECEIVED: 'SYN_RCVD',
  FINWAIT1: 'FIN_WAIT_1',
  FINWAIT2: 'FIN_WAIT_2',
  TIMEWAIT: 'TIME_WAIT',
  UNCONN: 'CLOSED',
};

function folded(word: string): string {
  return word.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

/** The whole explanation of one term. */
export function* termLines({ kind, name }: FoundTerm, columns: number, palette: Palette): Generator<string> {
  const width = Math.min(columns, WIDEST_TEXT);
  if (kind === 'finding') {
    yield* findingLines(name, width, palette);
    return;
  }
  const term = TERMS[kind][name]!;
  yield* titleLines(name, kind, term.rfc === '' ? '' : sections(term.rfc), width, palette);
  yield* paragraph(term.summary, width);
  if (term.text !== '') yield* paragraph(term.text, width);
  if (kind === 'state') yield* stateMoves(name as StateName, width, palette);
  if (kind === 'event') yield* eventMoves(name, palette);
}

/** "RFC 9293 3.6, RFC 6191": sections without a document's name are RFC 9293's. */
function sections(rfc: string): string {
  return /^\d/.test(rfc) ? `RFC 9293 ${rfc}` : rfc;
}

/** The name, what it is and where it is written; the last on lines of its own where it is long. */
function* titleLines(name: string, kind: string, source: string, width: number, palette: Palette): Generator<string> {
  const words = [kind, source].filter((part) => part !== '').join(' · ');
  if (name.length + words.length + 2 <= width) yield `${palette.heading(name)}  ${palette.faint(words)}`;
  else {
    yield palette.heading(name);
    for (const line of wrap(words, width - 2)) yield `  ${palette.faint(line)}`;
  }
}

function* paragraph(text: string, width: number): Generator<string> {
  for (const line of wrap(text, width - 2)) yield `  ${line}`;
}

/** What leads into a state and out of it, from the table. */
function* stateMoves(state: StateName, width: number, palette: Palette): Generator<string> {
  const into = MOVES.filter((move) => move.to === state);
  const out = MOVES.filter((move) => move.from.includes(state));
  if (into.length > 0) {
    yield '';
    yield palette.faint('  entered');
    yield* moveLines(
      into.map((move) => [move.from.join(', '), EVENTS[Event[move.event]], move.why]),
      width,
      palette,
    );
  }
  if (out.length > 0) {
    yield '';
    yield palette.faint('  left');
    yield* moveLines(
      out.map((move) => [move.to, EVENTS[Event[move.event]], move.why]),
      width,
      palette,
    );
  }
}

function* eventMoves(event: string, palette: Palette): Generator<string> {
  const moves = MOVES.filter((move) => EVENTS[Event[move.event]] === event);
  if (moves.length === 0) return;
  yield '';
  const rows = moves.flatMap(({ from, to, rfc }) => from.map((state) => [state, to, rfc] as const));
  yield* gridLines(
    [
      { title: 'from', cells: rows.map(([from]) => from) },
      { title: 'to', cells: rows.map(([, to]) => to) },
      { title: 'section', cells: rows.map(([, , rfc]) => rfc) },
    ],
    4,
    palette,
  );
}

/** "    FIN_WAIT_2  on rcv FIN" with its reason wrapped below. */
function* moveLines(
  rows: [other: string, event: string, why: string][],
  width: number,
  palette: Palette,
): Generator<string> {
  const inner = Math.max(...rows.map(([other]) => Math.min(other.length, LONGEST_STATE)));
  for (const [other, event, why] of rows) {
    const names = wrap(other, width - event.length - 6);
    const last = names.pop()!;
    for (const line of names) yield `    ${line}`;
    yield `    ${last.padEnd(inner)}  ${event}`;
    for (const line of wrap(why, width - 8)) yield `        ${palette.faint(line)}`;
  }
}

function* findingLines(code: string, width: number, palette: Palette): Generator<string> {
  const entry = findEntry(code)!;
  yield* titleLines(code, `finding, ${entry.severity}`, entry.rfc, width, palette);
  yield* paragraph(`${entry.title}.`, width);
  yield* paragraph(entry.meaning, width);
  yield '';
  yield palette.faint('  usual causes');
  for (const cause of entry.causes) {
    const [first, ...rest] = wrap(cause, width - 6);
    yield `    - ${first}`;
    for (const line of rest) yield `      ${line}`;
  }
  yield '';
  yield palette.faint('  what to do');
  for (const line of wrap(entry.advice, width - 4)) yield `    ${line}`;
}

/** One line of what a term means, for lists. */
export function termSummary({ kind, name }: FoundTerm): string {
  return kind === 'finding' ? entryOf(name as keyof typeof CATALOG).title : TERMS[kind][name]!.summary;
}
