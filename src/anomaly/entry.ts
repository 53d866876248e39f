// In: nothing. Out: what the catalog says of one finding: how grave it is, and all words about it.

export type Severity = 'error' | 'warn' | 'note' | 'chat';

/** The gravest first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warn', 'note', 'chat'];

export const GROUPS = {
  handshake: 'Opening',
  delivery: 'Delivery',
  window: 'Windows and waiting',
  close: 'Closing',
  hosts: 'Across connections',
  capture: 'The capture itself',
} as const;
export type Group = keyof typeof GROUPS;

/** What of a capture's quality can make a finding less sure. A set of bits. */
export const Doubt = {
  /** Bytes were acknowledged that the capture does not hold. */
  MISSING: 1,
  /** Only one direction was captured. */
  ONE_SIDED: 2,
  /** The capture begins in the middle of the connection. */
  MIDSTREAM: 4,
  /** Frames are in the capture twice. */
  COPIES: 8,
  /** The order of the capture is not the order on the wire. */
  ORDER: 16,
  /** Segments were captured joined by an offload engine. */
  JOINED: 32,
  /** A SYN with other numbers came in between, so the numbers of this stream are not its own. */
  FOREIGN: 64,
} as const;

/** The two ends as text: the one the finding is about, and the other. */
export interface Names {
  me: string;
  peer: string;
}

export interface Entry<Values> {
  severity: Severity;
  group: Group;
  /** A few words, as a headline. */
  title: string;
  /** What was seen and what follows from it, one paragraph. */
  meaning: string;
  /** Usual causes, the most frequent first. */
  causes: readonly string[];
  /** What to do, or where to look. */
  advice: string;
  /** Where the rule is written: "RFC 9293 3.8.6.1", or whose practice it is. */
  rfc: string;
  /** Doubt set: what lowers the confidence of this finding. */
  doubts: number;
  /** Findings about single connections that need not be told where this one about many tells the same. */
  covers?: readonly string[];
  /** The message, one sentence without its subject's address: that stands beside it. */
  say(values: Values, names: Names): string;
}

/** Writes an entry down; only here so that the type of its values is inferred. */
export function entry<Values>(entry: Entry<Values>): Entry<Values> {
  return entry;
}
