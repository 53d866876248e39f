// In: a life by the book. Out: its JSON, written into bytes; the same as flow-json.ts writes of its account.
//
// From one such life to the next only some fifty numbers and four texts differ. What stands between them is cut once out of the JSON
// of a life whose numbers are marks: so it is written down nowhere but in flowOf and json-text.ts, and to write a life is to copy these
// pieces with its numbers between them.

import { flowOf, type Moment, TextbookLife } from '../tcp/textbook-life.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { jsonText } from './json-text.ts';
import { type RowBytes, Words } from './row-bytes.ts';

/** What stands in a gap. A mark is the kind times MARKS and which of that kind. */
const Kind = { TIME: 1, FRAME: 2, NUMBER: 3, TEXT: 4 } as const;
const MARKS = 1_000_000;
const MARK = /([1-4]0000\d\d)/;
const mark = (kind: number, which: number): number => kind * MARKS + which;

/** The pieces of one kind of life, one more than there are gaps, and what stands in the gaps. */
interface Form {
  readonly pieces: readonly Words[];
  readonly kinds: Uint8Array;
  readonly which: Uint8Array;
  /** Bytes that it takes at most. */
  readonly room: number;
}

/** More than any number or text takes: an IPv6 address has 45 characters at most. */
const GAP_BYTES = 48;

/** By who closed, twice, and whether TIME_WAIT ran out. */
const FORMS = [0, 1, 2, 3].map((form) => formOf((form >> 1) as 0 | 1, (form & 1) !== 0));

const numbers = new Float64Array(9);
const texts: string[] = ['', '', '', ''];

export function writeLife(out: RowBytes, life: TextbookLife): void {
  const { pieces, kinds, which, room } = FORMS[life.closer * 2 + (life.isExpired ? 1 : 0)]!;
  const { frames, seconds, nanoseconds } = life;
  const [a, b] = life.sides;
  numbers[0] = life.stream;
  numbers[1] = life.completeness;
  numbers[2] = life.segments;
  numbers[3] = a.port;
  numbers[4] = b.port;
  numbers[5] = a.segments;
  numbers[6] = b.segments;
  numbers[7] = a.payloadBytes;
  numbers[8] = b.payloadBytes;
  texts[0] = life.id;
  texts[1] = life.addressA;
  texts[2] = life.addressB;
  texts[3] = APP_PROTOCOLS[life.app]!;
  out.makeRoom(room);
  for (let i = 0; i < kinds.length; i++) {
    out.words(pieces[i]!);
    const one = which[i]!;
    const kind = kinds[i]!;
    if (kind === Kind.FRAME) out.number(frames[one]!);
    else if (kind === Kind.TIME) out.elapsed(seconds[one]!, nanoseconds[one]!);
    else if (kind === Kind.NUMBER) out.number(numbers[one]!);
    else out.plain(texts[one]!);
  }
  out.words(pieces[kinds.length]!);
}

function formOf(closer: 0 | 1, isExpired: boolean): Form {
  const life = new TextbookLife();
  life.closer = closer;
  life.isExpired = isExpired;
  for (let moment = 0; moment < life.frames.length; moment++) {
    life.setMoment(moment as Moment, mark(Kind.FRAME, moment), mark(Kind.TIME, moment), 0);
  }
  const [stream, completeness, segments, portA, portB, segmentsA, segmentsB, bytesA, bytesB] = Array.from(
    { length: 9 },
    (_, number) => mark(Kind.NUMBER, number),
  ) as [number, number, number, number, number, number, number, number, number];
  Object.assign(life, { stream, completeness, segments });
  Object.assign(life.sides[0], { port: portA, segments: segmentsA, payloadBytes: bytesA });
  Object.assign(life.sides[1], { port: portB, segments: segmentsB, payloadBytes: bytesB });
  const [id, addressA, addressB, app] = [0, 1, 2, 3].map((text) => String(mark(Kind.TEXT, text)));
  Object.assign(life, { id, addressA, addressB });
  const parts = jsonText({ ...flowOf(life), app }).split(MARK);
  const pieces = parts.filter((_, part) => part % 2 === 0).map((text) => new Words(text));
  const marks = parts.filter((_, part) => part % 2 === 1).map(Number);
  return {
    pieces,
    kinds: Uint8Array.from(marks, (each) => Math.floor(each / MARKS)),
    which: Uint8Array.from(marks, (each) => each % MARKS),
    room: pieces.reduce((sum, { length }) => sum + length + GAP_BYTES, 0),
  };
}
