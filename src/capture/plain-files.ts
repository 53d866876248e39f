// In: names of captures. Out: how large they are, if they can be read again.

import { type Stats, statSync } from 'node:fs';

/** Bytes of all files; null where one is no regular file (a stream can be read only once) or does not exist. */
export function plainBytes(paths: readonly string[]): number | null {
  let bytes = 0;
  for (const path of paths) {
    const stats = path === '-' ? null : statOrNull(path);
    if (stats === null || !stats.isFile() || stats.size === 0) return null;
    bytes += stats.size;
  }
  return bytes;
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
