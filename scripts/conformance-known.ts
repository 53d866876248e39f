// The reviewed list of captures whose rows differ from tshark's on purpose. Used by conformance.ts, and nothing else.
// An entry holds exactly: a run with more or fewer differing cells in such a file fails.

export interface KnownDifference {
  /** SHA-256 of the file, so that it is found under any name. */
  readonly sha256: string;
  readonly name: string;
  readonly cells: number;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
