// In: what a rule found about the capture as a whole. Out: finished findings, with severity and words of the catalog.

import type { CaptureFindingResult } from '../tcp/flow-result.ts';
import { endpointText } from '../units.ts';
import { CATALOG, type Code, messageOf, type ValuesOf } from './catalog.ts';
import { severityRank } from './findings.ts';
import type { Examples } from './tally/examples.ts';

/** Findings of one code: more than this are counted in the last one's place, the largest first. A scan hits thousands of services. */
const MOST_PER_CODE = 20;

export class CaptureFindings {
  readonly #found: CaptureFindingResult[] = [];
  /** Why findings about connections are less sure, or null; set before the rules run. */
  doubt: string | null = null;

  /** About a service. */
  service<C extends Code>(
    code: C,
    service: { addr: string; port: number },
    examples: Examples,
    values: ValuesOf<C>,
  ): void {
    this.at(code, service.addr, endpointText(service), examples, values);
  }

  /** About a host, toward `peer` (a host or service) where there is one. */
  host<C extends Code>(code: C, host: string, peer: string, examples: Examples, values: ValuesOf<C>): void {
    this.#add(code, host, host, peer === '' ? null : peer, examples, values, { me: host, peer });
  }

  /** About what a host does with a service. */
  at<C extends Code>(code: C, host: string, service: string, examples: Examples, values: ValuesOf<C>): void {
    // A server is known by its port, a client is not.
    const subject = service.startsWith(host) || service.startsWith(`[${host}]`) ? service : host;
    this.#add(code, subject, host, service, examples, values, { me: service, peer: host });
  }

  /** About the capture. `count` in place of the examples' where frames are counted. */
  capture<C extends Code>(code: C, examples: Examples, values: ValuesOf<C>, count = examples.count): void {
    this.#add(code, null, null, null, examples, values, { me: '', peer: '' }, count);
  }

  /** All of them, the gravest first, within a severity those that concern most. */
  end(): CaptureFindingResult[] {
    this.#found.sort(
      (a, b) =>
        severityRank(a.severity) - severityRank(b.severity) ||
        b.count - a.count ||
        (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) ||
        (a.stream ?? -1) - (b.stream ?? -1),
    );
    const kept = new Map<string, number>();
    return this.#found.filter(({ code }) => {
      const n = (kept.get(code) ?? 0) + 1;
      kept.set(code, n);
      return n <= MOST_PER_CODE;
    });
  }

  #add<C extends Code>(
    code: C,
    subject: string | null,
    host: string | null,
    service: string | null,
    examples: Examples,
    values: ValuesOf<C>,
    names: { me: string; peer: string },
    count = examples.count,
  ): void {
    const entry = CATALOG[code];
    const finding: CaptureFindingResult = {
      code,
      severity: entry.severity,
      frame: examples.frame,
      stream: examples.stream,
      time: examples.time,
      subject,
      host,
      service,
      message: messageOf(code, values, names),
      count,
      streams: [...examples.streams],
      confidence: 'high',
    };
    if (this.doubt !== null && entry.group === 'hosts') {
      finding.confidence = 'lowered';
      finding.because = this.doubt;
    }
    this.#found.push(finding);
  }
}
