// In: the values of one row. Out: its line as RFC 4180 has it, but ended by a line feed alone, as Unix tools expect.

/** Cells with a comma, a quote or a line end are quoted; null is an empty cell. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map(cell).join(',')}\n`;
}

function cell(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
