// In: nothing. Out: every finding there is, by its code: severity, group and all words. Detection is in rules/.

import { CAPTURE } from './catalog/capture.ts';
import { CLOSE } from './catalog/close.ts';
import { DELIVERY } from './catalog/delivery.ts';
import { HANDSHAKE } from './catalog/handshake.ts';
import { HOSTS } from './catalog/hosts.ts';
import { WINDOW } from './catalog/window.ts';
import { Doubt, type Entry, type Names } from './entry.ts';

export const CATALOG = { ...HANDSHAKE, ...DELIVERY, ...WINDOW, ...CLOSE, ...HOSTS, ...CAPTURE };

/** The code of a finding, as in JSON and in `flow.finding`. */
export type Code = keyof typeof CATALOG;
/** What the message of a finding speaks of. */
export type ValuesOf<C extends Code> = Parameters<(typeof CATALOG)[C]['say']>[0];

/** All codes, in the order of the catalog. */
export const CODES = Object.keys(CATALOG) as readonly Code[];

/** The entry of a code, for whoever only reads its words. */
export function entryOf(code: Code): Entry<never> {
  return CATALOG[code] as Entry<never>;
}

/** The entry of any word, or null where it is no code. */
export function findEntry(word: string): Entry<never> | null {
  return Object.hasOwn(CATALOG, word) ? entryOf(word as Code) : null;
}

/** The message of a finding. */
export function messageOf<C extends Code>(code: C, values: ValuesOf<C>, names: Names): string {
  const { say } = CATALOG[code] as unknown as Entry<ValuesOf<C>>;
  return say(values, names);
}

/** Why a finding is less sure, by bit of Doubt. The first that holds is told. */
export const DOUBT_WORDS: readonly (readonly [bit: number, words: string])[] = [
  [
    Doubt.FOREIGN,
    'a SYN with other numbers came on the open connection, so numbers of two connections mix in this stream',
  ],
  [Doubt.ONE_SIDED, 'only one direction of the connection was captured'],
  [Doubt.COPIES, 'frames are in the capture twice'],
  [Doubt.MISSING, 'frames of this connection are missing from the capture'],
  [Doubt.ORDER, 'the capture is not in the order of the wire'],
  [Doubt.JOINED, 'segments were captured joined by an offload engine'],
  [Doubt.MIDSTREAM, 'the beginning of the connection was not captured'],
];
