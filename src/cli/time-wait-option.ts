// In: --time-wait, given once or several times. Out: how long TIME_WAIT lasts, in general and at single hosts.

import type { Command } from 'commander';
import { DEFAULT_TIME_WAIT_SECONDS } from '../analyze.ts';
import { TimeWaitLengths } from '../occupancy/time-wait.ts';
import { seconds } from './options.ts';

/** The option's value while it is gathered. */
export interface TimeWaitChoice {
  standard: number;
  byHost: Map<string, number>;
}

/** Lets the command's --time-wait be given per host as well. Call it after the common options are declared. */
export function declareTimeWaitPerHost(command: Command): void {
  const option = command.options.find(({ long }) => long === '--time-wait');
  if (option === undefined) throw new Error('--time-wait is not declared');
  option.description =
    'how long TIME_WAIT lasts (default: 60, as on Linux; Windows 120, RFC 9293 240); HOST=SECONDS for one host, several times';
  option.argParser((text: string, before: TimeWaitChoice | undefined) => {
    const choice = before ?? { standard: DEFAULT_TIME_WAIT_SECONDS, byHost: new Map() };
    const equals = text.lastIndexOf('=');
    const value = seconds(text.slice(equals + 1));
    if (equals < 0) choice.standard = value;
    else choice.byHost.set(text.slice(0, equals).trim().toLowerCase(), value);
    return choice;
  });
}

/** What the option asks for; Linux's 60 s without it. */
export function timeWaitLengths(choice: TimeWaitChoice | undefined): TimeWaitLengths {
  return new TimeWaitLengths(choice?.standard ?? DEFAULT_TIME_WAIT_SECONDS, choice?.byHost);
}
