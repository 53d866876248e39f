// In: the last stay of an endpoint that has fallen silent. Out: when it must have given up, where silence proves that.
//
// In five states an endpoint sends until it is answered: each wait is at most twice the one before (RFC 6298 5.5), and at last
// it gives up (RFC 9293 3.8.3) without sending anything that an observer could see. So when the next retransmission is overdue
// the endpoint is gone, and went when that timer ran out: Linux closes the socket then. Without this, every SYN to a filtered
// port would sit in SYN_SENT until the end of the capture.

import type { EndpointResult } from '../tcp/flow-result.ts';
import type { StateName } from '../tcp/state.ts';

const SECOND = 1e9;
/** First timeout where nothing is known of the path (RFC 6298 2.1), and where the SYN had to be sent again (5.7). */
const FIRST_WAIT = SECOND;
const FIRST_WAIT_AFTER_LOSS = 3 * SECOND;
/** Longest wait between two retransmissions: Linux's TCP_RTO_MAX. RFC 6298 2.5 lets it be as short as 60 s. */
const LONGEST_WAIT = 120 * SECOND;

/**
 * The moment at which the endpoint has given up, if it says nothing more; Infinity in states without retransmission.
 *
 * @param from when the state was entered, nanoseconds.
 * @param lastSegment when either side was last heard, nanoseconds.
 */
export function givesUpAt(
  state: StateName,
  endpoint: EndpointResult,
  peer: EndpointResult,
  from: number,
  lastSegment: number,
): number {
  const span = Math.max(0, lastSegment - from);
  switch (state) {
    case 'SYN_SENT':
    case 'SYN_RCVD': {
      // Where the peer has said more, some were sent at its prompting and not by the timer.
      const areAllTimed = peer.segments <= (state === 'SYN_SENT' ? 0 : 1);
      return lastSegment + nextWait(span, areAllTimed ? endpoint.segments - 1 : 1, FIRST_WAIT);
    }
    case 'FIN_WAIT_1':
    case 'CLOSING':
    case 'LAST_ACK':
      return lastSegment + nextWait(span, endpoint.retransmittedSegments, FIRST_WAIT_AFTER_LOSS);
    default:
      return Infinity;
  }
}

/**
 * n retransmissions after waits of 1, 2, 4 ... units make up the span, so the next wait is 2^n units: at most twice the span.
 * `first` where there has been none.
 */
function nextWait(span: number, retransmissions: number, first: number): number {
  if (retransmissions <= 0 || span === 0) return first;
  const n = Math.min(30, retransmissions);
  return Math.round(Math.min(LONGEST_WAIT, (span * 2 ** n) / (2 ** n - 1)));
}
