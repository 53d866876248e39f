// In: the name of a rule file or a baseline. Out: its text. The only file of the cli that reads files; captures are capture/'s.

import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { systemReason } from './output.ts';

/** `what` is what an error calls it. @throws UsageError */
export function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : systemReason(error as NodeJS.ErrnoException);
    throw new UsageError(`cannot read the ${what} ${path}: ${reason}`);
  }
}

export function isFile(path: string): boolean {
  return existsSync(path);
}
