// In: the values of one row. Out: its line as RFC 4180 has it, but ended by a line feed alone, as Unix tools expect.

/** Cells with a comma, a quote or a line end are quoted; null is an empty cell. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map((value) => csvCell(value === null ? '' : String(value))).join(',')}\n`;
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

/** Text as a cell of such a line. */
export function csvCell(written: string): string {
  const text = isFormula(written) ? `'${written}` : written;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Text that a spreadsheet would run, by the characters of OWASP's "CSV Injection". An apostrophe before it makes it text again.
 * Looked at character by character first: nearly every cell is a number or a name.
 */
function isFormula(text: string): boolean {
  switch (text.charCodeAt(0)) {
    case 0x09: // tab
    case 0x0d: // carriage return
    case 0x2b: // +
    case 0x3d: // =
    case 0x40: // @
      return true;
    case 0x2d: // -
      return !NUMBER.test(text);
    default:
      return false;
  }
}
