// In: a connection that went by the book from SYN to the last ACK. Out: whether no rule about single connections would find anything.
//
// Going by the book rules out nearly all of them: nothing was sent again, lost, reset, out of order or left open, no window was
// closed. What may still be told of such a connection is that something took long, was large, or was not taken up, and that is
// looked at here with the rules' own thresholds. Where this says false, the rules decide. A rule that such a connection can
// raise needs its line here: test/tcp/textbook-life.test.ts runs all rules on whatever passes as quiet.

import { TICKS_PER_SECOND } from '../tcp/fact-rows.ts';
import { Moment, type TextbookLife } from '../tcp/textbook-life.ts';
import { HandshakeBit } from '../wire/handshake.ts';
import { LEAST_BYTES } from './measures/bulk.ts';
import { HELD_SECONDS } from './rules/close_wait_held.ts';
import { LONG_SECONDS } from './rules/long_idle.ts';
import { SLOW_SECONDS as SLOW_ANSWER_SECONDS } from './rules/slow_answer.ts';
import { SLOW_SECONDS as SLOW_HANDSHAKE_SECONDS } from './rules/slow_handshake.ts';
import { LARGE_BYTES } from './rules/window_scaling_off.ts';

const LEAST_LARGE_BYTES = Math.min(LEAST_BYTES, LARGE_BYTES);

export function isQuiet(life: TextbookLife): boolean {
  const [a, b] = life.sides;
  return (
    // application_limited, receiver_limited, sender_limited, window_scaling_off
    a.payloadBytes < LEAST_LARGE_BYTES &&
    b.payloadBytes < LEAST_LARGE_BYTES &&
    // mss_exceeded, offload
    a.oversized === 0 &&
    b.oversized === 0 &&
    life.answer < SLOW_ANSWER_SECONDS * TICKS_PER_SECOND &&
    life.idle < LONG_SECONDS * TICKS_PER_SECOND &&
    life.irtt < SLOW_HANDSHAKE_SECONDS &&
    // close_wait_held, at most as long as CLOSE_WAIT lasted
    life.time(Moment.FIN_2) - life.time(Moment.FIN) < HELD_SECONDS &&
    // options_stripped, timestamps_off
    (offersTimestamps(a.handshake) ? offersTimestamps(b.handshake) : a.timestamps === 0 && b.timestamps === 0)
  );
}

function offersTimestamps(handshake: number): boolean {
  return (handshake & HandshakeBit.TIMESTAMPS) !== 0;
}
