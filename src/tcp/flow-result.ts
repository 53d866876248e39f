// In: nothing. Out: the shape in which a finished connection leaves tcp/: plain objects, made once per connection.
// The field names are those of the JSON output (contract, schema tcpstate.analysis/1).

import type { Crosswalk } from './crosswalk.ts';
import type { LikelyRole } from './roles.ts';
import type { StateName } from './state.ts';

/** How a transition is known. */
export type Evidence = 'observed' | 'inferred' | 'timer' | 'assumed';

/** One entry of an endpoint's state history. */
export interface StateEntry {
  state: StateName;
  /** When it was entered, seconds since the capture's start; null for a start state. */
  time: number | null;
  /** The frame that caused it; null for start states and timers. */
  frame: number | null;
  /** The event from this endpoint's own view: "snd SYN", "rcv ACK of FIN", "2MSL" ...; null for a start state. */
  cause: string | null;
  evidence: Evidence;
  /** For `inferred`: the later frame that proves that the segment arrived. */
  confirmedBy?: number;
}

/** One end of a connection. */
export interface EndpointResult {
  addr: string;
  port: number;
  opener: 'active' | 'passive' | 'simultaneous' | 'unknown';
  closer: 'active' | 'passive' | 'simultaneous' | 'reset' | null;
  /** Where neither end's opening is in the capture: what this end likely was, and the sign. */
  likelyRole?: LikelyRole;
  finalState: StateName;
  states: StateEntry[];
  segments: number;
  /** Payload bytes sent, retransmitted ones counted again. */
  payloadBytes: number;
  retransmittedSegments: number;
}

/** A further life of a stream's 4-tuple: what is its own. */
export type LifeResult = Pick<FlowResult, 'verdict' | 'endpoints' | 'crosswalk'>;

/** One connection, that is one Wireshark stream. */
export interface FlowResult {
  stream: number;
  /** Community ID 1:..., the same for both directions. */
  id: string;
  verdict: string;
  /** What others call it (Wireshark: `completeness`); only where it was asked for. */
  crosswalk?: Crosswalk;
  completeness: number;
  /** First and last frame's time, seconds since the capture's start. */
  start: number;
  end: number;
  /** First and last frame's number. */
  frames: [number, number];
  segments: number;
  /** [0] is the active opener where known, else the sender of the first captured segment. */
  endpoints: [EndpointResult, EndpointResult];
  /**
   * Further lives of the 4-tuple that began inside the same Wireshark stream (an end that answered an older SYN, or began anew
   * while its peer repeated the SYN). Their segments are counted above.
   */
  furtherLives?: LifeResult[];
  findings: FindingResult[];
  /** What the payload looks like ("HTTP", "TLS example.com"), or "" */
  app: string;
  /** True: told before, and then another segment came. The last account holds. */
  revised?: true;
  /** True: told before its end because more connections were open at once than may be held; what came later is another flow. */
  evicted?: true;
}

/** The flow itself and its further lives, each as a flow: for whoever counts endpoints. */
export function livesOf(flow: FlowResult): FlowResult[] {
  return [flow, ...(flow.furtherLives ?? []).map((life) => ({ ...flow, ...life }))];
}

export interface FindingResult {
  code: string;
  severity: 'error' | 'warn' | 'note' | 'chat';
  frame: number | null;
  time: number | null;
  /** 0 or 1: index into `endpoints`; null where it concerns both. */
  endpoint: 0 | 1 | null;
  message: string;
  /** How often it happened in this direction of this connection: segments where it is about segments, else 1. */
  count: number;
  /** `count` as a part of what it is counted among, 0 to 1; null where that makes no sense. */
  share: number | null;
  /** The frame to look at for the worst case; null where all are alike. */
  worstFrame: number | null;
  /** "lowered" where the quality of the capture puts it in doubt; `because` says how. */
  confidence: 'high' | 'lowered';
  because?: string;
}

/** What is told of the capture as a whole: of its quality, or of many connections together. */
export interface CaptureFindingResult {
  code: string;
  severity: 'error' | 'warn' | 'note' | 'chat';
  /** The first frame and connection to look at, where there is one. */
  frame: number | null;
  stream: number | null;
  time: number | null;
  /** Whom the message speaks of: a host, a service ("addr:port"); null for the capture. */
  subject: string | null;
  /** The host it is about, the service or other host it has to do with, or null. */
  host: string | null;
  service: string | null;
  message: string;
  /** Connections or frames concerned. */
  count: number;
  /** A few of the connections, for a closer look. */
  streams: number[];
  confidence: 'high' | 'lowered';
  because?: string;
}

/** Connections that nobody answered, told as numbers only because more were open at once than may be held. */
export interface FoldedResult {
  /** How many, and their segments: all SYNs. */
  flows: number;
  segments: number;
  /** Whom they asked, those asked most first, and how many asked others. */
  servers: { addr: string; port: number; flows: number }[];
  otherServers: number;
  /** Where they came from, /24 of IPv4 and /64 of IPv6, and how many came from elsewhere. */
  networks: { network: string; flows: number }[];
  otherNetworks: number;
}

/** The capture as a whole. */
export interface CaptureResult {
  /** The inputs as the user named them. */
  files: string[];
  /** ISO 8601 time of the first frame with nine decimals, or null in a capture without frames. */
  start: string | null;
  /** Seconds from the first frame to the latest. */
  duration: number;
  frames: number;
  tcpSegments: number;
  /** Bytes the frames had on the wire. */
  bytes: number;
  /** Link types met, as tcpdump names them without the prefix: "ETHERNET", "LINUX_SLL", "RAW". */
  linkTypes: string[];
  /** "pcap", "pcapng" with "gzip" or "zstd" around it, per file. */
  formats: string[];
  /** True if some file ends in mid-record or is damaged part-way. */
  truncated: boolean;
  /** Damage and limits, one sentence each. */
  warnings: string[];
  /** True if the run was interrupted. */
  interrupted: boolean;
  /** Number of connections (Wireshark streams). */
  streams: number;
  /** What is told of the capture as a whole, the gravest first. */
  captureFindings: CaptureFindingResult[];
  /** Frames without TCP by the layer at which decoding stopped: {"ARP": 3, "UDP": 12}. */
  otherFrames: Record<string, number>;
  /** Present where the ceiling of connections (`maxFlows`) was reached, or memory ran out: what was counted only; how many were told early. */
  folded?: FoldedResult;
  evicted?: number;
}
