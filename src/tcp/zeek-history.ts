// In: segments of an incarnation. Out: a connection's life in one word, as Zeek's `history` has it: "ShADadFf".
//
// Upper case is the originator. s SYN, h SYN,ACK, a pure ACK, d payload, f FIN, r RST, t payload sent again, w zero window,
// i FIN with RST, q SYN with FIN or RST. Each direction's a, d, i and q come once; f, h, r and s again only with another number;
// t and w at the 1st, 10th, 100th ... time. Zeek's c (checksum), g (gap) and ^ (turned round) are left out.

import { Flag } from '../wire/packet.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import type { Incarnation } from './incarnation.ts';

const LETTERS = 'shadfrtwiq';
export const Letter = { S: 0, H: 1, A: 2, D: 3, F: 4, R: 5, T: 6, W: 7, I: 8, Q: 9 } as const;
/** Five bits a letter: four for which, one for whose. Six to a word, four words. */
const BITS = 5;
export const LETTERS_PER_WORD = 6;
const MOST = 4 * LETTERS_PER_WORD;
/** Added to a letter of B. */
export const FROM_B = 1 << 4;

/** Takes in a segment, before SND.NXT and the like are moved on. `isRepeat`: its payload was sent before. */
export function addToHistory(
  incarnation: Incarnation,
  sender: Endpoint,
  isB: boolean,
  flags: number,
  seq: number,
  length: number,
  window: number,
  isRepeat: boolean,
): void {
  const syn = (flags & Flag.SYN) !== 0;
  const fin = (flags & Flag.FIN) !== 0;
  const rst = (flags & Flag.RST) !== 0;
  const ack = (flags & Flag.ACK) !== 0;
  const add = (letter: number): void => push(incarnation, letter | (isB ? FROM_B : 0));
  const once = (bit: number, letter: number): void => {
    if ((sender.bits & bit) !== 0) return;
    sender.bits |= bit;
    add(letter);
  };
  if (syn && (fin || rst)) once(EndpointBit.HISTORY_Q, Letter.Q);
  else if (fin && rst) once(EndpointBit.HISTORY_I, Letter.I);
  if (syn && ((sender.bits & EndpointBit.ISS_KNOWN) === 0 || sender.iss !== seq || sender.first === 0)) {
    add(ack ? Letter.H : Letter.S);
  }
  if (length > 0) {
    once(EndpointBit.HISTORY_D, Letter.D);
    if (isRepeat && isPowerOfTen(++sender.resent)) add(Letter.T);
  } else if (ack && !syn && !fin && !rst) once(EndpointBit.HISTORY_A, Letter.A);
  if (window === 0 && !rst && isPowerOfTen(++sender.zeroWindows)) add(Letter.W);
  const end = (seq + length + 1) | 0;
  if (fin && ((sender.bits & EndpointBit.FIN_KNOWN) === 0 || sender.finEnd !== end)) add(Letter.F);
  if (rst && ((sender.bits & EndpointBit.HISTORY_R) === 0 || sender.resetSeq !== seq)) {
    sender.bits |= EndpointBit.HISTORY_R;
    sender.resetSeq = seq;
    add(Letter.R);
  }
}

/** The word. `turned`: B is the originator. */
export function zeekHistory(incarnation: Incarnation, turned: boolean): string {
  let text = '';
  const { letters0, letters1, letters2, letters3 } = incarnation;
  const words = [letters0, letters1, letters2, letters3];
  for (let i = 0; i < incarnation.letters; i++) {
    const code = (words[Math.floor(i / LETTERS_PER_WORD)]! >>> ((i % LETTERS_PER_WORD) * BITS)) & 0x1f;
    const letter = LETTERS[code & 0xf]!;
    text += ((code & FROM_B) !== 0) === turned ? letter.toUpperCase() : letter;
  }
  return text;
}

function push(incarnation: Incarnation, code: number): void {
  const at = incarnation.letters;
  if (at === MOST) return;
  incarnation.letters = at + 1;
  const bits = letterBits(code, at);
  if (at < LETTERS_PER_WORD) incarnation.letters0 |= bits;
  else if (at < 2 * LETTERS_PER_WORD) incarnation.letters1 |= bits;
  else if (at < 3 * LETTERS_PER_WORD) incarnation.letters2 |= bits;
  else incarnation.letters3 |= bits;
}

/** The letter `code`, the `at`-th of a history, in its place in its word. */
export function letterBits(code: number, at: number): number {
  return code << ((at % LETTERS_PER_WORD) * BITS);
}

function isPowerOfTen(n: number): boolean {
  let power = 1;
  while (power < n) power *= 10;
  return power === n;
}
