// In: a value. Out: its JSON, in which hostile text stays text, for a terminal as well.

/** JSON leaves these as they are; a terminal obeys or hides them (see printable.ts). */
const UNSAFE_ON_TERMINAL = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** `indent`: as JSON.stringify's third. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNSAFE_ON_TERMINAL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
