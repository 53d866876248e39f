// In: whether there is colour. Out: one function per role, so that views name what a text is and never how it looks.

import type { StateName } from '../tcp/state.ts';

type Paint = (text: string) => string;

export interface Palette {
  /** Names of things: a stream's title line, table headings. */
  heading: Paint;
  /** What may be overlooked: times, arrows, what is inferred. */
  faint: Paint;
  good: Paint;
  /** Worth a look. */
  notable: Paint;
  /** Failed. */
  bad: Paint;
  /** What the payload looks like. */
  hint: Paint;
  state(name: StateName, isObserved: boolean): Paint;
}

const plain: Paint = (text) => text;

/** No colour. */
export const PLAIN: Palette = {
  heading: plain,
  faint: plain,
  good: plain,
  notable: plain,
  bad: plain,
  hint: plain,
  state: () => plain,
};

/** The sixteen colours every terminal has and every theme chooses itself. chalk is loaded only here. */
export async function loadPalette(color: boolean): Promise<Palette> {
  if (!color) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  // chalk joins all its arguments; a Paint takes one, whoever calls it with more.
  const paint =
    (style: (text: string) => string): Paint =>
    (text) =>
      style(text);
  const byState: Readonly<Record<StateName, typeof chalk>> = {
    UNKNOWN: chalk.dim,
    CLOSED: chalk.reset,
    LISTEN: chalk.reset,
    SYN_SENT: chalk.cyan,
    SYN_RCVD: chalk.cyan,
    ESTABLISHED: chalk.green,
    FIN_WAIT_1: chalk.yellow,
    FIN_WAIT_2: chalk.yellow,
    CLOSE_WAIT: chalk.yellow,
    CLOSING: chalk.yellow,
    LAST_ACK: chalk.yellow,
    TIME_WAIT: chalk.magenta,
  };
  return {
    heading: paint(chalk.bold),
    faint: paint(chalk.dim),
    good: paint(chalk.green),
    notable: paint(chalk.yellow),
    bad: paint(chalk.red),
    hint: paint(chalk.blue),
    state: (name, isObserved) => paint(isObserved ? byState[name] : byState[name].dim),
  };
}
