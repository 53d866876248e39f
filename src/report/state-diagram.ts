// In: the transition table. Out: the state diagram of RFC 9293 3.3.2, as Mermaid for documents and as lines for a terminal.
//
// Both are made from the table's rows, so they cannot say anything else than the program does.

import { EVENTS, Event } from '../tcp/event.ts';
import { STATES, type StateName } from '../tcp/state.ts';
import { MOVES, type Move } from '../tcp/transitions.ts';

interface Arrow {
  from: StateName;
  to: StateName;
  label: string;
}

/** The arrows, in the order of the table. `all`: with resets, errors and what only an observer assumes. */
function arrows(all: boolean): Arrow[] {
  const chosen: readonly Move[] = all ? MOVES : MOVES.filter((move) => move.drawn);
  return chosen.flatMap(({ from, event, to }) =>
    from.map((state) => ({ from: state, to, label: EVENTS[Event[event]]! as string })),
  );
}

/** Mermaid's stateDiagram-v2. */
export function mermaidDiagram(all = false): string {
  const lines = arrows(all).map(({ from, to, label }) => `  ${from} --> ${to}: ${label}`);
  return ['stateDiagram-v2', '  [*] --> CLOSED', ...lines].join('\n');
}

/** One block per state: where it leads, and on what. */
export function textDiagram(all = false): string {
  const drawn = arrows(all);
  const width = Math.max(...drawn.map(({ label }) => label.length));
  const blocks: string[] = [];
  for (const state of STATES) {
    const out = drawn.filter(({ from }) => from === state);
    if (out.length === 0) continue;
    const lines = out.map(
      ({ label, to }, i) => `  ${i === out.length - 1 ? '└' : '├'}─ ${label.padEnd(width)} ─▶ ${to}`,
    );
    blocks.push([state, ...lines].join('\n'));
  }
  return blocks.join('\n');
}
