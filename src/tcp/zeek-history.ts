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
export const LETTER_BITS = 5;
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
  const whose = isB ? FROM_B : 0;
  if (syn && (fin || rst)) pushOnce(incarnation, sender, EndpointBit.HISTORY_Q, Letter.Q | whose);
  else if (fin && rst) pushOnce(incarnation, sender, EndpointBit.HISTORY_I, Letter.I | whose);
  if (syn && ((sender.bits & EndpointBit.ISS_KNOWN) === 0 || sender.iss !== seq || sender.first === 0)) {
    push(incarnation, (ack ? Letter.H : Letter.S) | whose);
  }
  if (length > 0) {
    pushOnce(incarnation, sender, EndpointBit.HISTORY_D, Letter.D | whose);
    if (isRepeat && isPowerOfTen(++sender.resent)) push(incarnation, Letter.T | whose);
  } else if (ack && !syn && !fin && !rst) pushOnce(incarnation, sender, EndpointBit.HISTORY_A, Letter.A | whose);
  if (window === 0 && !rst && isPowerOfTen(++sender.zeroWindows)) push(incarnation, Letter.W | whose);
  const end = (seq + length + 1) | 0;
  if (fin && ((sender.bits & EndpointBit.FIN_KNOWN) === 0 || sender.finEnd !== end))
    push(incarnation, Letter.F | whose);
  if (rst && ((sender.bits & EndpointBit.HISTORY_R) === 0 || sender.resetSeq !== seq)) {
    sender.bits |= EndpointBit.HISTORY_R;
    sender.resetSeq = seq;
    push(incarnation, Letter.R | whose);
  }
}

/** The word. `turned`: B is the originator. */
export function zeekHistory(incarnation: Incarnation, turned: boolean): string {
  let text = '';
  const { letters0, letters1, letters2, letters3 } = incarnation;
  const words = [letters0, letters1, letters2, letters3];
  for (let i = 0; i < incarnation.letters; i++) {
    const code = (words[Math.floor(i / LETTERS_PER_WORD)]! >>> ((i % LETTERS_PER_WORD) * LETTER_BITS)) & 0x1f;
    const letter = LETTERS[code & 0xf]!;
    text += ((code & FROM_B) !== 0) === turned ? letter.toUpperCase() : letter;
  }
  return text;
}

/** `bit` of the sender says that the letter is there. */
function pushOnce(incarnation: Incarnation, sender: Endpoint, bit: number, code: number): void {
  if ((sender.bits & bit) !== 0) return;
  sender.bits |= bit;
  push(incarnation, code);
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
  return code << ((at % LETTERS_PER_WORD) * LETTER_BITS);
}

function isPowerOfTen(n: number): boolean {
  let power = 1;
  while (power < n) power *= 10;
  return power === n;
}
