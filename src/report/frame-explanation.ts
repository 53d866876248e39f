// In: what a frame did to both ends of its connection. Out: the same in words: who moved by which rule, the variables before and
// after, and what the rules had to say against other readings.

import type { Change, FrameExplanation, SideExplanation, StepChange, Variables } from '../tcp/explanation.ts';
import { timestamp } from '../units.ts';
import { wrap } from './columns.ts';
import { fittingColumns, gridLines } from './grid.ts';
import type { Palette } from './palette.ts';

/** What there is to know of the frame besides. */
export interface ExplainedFrame {
  explanation: FrameExplanation;
  /** Seconds since the capture's start. */
  time: number;
  stream: number;
  /** "10.0.0.1:56219". */
  sender: string;
  receiver: string;
  info: string;
}

/** Longer lines are hard to read, however wide the screen. */
const WIDEST_TEXT = 100;

const CHANGE_WORDS: Readonly<Record<Change, string>> = {
  added: 'moves',
  held: 'waits',
  confirmed: 'is confirmed',
  accepted: 'takes effect',
  dated: 'is dated anew',
  'taken back': 'is taken back',
};

const VARIABLES: readonly [name: string, key: keyof Variables][] = [
  ['state', 'state'],
  ['ISS', 'iss'],
  ['SND.UNA', 'sndUna'],
  ['SND.NXT', 'sndNxt'],
  ['SND.WND', 'sndWnd'],
  ['RCV.NXT', 'rcvNxt'],
  ['RCV.WND', 'rcvWnd'],
];

export function* frameExplanationLines(of: ExplainedFrame, columns: number, palette: Palette): Generator<string> {
  const { explanation, sender, receiver } = of;
  const width = Math.min(columns, WIDEST_TEXT);
  const title = `frame ${explanation.frame} · ${timestamp(of.time, 6)} · stream ${of.stream} · ${sender} → ${receiver}`;
  yield* wrap(title, columns).map((line) => palette.heading(line));
  yield* wrap(of.info, columns - 2).map((line) => `  ${line}`);
  yield '';
  yield* sideLines('sender', sender, explanation.sender, width, palette);
  yield '';
  yield* sideLines('receiver', receiver, explanation.receiver, width, palette);
  if (explanation.notes.length === 0) return;
  yield '';
  yield palette.faint('what the rules said');
  for (const note of explanation.notes) {
    const [first, ...rest] = wrap(note, width - 4);
    yield `  - ${first}`;
    for (const line of rest) yield `    ${line}`;
  }
}

function* sideLines(
  role: string,
  name: string,
  side: SideExplanation,
  width: number,
  palette: Palette,
): Generator<string> {
  yield `${palette.heading(name)}  ${palette.faint(role)}`;
  if (side.steps.length === 0) yield `  stays in ${side.after.state}`;
  for (const step of side.steps) yield* stepLines(step, width, palette);
  const shown = VARIABLES.filter(([, key]) => side.before[key] !== null || side.after[key] !== null);
  const text = (value: Variables[keyof Variables]): string => (value === null ? 'unknown' : String(value));
  const grid = [
    { title: '', rank: 0, cells: shown.map(([label]) => label) },
    { title: 'before', rank: 0, align: 'right' as const, cells: shown.map(([, key]) => text(side.before[key])) },
    { title: 'after', rank: 0, align: 'right' as const, cells: shown.map(([, key]) => text(side.after[key])) },
    {
      title: '',
      rank: 1,
      cells: shown.map(([, key]) => (side.before[key] === side.after[key] ? '' : difference(side, key))),
      paint: palette.notable,
    },
  ];
  yield* gridLines(fittingColumns(grid, 2, width), 2, palette);
}

/** How far a number moved; sequence numbers go round at 2^32. */
function difference({ before, after }: SideExplanation, key: keyof Variables): string {
  const [was, is] = [before[key], after[key]];
  if (typeof was !== 'number' || typeof is !== 'number') return 'new';
  const moved = key === 'sndWnd' || key === 'rcvWnd' ? is - was : (is - was) >>> 0;
  return moved > 0 ? `+${moved}` : String(moved);
}

function* stepLines(step: StepChange, width: number, palette: Palette): Generator<string> {
  const { change, event, from, to, evidence, frame, rfc, why } = step;
  const move = from === to ? from : `${from} → ${to}`;
  const isEarlier = change !== 'added' && change !== 'held';
  const what = isEarlier ? `${event} of frame ${frame} ${CHANGE_WORDS[change]}` : `${event}: ${CHANGE_WORDS[change]}`;
  yield `  ${palette.notable(what)}  ${move}, ${evidence}`;
  const source = rfc === '' ? '' : /^\d/.test(rfc) ? ` (RFC 9293 ${rfc})` : ` (${rfc})`;
  if (why !== '') for (const line of wrap(`${why}${source}`, width - 4)) yield `    ${palette.faint(line)}`;
}
