// In: nothing. Out: THE TABLE: for every state and every event, what happens, by which section, and why.
//
// Three verdicts, and no empty cell: an event *moves* the endpoint, is *expected* without moving it, or is *unexpected*
// (no move either, but a sane endpoint would not meet it there). Guards stay outside: an event is one that passed them.
// Sections without a name are RFC 9293's; "Linux" marks what kernels do and the RFC does not say.

import { EVENT_KEYS, Event } from './event.ts';
import { STATES, State, type StateName } from './state.ts';

export type EventKey = keyof typeof Event;

/** Cells that move: every pair of a state in `from` and the event. */
export interface Move {
  from: readonly StateName[];
  event: EventKey;
  to: StateName;
  rfc: string;
  why: string;
  /** False for moves that the state diagram of RFC 9293 3.3.2 leaves out (resets, errors, what an observer assumes). */
  drawn: boolean;
}

/** Cells that do not. */
export interface Stay {
  in: readonly StateName[];
  event: EventKey;
  verdict: 'expected' | 'unexpected';
  rfc: string;
  why: string;
}

const ALL = STATES;
const SYNCHRONIZED = [
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
] as const satisfies readonly StateName[];
const NO_CONNECTION = ['UNKNOWN', 'CLOSED', 'LISTEN'] as const satisfies readonly StateName[];

function without(states: readonly StateName[], ...left: StateName[]): StateName[] {
  return states.filter((state) => !left.includes(state));
}

const move = (
  from: StateName | readonly StateName[],
  event: EventKey,
  to: StateName,
  rfc: string,
  why: string,
  drawn = true,
): Move => ({ from: typeof from === 'string' ? [from] : from, event, to, rfc, why, drawn });

const stay = (
  verdict: 'expected' | 'unexpected',
  states: StateName | readonly StateName[],
  event: EventKey,
  rfc: string,
  why: string,
): Stay => ({ in: typeof states === 'string' ? [states] : states, event, verdict, rfc, why });

