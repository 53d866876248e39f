// In: nothing. Out: what a reporter is.

import type { Palette } from '../../report/palette.ts';
import type { CheckResult } from '../rule.ts';

/** How the text is shown. Formats for programs take no notice. */
export interface ReportStyle {
  readonly palette: Palette;
  /** The captures as operands of a command: what to type for a closer look. */
  readonly operands: string;
}

/** Turns the result of a run into a whole document. */
export type Reporter = (result: CheckResult, style: ReportStyle) => string;
