// In: every connection, one by one. Out: the answer in words: how many, what became of them, what deserves a look and where.

import { findEntry } from '../anomaly/catalog.ts';
import type {
  CaptureFindingResult,
  CaptureResult,
  EndpointResult,
  FindingResult,
  FlowResult,
} from '../tcp/flow-result.ts';
import { count, counted } from '../units.ts';
import { endpointText } from './endpoint-text.ts';
import { OUTCOME_GROUPS, type OutcomeGroup, outcomeOf } from './outcome.ts';
import { printable } from './printable.ts';

export type Severity = FindingResult['severity'];

/** One thing to look at. */
export interface Remark {
  severity: Severity;
  text: string;
}

/** Remarks about errors and warnings; more would bury the first. */
const MOST_REMARKS = 5;
/** With fewer than this, notes fill up. */
const LEAST_REMARKS = 3;
/** Endpoints counted by name per finding. A scan has millions; those beyond are counted without their name. */
const MOST_NAMES = 1000;

const SEVERITY_ORDER: readonly Severity[] = ['error', 'warn', 'note', 'chat'];

const GROUP_WORDS: Readonly<Record<OutcomeGroup, string>> = {
  closed: 'closed',
  open: 'still open at the end',
  'half-closed': 'half closed at the end',
  reset: 'reset',
  'reset-after-fin': 'reset after a FIN',
  refused: 'refused',
  unanswered: 'never answered',
  'half-open': 'half open',
  'mid-stream': 'seen only in part',
};

/** For one connection alone; where there is none the list's own words say it best: "closed by client". */
const SINGLE_WORDS: Readonly<Partial<Record<OutcomeGroup, string>>> = {
  open: 'still open when the capture ends',
  'half-closed': 'closed on one side only when the capture ends',
  refused: 'refused',
  unanswered: 'never answered',
  'half-open': 'half open: the handshake was never completed',
};

/** One kind of finding: in how many connections, with whom, and the first of them. */
class Topic {
  connections = 0;
  readonly #example: { flow: FlowResult; finding: FindingResult };
  readonly #names = new Map<string, number>();
  #lastStream = -1;

  constructor(flow: FlowResult, finding: FindingResult) {
    // Of the flow only what a remark names may live on: there may be a hundred thousand others.
    this.#example = { flow, finding };
  }

  add(flow: FlowResult, finding: FindingResult): void {
    if (flow.stream === this.#lastStream) return;
    this.#lastStream = flow.stream;
    this.connections++;
    const name = subjectName(flow, finding);
    const known = this.#names.get(name);
    if (known !== undefined || this.#names.size < MOST_NAMES) this.#names.set(name, (known ?? 0) + 1);
  }

  get code(): string {
    return this.#example.finding.code;
  }

  get remark(): Remark {
    const { flow, finding } = this.#example;
    const { severity, code } = finding;
    const frame = finding.frame === null ? '' : `, frame ${finding.frame}`;
    const where = `stream ${flow.stream}${frame}`;
    if (this.connections === 1) {
      const subject = finding.endpoint === null ? '' : `${endpointText(flow.endpoints[finding.endpoint])}: `;
      return { severity, text: `${subject}${printable(finding.message)} (${where})` };
    }
    let leader = ['', 0] as [name: string, n: number];
    for (const entry of this.#names) if (entry[1] > leader[1]) leader = entry;
    const [name, n] = leader;
    const share = n === this.connections ? 'all of them' : `${count(n)} of them`;
    const who = n > 1 ? `, ${share} ${name}` : '';
    const title = findEntry(code)?.title ?? code;
    return {
      severity,
      text: `${title}: ${count(this.connections)} connections${who} (${where}, and ${count(this.connections - 1)} more)`,
    };
  }
}

/** Who a finding is about, so that many add up: a server by address and port, a client (whose ports differ) by address. */
function subjectName(flow: FlowResult, finding: FindingResult): string {
  const about: EndpointResult = flow.endpoints[finding.endpoint ?? 1];
  return about.opener === 'active' ? `from ${about.addr}` : `at ${endpointText(about)}`;
}

export class Diagnosis {
  flows = 0;
  readonly #groups = new Map<OutcomeGroup, number>();
  readonly #topics = new Map<string, Topic>();
  #firstWords: string | null = null;

  add(flow: FlowResult): void {
    this.addQuiet(flow);
    for (const finding of flow.findings) {
      if (finding.severity === 'chat') continue;
      let topic = this.#topics.get(finding.code);
      if (topic === undefined) {
        topic = new Topic(flow, finding);
        this.#topics.set(finding.code, topic);
      }
      topic.add(flow, finding);
    }
  }

  /** A connection of which nothing was found. */
  addQuiet(flow: Pick<FlowResult, 'verdict'>): void {
    this.flows++;
    const { group, words } = outcomeOf(flow);
    this.#firstWords ??= words;
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
  }

  /** How many connections there are, and what became of them. */
  opening(): string {
    if (this.flows === 0) return 'No TCP connection in it.';
    const outcomes = [...this.#groups].sort(
      ([a, x], [b, y]) => y - x || OUTCOME_GROUPS.indexOf(b) - OUTCOME_GROUPS.indexOf(a),
    );
    if (this.flows === 1) return `1 connection, ${SINGLE_WORDS[outcomes[0]![0]] ?? this.#firstWords}.`;
    if (outcomes.length === 1) return `${counted(this.flows, 'connection')}, all ${GROUP_WORDS[outcomes[0]![0]]}.`;
    return `${counted(this.flows, 'connection')}: ${outcomes.map(([group, n]) => `${count(n)} ${GROUP_WORDS[group]}`).join(', ')}.`;
  }

  /** True if there is nothing to remark. */
  isUneventful(capture: CaptureResult): boolean {
    return this.#topics.size === 0 && capture.captureFindings.every(({ severity }) => severity === 'chat');
  }

  /** What deserves a look, the gravest first; what concerns the capture or many connections before what concerns one. */
  remarks(capture: CaptureResult): Remark[] {
    const ofCapture = capture.captureFindings.map(captureRemark);
    // One connection has no kinds of findings, it has findings: they are listed as they are.
    const kinds = this.flows === 1 ? [] : [...this.#topics.values()];
    const told = kinds.filter((topic) => !isCovered(topic, capture.captureFindings));
    const topics = told.sort((a, b) => b.connections - a.connections).map((topic) => topic.remark);
    const all = [...ofCapture, ...topics]
      .filter(({ severity }) => severity !== 'chat')
      .sort((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity));
    const notes = all.findIndex(({ severity }) => severity === 'note');
    const grave = notes < 0 ? all.length : notes;
    return all.slice(0, grave >= LEAST_REMARKS ? Math.min(grave, MOST_REMARKS) : LEAST_REMARKS);
  }
}

/** A finding about the capture or about many connections says the same of at least as many. */
function isCovered(topic: Topic, captureFindings: readonly CaptureFindingResult[]): boolean {
  let covered = 0;
  for (const { code, count: concerned } of captureFindings) {
    if (findEntry(code)?.covers?.includes(topic.code)) covered += concerned;
  }
  return covered >= topic.connections;
}

function captureRemark(finding: CaptureFindingResult): Remark {
  const { subject } = finding;
  const where = [
    finding.stream === null ? '' : `stream ${finding.stream}`,
    finding.frame === null ? '' : `frame ${finding.frame}`,
  ].filter((part) => part !== '');
  return {
    severity: finding.severity,
    text: `${subject === null ? '' : `${subject}: `}${printable(finding.message)}${where.length > 0 ? ` (${where.join(', ')})` : ''}`,
  };
}
