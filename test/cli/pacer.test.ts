import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Session } from '../../src/cli/command.ts';
import { Pacer } from '../../src/cli/pacer.ts';

it('asks the output only when someone waits for its answer', async () => {
  const failure = new Error('no space left on the device');
  let asked = 0;
  const output = {
    ready(): Promise<void> {
      asked++;
      return Promise.reject(failure);
    },
  };
  const pacer = new Pacer({ output: () => output } as unknown as Session, [], { shows: false });
  await pause(60);
  // Long enough after the last turn: the event loop goes first. A rejection now would have nobody to hear it.
  const progress = pacer.progress(1, null) as Promise<void>;
  expect(asked).toBe(0);
  await expect(progress).rejects.toBe(failure);
  await expect(pacer.progress(2, null)).rejects.toBe(failure);
  expect(asked).toBe(2);
});
