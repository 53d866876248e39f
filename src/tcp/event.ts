// In: nothing. Out: the one vocabulary of what can happen to an endpoint, each from that endpoint's own view.
//
// Every segment is a `snd` for one endpoint and a `rcv` for the other; there is no third kind. One segment may be several
// events, in the order of RFC 9293 3.10.7.4: RST, SYN, ACK, FIN. Whether a segment is acceptable, acknowledges our FIN or
// answers our SYN is decided before (guards.ts); an event says that it did.

export const Event = {
  SND_SYN: 0,
  SND_SYN_ACK: 1,
  SND_FIN: 2,
  SND_RST: 3,
  RCV_SYN: 4,
  RCV_SYN_ACK: 5,
  RCV_ACK_OF_SYN: 6,
  RCV_ACK_OF_FIN: 7,
  RCV_FIN: 8,
  RCV_RST: 9,
  /** An acceptable RST in SYN_RCVD of a passive opener, the one place where RFC 9293 asks how the connection was opened. */
  RCV_RST_PASSIVE: 10,
  /** An ICMP error that ends the attempt to connect. */
  RCV_ICMP_ERROR: 11,
  /** 2MSL have passed since TIME_WAIT was entered or last restarted. */
  TIMEOUT_2MSL: 12,
  /** The 4-tuple was used for a new connection, so this one no longer exists. */
  REPLACED: 13,
  /** The endpoint is met in mid-connection: it sends, or is acknowledged, without a handshake in the capture. */
  MID_STREAM: 14,
} as const;
export type Event = (typeof Event)[keyof typeof Event];

/** The events by number, as they are printed (`cause` in JSON). Two share a name: they are one thing to a reader. */
export const EVENTS = [
  'snd SYN',
  'snd SYN,ACK',
  'snd FIN',
  'snd RST',
  'rcv SYN',
  'rcv SYN,ACK',
  'rcv ACK of SYN',
  'rcv ACK of FIN',
  'rcv FIN',
  'rcv RST',
  'rcv RST',
  'rcv ICMP error',
  '2MSL',
  'new connection',
  'mid-stream',
] as const;
export type EventName = (typeof EVENTS)[number];

/** Names that tell all events apart, for the table and its tests. */
export const EVENT_KEYS = Object.keys(Event) as (keyof typeof Event)[];
