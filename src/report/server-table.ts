// In: every connection, one by one. Out: a small table of the servers with most of them, and what became of those.

import type { EndpointResult, FlowResult } from '../tcp/flow-result.ts';
import { count } from '../units.ts';
import { endpointText } from './endpoint-text.ts';
import { OUTCOME_GROUPS, type OutcomeGroup, outcomeOf } from './outcome.ts';
import type { Palette } from './palette.ts';

/** Servers counted; a scan meets more, and then no single one matters. */
const MOST_SERVERS = 10_000;
/** Servers shown. */
const MOST_ROWS = 8;

export class ServerTable {
  readonly #servers = new Map<string, Map<OutcomeGroup, number>>();
  #isFull = false;

  add(server: Pick<EndpointResult, 'addr' | 'port'>, flow: Pick<FlowResult, 'verdict'>): void {
    const name = endpointText(server);
    let groups = this.#servers.get(name);
    if (groups === undefined) {
      this.#isFull = this.#servers.size >= MOST_SERVERS;
      if (this.#isFull) return;
      groups = new Map();
      this.#servers.set(name, groups);
    }
    const { group } = outcomeOf(flow);
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }

  /** Nothing where one server has them all, or each has one: the connection list says as much. */
  async lines(columns: number, palette: Palette): Promise<string[]> {
    const rows = [...this.#servers].map(([name, groups]) => ({ name, groups, n: sum(groups) }));
    rows.sort((a, b) => b.n - a.n);
    if (rows.length < 2 || rows[0]!.n < 2) return [];
    const shown = rows.slice(0, MOST_ROWS);
    const groups = OUTCOME_GROUPS.filter((group) => rows.some((row) => row.groups.has(group)));
    // The last ones go where there is no room: what is left of all connections closed as it should.
    const names = shown.reduce((most, row) => Math.max(most, row.name.length), 0);
    const width = (): number =>
      groups.reduce((sum, group) => sum + group.length + 2, 1 + names + 2 + 'connections'.length);
    while (groups.length > 1 && width() > columns) groups.pop();
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: [' server', 'connections', ...groups].map((title) => palette.faint(title)),
      colAligns: ['left', 'right', ...groups.map(() => 'right' as const)],
      chars: BORDERLESS,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    });
    for (const row of shown) {
      const cells = groups.map((group) => (row.groups.has(group) ? count(row.groups.get(group)!) : ''));
      table.push([` ${row.name}`, count(row.n), ...cells]);
    }
    const rest = rows.length - shown.length;
    const more = rest > 0 ? [palette.faint(` and ${count(rest)}${this.#isFull ? ' or more' : ''} other servers`)] : [];
    return [
      ...table
        .toString()
        .split('\n')
        .map((line) => line.trimEnd()),
      ...more,
    ];
  }
}

const BORDERLESS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
);

function sum(groups: ReadonlyMap<OutcomeGroup, number>): number {
  let all = 0;
  for (const n of groups.values()) all += n;
  return all;
}
