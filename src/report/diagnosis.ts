// In: every connection, one by one. Out: one to five sentences: how many, what became of them, what deserves a look and where.

import type { EndpointResult, FlowResult } from '../tcp/flow-result.ts';
import { count, counted, duration } from '../units.ts';
import { endpointText } from './endpoint-text.ts';
import { closeWaitAtEnd, OUTCOME_GROUPS, type OutcomeGroup, outcomeOf } from './outcome.ts';

/** Sentences about what is notable; more would bury the first. */
const MOST_SENTENCES = 4;
/** Endpoints counted by name per topic. A scan has millions; those beyond are counted without their name. */
const MOST_NAMES = 1000;
/** Retransmissions below this share of segments are the daily life of a network. */
const NOTABLE_RESENT_SHARE = 0.01;
const NOTABLE_RESENT = 3;

const GROUP_WORDS: Readonly<Record<OutcomeGroup, string>> = {
  closed: 'closed',
  open: 'still open at the end',
  'half-closed': 'half closed at the end',
  reset: 'reset',
  refused: 'refused',
  unanswered: 'never answered',
  'half-open': 'half open',
  'mid-stream': 'seen only in part',
};

const SINGLE_WORDS: Readonly<Record<OutcomeGroup, string>> = {
  closed: 'opened and closed',
  open: 'still open when the capture ends',
  'half-closed': 'closed on one side only when the capture ends',
  reset: 'reset',
  refused: 'refused',
  unanswered: 'never answered',
  'half-open': 'half open: the handshake was never completed',
  'mid-stream': 'of which the capture holds only a part',
};

/** One thing that happened to some connections: how many, to whom, and the first example. */
class Topic {
  count = 0;
  #example: { flow: FlowResult; frame: number | null; since: number | null } | null = null;
  readonly #byName = new Map<string, number>();

