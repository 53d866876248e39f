// In: the name of a command. Out: its module, loaded only then: a command costs nothing until it is called.
// A new command is one file in commands/ and one entry here.

import type { CommandModule, CommonOptions } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line of `tcpstate --help`. */
  readonly summary: string;
  /** Options are each module's own affair: what it declares it reads. */
  load(): Promise<CommandModule<never>>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'analyze',
    summary: 'what happened: the connections, the states both ends went through, and why',
    load: async () => (await import('./commands/analyze.ts')).command,
  },
  {
    name: 'packets',
    summary: "one row per TCP segment: Wireshark's numbers, and both ends' states beside them",
    load: async () => (await import('./commands/packets.ts')).command,
  },
  {
    name: 'sockets',
    summary: 'which sockets existed at a moment, as ss would have shown them: `ss -tan` for the past',
    load: async () => (await import('./commands/sockets.ts')).command,
  },
  {
    name: 'buildup',
    summary: 'what builds up (TIME_WAIT, CLOSE_WAIT ...), who causes it, and where it is heading',
    load: async () => (await import('./commands/buildup.ts')).command,
  },
  {
    name: 'check',
    summary: 'a gate for CI: rules over connections, segments and findings; exit code 1 where one does not hold',
    load: async () => (await import('./commands/check.ts')).command,
  },
  {
    name: 'diff',
    summary: 'what the services of two captures do otherwise: verdicts, states, findings, times',
    load: async () => (await import('./commands/diff.ts')).command,
  },
  {
    name: 'explain',
    summary: 'what a state, an event, a verdict or a finding means; what a frame did and why; the state diagram',
    load: async () => (await import('./commands/explain.ts')).command,
  },
  {
    name: 'fields',
    summary: 'the names that -Y and the rules of check can ask about',
    load: async () => (await import('./commands/fields.ts')).command,
  },
];

export type AnyCommandModule = CommandModule<CommonOptions>;
