// In: the environment and --color. Out: what the output is shown on: its width, and whether it takes colour.

/** Columns where there is no terminal and no COLUMNS: never too few. Piped output keeps its full width and is the same everywhere. */
const UNLIMITED = Number.POSITIVE_INFINITY;
/** Below this nothing can be laid out; lines may then be broken by the terminal. */
const LEAST_COLUMNS = 40;

export type ColorChoice = 'auto' | 'always' | 'never';

export interface Screen {
  isTerminal: boolean;
  /** Columns of the terminal; elsewhere those of the variable COLUMNS, or Infinity. */
  columns: number;
  color: boolean;
}

interface Device {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** `toFile`: the output goes to a file named by -o. */
export function screenOf(
  device: Device,
  environment: Readonly<Record<string, string | undefined>>,
  choice: ColorChoice,
  toFile: boolean,
): Screen {
  const isTerminal = !toFile && device.isTTY === true;
  const asked = Number(environment.COLUMNS ?? Number.NaN);
  const elsewhere = Number.isInteger(asked) && asked > 0 ? asked : UNLIMITED;
  const columns = Math.max(LEAST_COLUMNS, isTerminal ? device.columns || 80 : elsewhere);
  return { isTerminal, columns, color: takesColor(isTerminal, environment, choice) };
}

/** --color decides; else NO_COLOR (no-color.org) and FORCE_COLOR (as in chalk and Node itself); else the terminal. */
function takesColor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  choice: ColorChoice,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}