// biome-ignore format: a table reads as a table
export const MOVES: readonly Move[] = [
  // -- Opening ------------------------------------------------------------------------------------------------------------
  move('CLOSED',      'SND_SYN',        'SYN_SENT',    '3.10.1',   'Active OPEN: the SYN is how an observer sees it.'),
  move('LISTEN',      'SND_SYN',        'SYN_SENT',    '3.10.2',   'A SEND on a listening connection turns it active.'),
  move('UNKNOWN',     'SND_SYN',        'SYN_SENT',    '3.10.1',   'Whatever there was before, a SYN begins anew.', false),
  move('LISTEN',      'SND_SYN_ACK',    'SYN_RCVD',    '3.10.7.2', 'The SYN arrived and a listener took it: its SYN,ACK shows both. Linux keeps a request socket meanwhile (with SYN cookies nothing at all).'),
  move('UNKNOWN',     'SND_SYN_ACK',    'SYN_RCVD',    '3.10.7.2', 'As in LISTEN: only who listens, or has sent a SYN, answers so.', false),
  move('CLOSED',      'SND_SYN_ACK',    'SYN_RCVD',    '3.10.7.2', 'A listener has been opened since this endpoint was CLOSED.', false),
  move('SYN_SENT',    'SND_SYN_ACK',    'SYN_RCVD',    '3.10.7.3', 'Simultaneous open: the SYNs crossed, and each side answers the other\'s.'),
  move('SYN_SENT',    'RCV_SYN_ACK',    'ESTABLISHED', '3.10.7.3', 'Our SYN is acknowledged and the peer\'s has come: the active opener is through.'),
  move('SYN_RCVD',    'RCV_ACK_OF_SYN', 'ESTABLISHED', '3.10.7.4', 'The handshake\'s third segment, or any later one with its ACK. It carries no SYN.'),
  move('SYN_RCVD',    'RCV_SYN_ACK',    'ESTABLISHED', '3.5',      'Simultaneous open: the peer\'s SYN,ACK acknowledges our SYN.', false),
  move('UNKNOWN',     'MID_STREAM',     'ESTABLISHED', '3.10.7.4', 'Met in mid-connection. CLOSE_WAIT would look the same until it closes.', false),
  // -- Closing ------------------------------------------------------------------------------------------------------------
  move('ESTABLISHED', 'SND_FIN',        'FIN_WAIT_1',  '3.10.4',   'CLOSE before the peer\'s FIN has come: the active closer.'),
  move('SYN_RCVD',    'SND_FIN',        'FIN_WAIT_1',  '3.10.4',   'CLOSE before the handshake has ended.'),
  move('CLOSE_WAIT',  'SND_FIN',        'LAST_ACK',    '3.10.4',   'CLOSE after the peer\'s FIN: LAST_ACK begins with our FIN, not with its acknowledgment.'),
  move('ESTABLISHED', 'RCV_FIN',        'CLOSE_WAIT',  '3.10.7.4', 'The peer will send no more; the application has yet to close.'),
  move('SYN_RCVD',    'RCV_FIN',        'CLOSE_WAIT',  '3.10.7.4', 'A FIN without a usable ACK before it. With one, the endpoint passes through ESTABLISHED.', false),
  move('FIN_WAIT_1',  'RCV_ACK_OF_FIN', 'FIN_WAIT_2',  '3.10.7.4', 'Our half is closed and acknowledged.'),
  move('FIN_WAIT_1',  'RCV_FIN',        'CLOSING',     '3.10.7.4', 'The FINs crossed: the peer\'s came before the ACK of ours.'),
  move('FIN_WAIT_2',  'RCV_FIN',        'TIME_WAIT',   '3.10.7.4', 'Both halves are closed; the active closer waits. A FIN that brings the ACK of ours leads through FIN_WAIT_2 in one segment (the RFC draws FIN_WAIT_1 to TIME_WAIT).'),
  move('CLOSING',     'RCV_ACK_OF_FIN', 'TIME_WAIT',   '3.10.7.4', 'The last acknowledgment after crossed FINs.'),
  move('LAST_ACK',    'RCV_ACK_OF_FIN', 'CLOSED',      '3.10.7.4', 'Our FIN is acknowledged: the passive closer is done and need not wait.'),
  move('TIME_WAIT',   'TIMEOUT_2MSL',   'CLOSED',      '3.10.8',   '2MSL have passed. Linux: 60 s, not the four minutes of the RFC.'),
  // -- Resets -------------------------------------------------------------------------------------------------------------
  move('SYN_SENT',    'RCV_RST',        'CLOSED',      '3.10.7.3', 'Connection refused: the RST acknowledges our SYN.', false),
  move('SYN_RCVD',    'RCV_RST',        'CLOSED',      '3.10.7.4', 'After an active OPEN (simultaneous open) the attempt is over.', false),
  move('SYN_RCVD',    'RCV_RST_PASSIVE', 'LISTEN',     '3.10.7.4', 'After a passive OPEN the listener goes on, and the application is not told.'),
  move(['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT'],
                      'RCV_RST',        'CLOSED',      '3.10.7.4', 'The peer has aborted, or no longer knows the connection. Only a RST at RCV.NXT is obeyed (RFC 5961 3.2); after a FIN Linux takes RCV.NXT - 1 as well.', false),
  move(['CLOSING', 'LAST_ACK'],
                      'RCV_RST',        'CLOSED',      '3.10.7.4', 'Nothing is left to lose.', false),
  move('TIME_WAIT',   'RCV_RST',        'CLOSED',      '3.10.7.4', 'TIME_WAIT assassination (RFC 1337). Linux lets it happen unless tcp_rfc1337 is set.', false),
  move('SYN_SENT',    'SND_RST',        'CLOSED',      '3.10.5',   'The attempt had been given up: an acceptable SYN,ACK was answered with a RST.', false),
  move('SYN_RCVD',    'SND_RST',        'CLOSED',      '3.10.5',   'ABORT, or a full accept queue under tcp_abort_on_overflow.', false),
  move(['ESTABLISHED', 'CLOSE_WAIT'],
                      'SND_RST',        'CLOSED',      '3.10.5',   'ABORT. Linux sends a RST also where data was left unread at close().', false),
  move(['FIN_WAIT_1', 'FIN_WAIT_2'],
                      'SND_RST',        'CLOSED',      '3.10.5',   'ABORT; or, Linux, data came that nobody is left to read.', false),
  move(['CLOSING', 'LAST_ACK', 'TIME_WAIT'],
                      'SND_RST',        'CLOSED',      '3.10.7.1', 'Who answers with a RST has no connection any more, however it ended.', false),
  move('UNKNOWN',     'SND_RST',        'CLOSED',      '3.10.7.1', 'After its RST an endpoint is CLOSED, whatever it was.', false),
  // -- Ends that no segment shows -------------------------------------------------------------------------------------------
  move('SYN_SENT',    'RCV_ICMP_ERROR', 'CLOSED',      '3.9.2.2',  'Destination unreachable ends the attempt (RFC 1122 4.2.3.9; Linux: any such error).', false),
  move('TIME_WAIT',   'REPLACED',       'CLOSED',      '3.6.1',    'A new connection took the 4-tuple over (RFC 1122 4.2.2.13, RFC 6191).', false),
  move(without(SYNCHRONIZED, 'TIME_WAIT'),
                      'REPLACED',       'CLOSED',      '3.10.1',   'A new connection on the same 4-tuple shows that this one had ended unseen.', false),
  move(['SYN_SENT', 'SYN_RCVD'],
                      'REPLACED',       'CLOSED',      '3.10.1',   'A new connection on the same 4-tuple shows that the attempt had been given up.', false),
];

