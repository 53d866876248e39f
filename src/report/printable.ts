// In: text that came from outside (payloads, file names, comments). Out: the same text, harmless on a terminal.

/**
 * C0 and C1 controls and DEL (terminals act on them), line and paragraph separators, the byte order mark, soft hyphen and
 * zero-width characters (hide text), and the bidirectional controls (reorder text; Unicode Technical Report 36, 2.3), lone surrogates.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Writes every character that a terminal would obey, hide or reorder as an escape: `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, visible);
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
