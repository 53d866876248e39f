// In: the text of --host and --state. Out: addresses, and states under their own names. Shared by sockets and buildup.

import { InvalidArgumentError } from 'commander';
import { nearestName } from '../nearest-name.ts';
import { STATES, type StateName } from '../tcp/state.ts';

/** "10.0.0.1,fd77::1", given once or several times. */
export function hosts(text: string, before: ReadonlySet<string> = new Set()): Set<string> {
  return new Set([...before, ...text.split(',').map((host) => host.trim().toLowerCase())]);
}

/** `ss` writes some states in its own way. */
const SS_NAMES: Readonly<Record<string, StateName>> = {
  ESTAB: 'ESTABLISHED',
  SYN_RECV: 'SYN_RCVD',
  LISTENING: 'LISTEN',
};

/** "TIME_WAIT,close-wait,estab", given once or several times. */
export function states(text: string, before: ReadonlySet<StateName> = new Set()): Set<StateName> {
  const all = new Set(before);
  for (const part of text.split(',')) {
    const written = part
      .trim()
      .toUpperCase()
      .replaceAll('-', '_')
      .replace(/^FIN_WAIT([12])$/, 'FIN_WAIT_$1');
    const name = SS_NAMES[written] ?? STATES.find((state) => state === written);
    if (name === undefined) {
      const nearest = nearestName(written, STATES);
      throw new InvalidArgumentError(
        nearest === null ? `It is one of ${STATES.join(', ')}` : `Did you mean ${nearest}?`,
      );
    }
    if (name === 'CLOSED') throw new InvalidArgumentError('CLOSED is no socket, so there is none to list');
    all.add(name);
  }
  return all;
}
