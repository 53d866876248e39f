// In: nothing. Out: the names of the states, as RFC 9293 3.3.2 has them and `ss` prints them.

/** The eleven states of RFC 9293 and UNKNOWN, for an endpoint of which the capture has shown nothing yet. */
export const STATES = [
  'UNKNOWN',
  'CLOSED',
  'LISTEN',
  'SYN_SENT',
  'SYN_RCVD',
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
] as const;

export type StateName = (typeof STATES)[number];

/** A state as a small integer, for tables and rows. */
export const State = {
  UNKNOWN: 0,
  CLOSED: 1,
  LISTEN: 2,
  SYN_SENT: 3,
  SYN_RCVD: 4,
  ESTABLISHED: 5,
  FIN_WAIT_1: 6,
  FIN_WAIT_2: 7,
  CLOSE_WAIT: 8,
  CLOSING: 9,
  LAST_ACK: 10,
  TIME_WAIT: 11,
} as const satisfies Record<StateName, number>;

export type State = (typeof State)[StateName];
