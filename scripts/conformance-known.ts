// The reviewed list of captures whose rows differ from tshark's on purpose. Used by conformance.ts, and nothing else.
// An entry holds exactly: a run with more or fewer differing cells in such a file fails.

export interface KnownDifference {
  /** SHA-256 of the file, so that it is found under any name. */
  readonly sha256: string;
  readonly name: string;
  readonly cells: number;
  readonly reason: string;
}

const FRACTION = `The file has fractions of a second above one. tcpstate carries them into the seconds; tshark prints them as they are
    ("1701999731.1011041000"), and from 2,147,484 µs on what is left of them in 32 bits.`;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    sha256: '903cfc15d45bfa973a36241d8bbd4cd90d2ce69d8dadca3e54de4d10be1e749f',
    name: 'filestore-5408__input.pcap',
    cells: 26,
    reason: `Two sFlow datagrams carry samples of up to eight other frames each. tshark counts their headers into streams, so later
    streams have higher numbers and one sampled connection other time differences. tcpstate takes a sample for what it
    is, a copy of a frame seen elsewhere.`,
  },
  {
    sha256: '36f01c5d8d9eb315f3ae8f4e01610790c3317101be2f409c9a2bef1b9edd35a9',
    name: 'transform-base64-7296__input.pcap',
    cells: 8,
    reason: FRACTION,
  },
  {
    sha256: 'a3061e0cce39da601e0dfd7128127f20a8ab1cb0ddac64526b234e5a4027d1d2',
    name: 'bug8.pcap',
    cells: 136,
    reason: FRACTION,
  },
  {
    sha256: '1f0a9bd9965de5e2a719a02ba994ce2fde77ef8abc769a5451f92eff4c03409e',
    name: 'mixed-vlan-mpls.pcap',
    cells: 14,
    reason: `F5 appliances append a trailer of their own to each frame, and tshark's dissector of it writes "OUT s1/tmm1 : " in
    front of Info. It is the trailer's text, not TCP's.`,
  },
];
