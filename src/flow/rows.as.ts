// In: the pages of a pool of rows. Out: where a row lies. See rows.ts.

import { get } from '../linear/words.as.ts';
import { POOL_PAGE_BITS } from '../numbers.as.ts';

/** Address of row `index` of a pool whose pages' addresses lie at `pages`, and whose rows have so many bytes. */
export function rowAt(pages: i32, index: i32, bytes: i32): i32 {
  return get(pages, index >>> POOL_PAGE_BITS) + (index & ((1 << POOL_PAGE_BITS) - 1)) * bytes;
}
