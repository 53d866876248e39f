// In: one line of text and a number of terminal columns. Out: the text padded, clipped or wrapped to them.

/**
 * Characters that take two columns (East Asian wide and full width, emoji) and none (combining marks), coarsely: enough for
 * file names and payload hints. Control characters never get here, see printable.ts.
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/gu;
const NARROW_ONLY = /^[\u0020-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u25ff\u2700-\u27bf]*$/;
/** The colours palette.ts adds; nothing else holds an escape character once it is printable. */
const COLORS = /\x1b\[[0-9;]*m/g;
const COMBINING = /\p{Mn}|\p{Me}/gu;

/** Columns the text takes. */
export function displayWidth(text: string): number {
  if (text.includes('\x1b')) return displayWidth(text.replace(COLORS, ''));
  if (NARROW_ONLY.test(text)) return text.length;
  const base = text.replace(COMBINING, '');
  return [...base].length + (base.match(WIDE)?.length ?? 0);
}

/** `own`: the text's width, for who knows it. */
export function padRight(text: string, width: number, own = displayWidth(text)): string {
  const missing = width - own;
  return missing > 0 ? text + ' '.repeat(missing) : text;
}

/** As {@link padRight}. */
export function padLeft(text: string, width: number, own = displayWidth(text)): string {
  const missing = width - own;
  return missing > 0 ? ' '.repeat(missing) + text : text;
}

/** The text, cut to `width` columns with "…" where it is longer. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let taken = '';
  let used = 1;
  for (const character of text) {
    used += displayWidth(character);
    if (used > width) break;
    taken += character;
  }
  return `${taken}…`;
}

/** The text, cut in its middle: both ends of an IPv6 address or a path tell more than its middle. */
export function clipMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const characters = [...text];
  const tail = Math.floor((width - 1) / 2);
  const head = Math.max(0, width - 1 - tail);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
}

/** Breaks the text at spaces into lines of at most `width` columns; a longer word is broken where it must. */
export function wrap(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    let rest = word;
    let need = displayWidth(rest);
    if (line !== '' && used + 1 + need > width) {
      lines.push(line);
      line = '';
      used = 0;
    }
    while (used === 0 && need > width) {
      const characters = [...rest];
      let fit = 0;
      for (let taken = 0; fit < characters.length; fit++) {
        taken += displayWidth(characters[fit]!);
        if (taken > width) break;
      }
      fit = Math.max(1, fit);
      lines.push(characters.slice(0, fit).join(''));
      rest = characters.slice(fit).join('');
      need = displayWidth(rest);
    }
    line = line === '' ? rest : `${line} ${rest}`;
    used = used === 0 ? need : used + 1 + need;
  }
  if (line !== '') lines.push(line);
  return lines;
}