  add(flow: FlowResult, endpoint: EndpointResult, frame: number | null, since: number | null = null): void {
    this.count++;
    if (this.#example === null || (since !== null && since < (this.#example.since ?? 0)))
      this.#example = { flow, frame, since };
    const name = endpointText(endpoint);
    const known = this.#byName.get(name);
    if (known !== undefined || this.#byName.size < MOST_NAMES) this.#byName.set(name, (known ?? 0) + 1);
  }

  /** The endpoint named most often, and how often. */
  get leader(): [name: string, n: number] {
    let best: [string, number] = ['', 0];
    for (const entry of this.#byName) if (entry[1] > best[1]) best = entry;
    return best;
  }

  /** "(stream 3, frame 17, and 11 more)" */
  get where(): string {
    const example = this.#example!;
    const frame = example.frame === null ? '' : `, frame ${example.frame}`;
    const more = this.count > 1 ? `, and ${count(this.count - 1)} more` : '';
    return `(stream ${example.flow.stream}${frame}${more})`;
  }

  get since(): number {
    return this.#example?.since ?? 0;
  }
}

export class Diagnosis {
  flows = 0;
  #segments = 0;
  #resent = 0;
  #resentWorst: { flow: FlowResult; n: number } | null = null;
  readonly #groups = new Map<OutcomeGroup, number>();
  readonly #closeWait = new Topic();
  readonly #refused = new Topic();
  readonly #unanswered = new Topic();
  readonly #halfOpen = new Topic();
  readonly #reset = new Topic();

  add(flow: FlowResult): void {
    this.flows++;
    const { group } = outcomeOf(flow);
    this.#groups.set(group, (this.#groups.get(group) ?? 0) + 1);
    const [client, server] = flow.endpoints;
    if (group === 'refused') this.#refused.add(flow, server, flow.frames[1]);
    else if (group === 'unanswered') this.#unanswered.add(flow, server, flow.frames[0]);
    else if (group === 'half-open') this.#halfOpen.add(flow, server, flow.frames[0]);
    else if (group === 'reset') {
      const by = resetBy(client) ?? resetBy(server);
      this.#reset.add(flow, by?.endpoint ?? server, by?.frame ?? null);
    }
    const stuck = closeWaitAtEnd(flow);
    if (stuck !== null) this.#closeWait.add(flow, stuck.endpoint, stuck.entry.frame, stuck.entry.time);
    this.#segments += flow.segments;
    const resent = client.retransmittedSegments + server.retransmittedSegments;
    this.#resent += resent;
    if (resent > (this.#resentWorst?.n ?? 0)) this.#resentWorst = { flow, n: resent };
  }

  /** The number of connections by what became of them, most first. */
  outcomes(): [OutcomeGroup, number][] {
    const order = (group: OutcomeGroup): number => OUTCOME_GROUPS.indexOf(group);
    return [...this.#groups].sort(([a, x], [b, y]) => y - x || order(b) - order(a));
  }

  /** The whole answer, as one paragraph. */
  text(captureEnd: number): string {
    if (this.flows === 0) return 'No TCP connection in it.';
    const notable = this.#notable(captureEnd).slice(0, MOST_SENTENCES);
    return [this.#opening(), ...(notable.length === 0 ? ['Nothing unusual.'] : notable)].join(' ');
  }

  #opening(): string {
    const outcomes = this.outcomes();
    if (this.flows === 1) return `1 connection, ${SINGLE_WORDS[outcomes[0]![0]]}.`;
    if (outcomes.length === 1) return `${counted(this.flows, 'connection')}, all ${GROUP_WORDS[outcomes[0]![0]]}.`;
    return `${counted(this.flows, 'connection')}: ${outcomes.map(([group, n]) => `${count(n)} ${GROUP_WORDS[group]}`).join(', ')}.`;
  }

  #notable(captureEnd: number): string[] {
    const sentences: string[] = [];
    const stuck = this.#closeWait;
    if (stuck.count > 0) {
      const [name, n] = stuck.leader;
      const held = `since ${duration(stuck.since)}, ${duration(captureEnd - stuck.since)} before the end`;
      sentences.push(
        stuck.count === 1
          ? `${name} sits in CLOSE_WAIT ${held}: its peer has closed, it has not ${stuck.where}.`
          : `${count(stuck.count)} sit in CLOSE_WAIT at the end, ${share(n, stuck.count)}with ${name}, the oldest ${held}: their peers have closed, they have not ${stuck.where}.`,
      );
    }
    if (this.#refused.count > 0) sentences.push(sentence(this.#refused, 'refused by'));
    if (this.#unanswered.count > 0) sentences.push(unanswered(this.#unanswered));
    if (this.#reset.count > 0) sentences.push(sentence(this.#reset, 'reset by'));
    if (this.#halfOpen.count > 0) sentences.push(sentence(this.#halfOpen, 'never completed the handshake with'));
    if (this.#resent >= NOTABLE_RESENT && this.#resent / this.#segments >= NOTABLE_RESENT_SHARE) {
      const worst = this.#resentWorst!;
      const percent = ((100 * this.#resent) / this.#segments).toFixed(1);
      sentences.push(
        `${counted(this.#resent, 'segment')} of ${count(this.#segments)} sent again (${percent} %), most in stream ${worst.flow.stream} (${count(worst.n)}).`,
      );
    }
    return sentences;
  }
}

function sentence(topic: Topic, words: string): string {
  const [name, n] = topic.leader;
  const were = words.endsWith(' by') ? (topic.count === 1 ? 'was ' : 'were ') : '';
  if (n === topic.count) return `${count(topic.count)} ${were}${words} ${name} ${topic.where}.`;
  return `${count(topic.count)} ${were}${words.replace(/ (by|with)$/, '')}, ${count(n)} of them ${words.split(' ').at(-1)} ${name} ${topic.where}.`;
}

function unanswered(topic: Topic): string {
  const [name, n] = topic.leader;
  const who = n === topic.count ? name : `${name} and others`;
  return `No answer to ${topic.count === 1 ? 'the SYN' : `the SYNs of ${count(topic.count)}`} from ${who} ${topic.where}.`;
}

function share(n: number, all: number): string {
  return n === all ? 'all ' : `${count(n)} of them `;
}

/** Where this endpoint sent the reset that ended the connection. */
function resetBy(endpoint: EndpointResult): { endpoint: EndpointResult; frame: number | null } | null {
  const entry = endpoint.states.find((state) => state.cause?.startsWith('snd RST'));
  return entry === undefined ? null : { endpoint, frame: entry.frame };
}
