// In: what a rule found. Out: finished findings, with severity and words of the catalog and the confidence the capture allows.

import type { FlowFacts, SideFacts } from '../tcp/flow-facts.ts';
import type { EndpointResult, FindingResult } from '../tcp/flow-result.ts';
import { endpointText } from '../units.ts';
import { CATALOG, type Code, DOUBT_WORDS, messageOf, type ValuesOf } from './catalog.ts';
import { type Names, SEVERITIES, type Severity } from './entry.ts';

/** Where and how often it happened. */
export interface Place {
  /** The first frame that shows it. */
  frame: number;
  /** When, seconds since the capture's start; null where that is not known. */
  time: number | null;
  /** Default 1. */
  count?: number;
  /** What `count` is a part of. */
  of?: number;
  /** The frame to look at for the worst case. */
  worstFrame?: number;
}

/** Takes the findings of one connection after another. */
export class Findings {
  #flow!: FlowFacts;
  #into: FindingResult[] = [];
  #doubts = 0;
  readonly #names = new EndNames();

  /** Starts with the next connection. `doubts`: the Doubt set its capture gives rise to. */
  begin(flow: FlowFacts, doubts: number): void {
    this.#flow = flow;
    this.#doubts = doubts;
    this.#into = [];
  }

  /** `side`: the end it is about, or null for both. */
  add<C extends Code>(code: C, side: SideFacts | null, place: Place, values: ValuesOf<C>): void {
    const { flow } = this.#flow;
    const entry = CATALOG[code];
    const names = this.#names;
    names.ends = flow.endpoints;
    names.side = side === null ? 0 : side.index;
    const count = place.count ?? 1;
    const finding: FindingResult = {
      code,
      severity: entry.severity,
      frame: place.frame > 0 ? place.frame : null,
      time: place.time,
      endpoint: side === null ? null : side.index,
      message: messageOf(code, values, names),
      count,
      share: place.of !== undefined && place.of > 0 ? Math.min(1, count / place.of) : null,
      worstFrame: place.worstFrame ?? null,
      confidence: 'high',
    };
    const because = doubtWords(entry.doubts & this.#doubts);
    if (because !== null) {
      finding.confidence = 'lowered';
      finding.because = because;
    }
    this.#into.push(finding);
  }

  /** The findings of this connection, the gravest first, then by frame. */
  end(): FindingResult[] {
    const into = this.#into;
    return into.length < 2 ? into : into.sort(compareFindings);
  }
}

/** Written when a message asks for them: most say nothing of addresses. */
class EndNames implements Names {
  ends!: readonly [EndpointResult, EndpointResult];
  side: 0 | 1 = 0;

  get me(): string {
    return endpointText(this.ends[this.side]);
  }

  get peer(): string {
    return endpointText(this.ends[this.side === 0 ? 1 : 0]);
  }
}

/** The first reason for doubt in a Doubt set, or null. */
export function doubtWords(doubts: number): string | null {
  if (doubts === 0) return null;
  for (const [bit, words] of DOUBT_WORDS) if ((doubts & bit) !== 0) return words;
  return null;
}

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function compareFindings(a: FindingResult, b: FindingResult): number {
  const bySeverity = severityRank(a.severity) - severityRank(b.severity);
  if (bySeverity !== 0) return bySeverity;
  return (a.frame ?? 0) - (b.frame ?? 0) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}
