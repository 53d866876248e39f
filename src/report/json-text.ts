// In: any value. Out: its JSON, in which hostile text stays text, also for a terminal.

/** JSON leaves these as they are; a terminal obeys or hides them (see printable.ts). */
const UNSAFE_ON_TERMINAL = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replace(UNSAFE_ON_TERMINAL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
