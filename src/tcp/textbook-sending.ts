// In: the record of a connection by the book. Out: what each end has sent, and what of it has been acknowledged, as far as the record holds it.

import type { UnixMoment } from './clock.ts';
import type { Connection } from './connection.ts';
import { FactBit } from './fact-rows.ts';
import * as Book from './textbook-record.ts';

/** What one end has sent. By the book nothing is sent again, data end with the first FIN, and each acknowledgment is at or after the one before. */
export interface Sending {
  /** SND.NXT and SND.UNA (RFC 9293 3.3.1); null where the end, or neither end, has been seen to say. */
  next: number | null;
  unacknowledgedFrom: number | null;
  hasSentFin: boolean;
  /** When it last sent payload: null if it never did, or has sent its FIN since. */
  lastPayload: UnixMoment | null;
  /** When it last sent an acknowledgment; null if it did not. */
  lastAck: UnixMoment | null;
}

/** Of A (0), who opened, or B (1) of a connection that has a record (`phase` is not 0). */
export function sendingOf(connection: Connection, side: 0 | 1): Sending {
  const { words, at, phase } = connection;
  const me = at + (side === 0 ? Book.A : Book.B);
  const peer = at + (side === 0 ? Book.B : Book.A);
  const hasAnswered = phase >= Book.Phase.SYN_ACK;
  const hasAcknowledged = side === 0 ? phase >= Book.Phase.OPEN : hasAnswered;
  const isAcknowledged = side === 0 ? hasAnswered : phase >= Book.Phase.OPEN;
  const isSeen = side === 0 || hasAnswered;
  const hasSentFin = (words[me + Book.BITS]! & FactBit.FIN) !== 0;
  const hasPayload = (words[me + Book.BYTES_LOW]! | words[me + Book.BYTES_HIGH]!) !== 0;
  const moment = (word: number): UnixMoment => ({ seconds: words[me + word]!, nanoseconds: words[me + word + 1]! });
  return {
    next: isSeen ? words[me + Book.NEXT]! : null,
    unacknowledgedFrom: isAcknowledged ? words[peer + Book.LAST_ACK]! : isSeen ? words[me + Book.ISS]! : null,
    hasSentFin,
    lastPayload: hasPayload && !hasSentFin ? moment(Book.NEXT_SECONDS) : null,
    lastAck: hasAcknowledged ? moment(Book.LAST_SECONDS) : null,
  };
}
