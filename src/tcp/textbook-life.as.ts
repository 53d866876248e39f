// In: the records of connections. Out: their lives as words, as long as they went by the book from SYN to the last ACK. See textbook-life.ts.

import { get, put } from '../linear/words.as.ts';
import {
  Book,
  ConnectionBit,
  Fact,
  Flow,
  LIFE_WORDS,
  LifeSideWord,
  LifeWord,
  MOST_LIFE_SECONDS,
  Moment,
  Phase,
} from '../numbers.as.ts';

const BILLION = 1_000_000_000;

/**
 * Reads the lives of the connections at the addresses in `list`, up to one that has none: see LifeReader.read. Returns how many. Start and end are the
 * capture's, in Unix time; the time that TIME_WAIT lasts is given in seconds and nanoseconds.
 */
export function readLives(
  list: i32,
  count: i32,
  lives: i32,
  startSeconds: i32,
  startNanoseconds: i32,
  endSeconds: i32,
  endNanoseconds: i32,
  timeWaitSeconds: i32,
  timeWaitNanoseconds: i32,
): i32 {
  const lastsSeconds = endSeconds - startSeconds;
  const lastsNanoseconds = endNanoseconds - startNanoseconds;
  for (let i = 0; i < count; i++) {
    const life = lives + i * LIFE_WORDS * 4;
    if (!readLife(get(list, i), life, startSeconds, startNanoseconds)) return i;
    const isSoon = putExpiry(life, lastsSeconds, lastsNanoseconds, timeWaitSeconds, timeWaitNanoseconds);
    if (!isSoon) return i;
  }
  return count;
}

/** All of it but for when TIME_WAIT runs out. */
function readLife(connection: i32, life: i32, startSeconds: i32, startNanoseconds: i32): bool {
  if (get(connection, Book.PHASE) !== Phase.CLOSED) return false;
  const start = connection + Book.START_SECONDS * 4;
  putMoment(life, Moment.SYN, get(connection, Book.FIRST_FRAME), get(start, 0), get(start, 1));
  copyMoment(life, Moment.SYN_ACK, connection + Book.SYN_ACK_AT * 4);
  copyMoment(life, Moment.ACK, connection + Book.ACK_AT * 4);
  copyMoment(life, Moment.FIN, connection + Book.FIN_AT * 4);
  copyMoment(life, Moment.FIN_ACK, connection + Book.FIN_ACK_AT * 4);
  copyMoment(life, Moment.FIN_2, connection + Book.FIN_2_AT * 4);
  copyMoment(life, Moment.LAST_ACK, connection + Book.FRAME * 4);
  put(life, LifeWord.FRAMES + Moment.PROOF, get(connection, Book.PROOF_OF_B));
  if (!count(life, startSeconds, startNanoseconds)) return false;
  put(life, LifeWord.STREAM, get(connection, Book.STREAM));
  put(life, LifeWord.SEGMENTS, get(connection, Book.ALL_SEGMENTS));
  put(life, LifeWord.COMPLETENESS, get(connection, Book.COMPLETENESS));
  put(life, LifeWord.APP, max(0, get(connection, Book.APP)));
  put(life, LifeWord.CLOSER, (get(connection, Book.FLOW_BITS) & Flow.FIRST_FIN_B) !== 0 ? 1 : 0);
  put(life, LifeWord.HAS_IPV4, (get(connection, Book.CONNECTION_BITS) & ConnectionBit.IPV6) !== 0 ? 0 : 1);
  put(life, LifeWord.IDLE, get(connection, Book.IDLE));
  put(life, LifeWord.ANSWER, get(connection, Book.ANSWER));
  readSide(life + LifeWord.A * 4, connection, Book.ADDRESS_A, Book.KEY_A, Book.PORT_A, Book.A);
  readSide(life + LifeWord.B * 4, connection, Book.ADDRESS_B, Book.KEY_B, Book.PORT_B, Book.B);
  return true;
}

/** TIME_WAIT runs out 2MSL after the last ACK: see StateTracker.finish. `lastsSeconds`, `lastsNanoseconds`: how long the capture goes on. */
function putExpiry(
  life: i32,
  lastsSeconds: i32,
  lastsNanoseconds: i32,
  timeWaitSeconds: i32,
  timeWaitNanoseconds: i32,
): bool {
  let until = get(life, LifeWord.SECONDS + Moment.LAST_ACK) + timeWaitSeconds;
  let rest = get(life, LifeWord.NANOSECONDS + Moment.LAST_ACK) + timeWaitNanoseconds;
  if (rest >= BILLION) {
    rest -= BILLION;
    until++;
  }
  const left = (<i64>until - <i64>lastsSeconds) * BILLION + rest - lastsNanoseconds;
  put(life, LifeWord.EXPIRED, left <= 0 ? 1 : 0);
  putMoment(life, Moment.EXPIRY, 0, until, rest);
  return until <= MOST_LIFE_SECONDS;
}

function copyMoment(life: i32, moment: i32, from: i32): void {
  putMoment(life, moment, get(from, 0), get(from, 1), get(from, 2));
}

function putMoment(life: i32, moment: i32, frame: i32, seconds: i32, nanoseconds: i32): void {
  put(life, LifeWord.FRAMES + moment, frame);
  put(life, LifeWord.SECONDS + moment, seconds);
  put(life, LifeWord.NANOSECONDS + moment, nanoseconds);
}

/** Makes times since the capture's start of Unix times, which by the book never go back. False where they are before it, or far from it. */
function count(life: i32, startSeconds: i32, startNanoseconds: i32): bool {
  for (let moment = 0; moment <= Moment.LAST_ACK; moment++) {
    let whole = get(life, LifeWord.SECONDS + moment) - startSeconds;
    let rest = get(life, LifeWord.NANOSECONDS + moment) - startNanoseconds;
    if (rest < 0) {
      whole--;
      rest += BILLION;
    }
    if (whole < 0 || whole > MOST_LIFE_SECONDS) return false;
    put(life, LifeWord.SECONDS + moment, whole);
    put(life, LifeWord.NANOSECONDS + moment, rest);
  }
  return true;
}

/** `address`, `key`, `port`: words of the connection; `side`: where its part of the record begins. */
function readSide(into: i32, connection: i32, address: i32, key: i32, port: i32, side: i32): void {
  const me = connection + side * 4;
  put(into, LifeSideWord.ADDRESS, get(connection, address));
  put(into, LifeSideWord.IPV4, get(connection, key));
  put(into, LifeSideWord.PORT, get(connection, port));
  put(into, LifeSideWord.SEGMENTS, get(me, Book.SEGMENTS));
  put(into, LifeSideWord.BYTES_LOW, get(me, Book.BYTES_LOW));
  put(into, LifeSideWord.BYTES_HIGH, get(me, Book.BYTES_HIGH));
  put(into, LifeSideWord.HANDSHAKE, get(me, Book.HANDSHAKE));
  put(into, LifeSideWord.TIMESTAMPS, (get(me, Book.BITS) & Fact.TIMESTAMPS_USED) !== 0 ? 1 : 0);
  put(into, LifeSideWord.OVERSIZED, get(me, Book.OVERSIZED));
}
