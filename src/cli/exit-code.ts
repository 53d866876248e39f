// In: nothing. Out: what the exit codes mean. The whole list; no command has others.

export const ExitCode = {
  /** Done; for `check`, every rule held. */
  OK: 0,
  /** Only `check`: some rule failed. */
  RULE_FAILED: 1,
  /** Usage error, unreadable input, output that cannot be written. */
  COULD_NOT_RUN: 2,
  /** Ctrl-C or SIGTERM: what was read until then has been reported. */
  INTERRUPTED: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