// biome-ignore format: a table reads as a table
export const STAYS: readonly Stay[] = [
  // -- SYN ----------------------------------------------------------------------------------------------------------------
  stay('expected',   'SYN_SENT',    'SND_SYN', '3.8.1',    'The SYN is sent again.'),
  stay('expected',   'SYN_RCVD',    'SND_SYN', '3.8.1',    'After a simultaneous open the SYN may be sent again without its ACK.'),
  stay('unexpected', SYNCHRONIZED,  'SND_SYN', '3.10.7.4', 'Forged, or an old duplicate: an endpoint has one SYN, and it is acknowledged.'),
  stay('expected',   'SYN_RCVD',    'SND_SYN_ACK', '3.8.1',    'The SYN,ACK is sent again: the third segment was lost, or the accept queue is full (Linux).'),
  stay('unexpected', SYNCHRONIZED,  'SND_SYN_ACK', '3.10.7.4', 'An old SYN,ACK, overtaken on its way to the observer.'),
  stay('expected',   NO_CONNECTION, 'RCV_SYN', '3.10.7.2', 'Moves nothing until it is answered: there may be no listener, a full queue, or a filter. The SYN,ACK shows SYN_RCVD, a RST shows CLOSED.'),
  stay('expected',   'SYN_SENT',    'RCV_SYN', '3.10.7.3', 'Simultaneous open; our SYN,ACK will show that it arrived.'),
  stay('expected',   'SYN_RCVD',    'RCV_SYN', '3.10.7.4', 'The SYN again: answered with the SYN,ACK again.'),
  stay('expected',   SYNCHRONIZED,  'RCV_SYN', '3.10.7.4', 'Answered with a challenge ACK (RFC 5961 4.2); in TIME_WAIT a new one may reopen (RFC 6191).'),
  stay('expected',   ['UNKNOWN', 'CLOSED'], 'RCV_SYN_ACK', '3.10.7.1', 'Answered with a RST.'),
  stay('expected',   'LISTEN',      'RCV_SYN_ACK', '3.10.7.2', 'Answered with a RST.'),
  stay('expected',   SYNCHRONIZED,  'RCV_SYN_ACK', '3.10.7.4', 'The peer missed our ACK: acknowledged again.'),
  stay('expected',   ['UNKNOWN', 'CLOSED', 'LISTEN'], 'RCV_ACK_OF_SYN', '3.10.7.2', 'No connection; answered with a RST.'),
  stay('expected',   'SYN_SENT',    'RCV_ACK_OF_SYN', '3.10.7.3', 'An ACK without SYN is not enough: the peer\'s SYN is still missing.'),
  stay('expected',   SYNCHRONIZED,  'RCV_ACK_OF_SYN', '3.10.7.4', 'Long known.'),
  // -- FIN ----------------------------------------------------------------------------------------------------------------
  stay('unexpected', ['CLOSED', 'LISTEN'], 'SND_FIN', '3.10.4', 'There is no connection to close.'),
  stay('expected',   'UNKNOWN',     'SND_FIN', '3.10.4',   'The start is not in the capture; what is known of it is put before (mid-stream).'),
  stay('unexpected', 'SYN_SENT',    'SND_FIN', '3.10.4',   'CLOSE in SYN_SENT deletes the connection and sends nothing.'),
  stay('expected',   ['FIN_WAIT_1', 'CLOSING', 'LAST_ACK'], 'SND_FIN', '3.8.1', 'The FIN is sent again: it, or its acknowledgment, was lost.'),
  stay('unexpected', ['FIN_WAIT_2', 'TIME_WAIT'], 'SND_FIN', '3.10.7.4', 'Its FIN is acknowledged already; the ACK must have been lost behind the observer.'),
  stay('expected',   NO_CONNECTION, 'RCV_FIN', '3.10.7.4', 'Not processed: SEG.SEQ cannot be validated.'),
  stay('expected',   'SYN_SENT',    'RCV_FIN', '3.10.7.4', 'Not processed: SEG.SEQ cannot be validated.'),
  stay('expected',   ['CLOSE_WAIT', 'CLOSING', 'LAST_ACK'], 'RCV_FIN', '3.10.7.4', 'The FIN again: acknowledged again.'),
  stay('expected',   'TIME_WAIT',   'RCV_FIN', '3.10.7.4', 'The FIN again: acknowledged again, and the 2MSL timer is restarted.'),
  stay('expected',   NO_CONNECTION, 'RCV_ACK_OF_FIN', '3.10.7.1', 'No connection; answered with a RST.'),
  stay('unexpected', ['SYN_SENT', 'SYN_RCVD', 'ESTABLISHED', 'CLOSE_WAIT'], 'RCV_ACK_OF_FIN', '3.10.7.4', 'It has sent no FIN.'),
  stay('expected',   ['FIN_WAIT_2', 'TIME_WAIT'], 'RCV_ACK_OF_FIN', '3.10.7.4', 'Long known.'),
  // -- RST ----------------------------------------------------------------------------------------------------------------
  stay('expected',   'CLOSED',      'SND_RST', '3.10.7.1', 'The answer to any segment where there is no connection.'),
  stay('expected',   'LISTEN',      'SND_RST', '3.10.7.2', 'The answer to an ACK at a listener.'),
  stay('expected',   'CLOSED',      'RCV_RST', '3.10.7.1', 'Ignored.'),
  stay('expected',   'LISTEN',      'RCV_RST', '3.10.7.2', 'Ignored.'),
  stay('expected',   'UNKNOWN',     'RCV_RST', '3.10.7.4', 'Whether it hit anything is not known.'),
  stay('unexpected', without(ALL, 'SYN_RCVD'), 'RCV_RST_PASSIVE', '3.10.7.4', 'Only SYN_RCVD asks how the connection was opened.'),
  // -- What is no segment ---------------------------------------------------------------------------------------------------
  stay('expected',   SYNCHRONIZED,  'RCV_ICMP_ERROR', '3.9.2.2', 'A soft error: reported, not obeyed (RFC 5927).'),
  stay('expected',   'SYN_RCVD',    'RCV_ICMP_ERROR', '3.9.2.2', 'The SYN,ACK is sent again; Linux forgets a request socket only when its retries are used up.'),
  stay('unexpected', NO_CONNECTION, 'RCV_ICMP_ERROR', '3.9.2.2', 'It has sent nothing that could be quoted.'),
  stay('unexpected', without(ALL, 'TIME_WAIT'), 'TIMEOUT_2MSL', '3.10.8', 'The timer runs in TIME_WAIT only.'),
  stay('expected',   NO_CONNECTION, 'REPLACED', '3.10.1', 'It had ended before.'),
  stay('unexpected', without(ALL, 'UNKNOWN'), 'MID_STREAM', '3.10.7.4', 'Its state is known.'),
];

/** Number of columns: the table is read at `state * EVENT_COUNT + event`. */
export const EVENT_COUNT = EVENT_KEYS.length;

/** The state after, per state and event; the state itself where nothing moves. */
export const NEXT_STATE: Uint8Array = compile();

function compile(): Uint8Array {
  const table = new Uint8Array(STATES.length * EVENT_COUNT);
  for (let state = 0; state < STATES.length; state++) table.fill(state, state * EVENT_COUNT, (state + 1) * EVENT_COUNT);
  for (const row of MOVES) {
    for (const from of row.from) table[State[from] * EVENT_COUNT + Event[row.event]] = State[row.to];
  }
  return table;
}

/** The row for a cell, for explanations. */
export function rowFor(state: StateName, event: EventKey): Move | Stay | undefined {
  return (
    MOVES.find((row) => row.event === event && row.from.includes(state)) ??
    STAYS.find((row) => row.event === event && row.in.includes(state))
  );
}
