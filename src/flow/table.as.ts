// In: a table of 4-tuples (table.ts), as words, and the ends of a segment. Out: the newest connection between them.

import { allocate, free } from '../linear/memory.as.ts';
import { get, put } from '../linear/words.as.ts';
import { ENTRY_WORDS, FRONT_PLACES, FRONT_WORDS, TableWord } from '../numbers.as.ts';
import { hashOfEnds } from '../wire/share.as.ts';
import { rowAt } from './rows.as.ts';

const ENTRY_BYTES = ENTRY_WORDS * 4;
const PLACE_BYTES = FRONT_WORDS * 4;
const PLACE_ENTRIES = FRONT_WORDS / ENTRY_WORDS;

/** The row of connection `index`. */
export function connectionAt(table: i32, index: i32): i32 {
  return rowAt(get(table, TableWord.PAGES), index, get(table, TableWord.ROW_BYTES));
}

export function find(table: i32, source: i32, sourcePort: i32, destination: i32, destinationPort: i32): i32 {
  const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
  return findHashed(table, hash, source, sourcePort, destination, destinationPort);
}

/** As FlowTable.find, with the hash of the ends known already. */
export function findHashed(
  table: i32,
  hash: i32,
  source: i32,
  sourcePort: i32,
  destination: i32,
  destinationPort: i32,
): i32 {
  const place = frontOf(table, hash);
  for (let entry = 0; entry < PLACE_ENTRIES; entry++) {
    const at = place + entry * ENTRY_BYTES;
    if (get(at, 0) !== hash) continue;
    const found = compare(table, get(at, 1), source, sourcePort, destination, destinationPort);
    if (found >= 0) return found;
  }
  const slot = slotOf(table, hash, source, sourcePort, destination, destinationPort);
  const connection = get(slot, 1);
  if (connection === 0) return -1;
  memory.copy(place + ENTRY_BYTES, place, PLACE_BYTES - ENTRY_BYTES);
  put(place, 0, hash);
  put(place, 1, connection);
  return compare(table, connection, source, sourcePort, destination, destinationPort);
}

/** See FlowTable.set. */
export function set(
  table: i32,
  source: i32,
  sourcePort: i32,
  destination: i32,
  destinationPort: i32,
  index: i32,
): void {
  const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
  const slot = slotOf(table, hash, source, sourcePort, destination, destinationPort);
  const before = get(slot, 1);
  put(slot, 0, hash);
  put(slot, 1, index + 1);
  if (before !== 0) {
    replaceInFront(table, hash, before, index + 1);
    return;
  }
  const size = get(table, TableWord.SIZE) + 1;
  put(table, TableWord.SIZE, size);
  if (size * 2 > get(table, TableWord.MASK)) grow(table);
}

/** See FlowTable.delete. */
export function remove(
  table: i32,
  source: i32,
  sourcePort: i32,
  destination: i32,
  destinationPort: i32,
  index: i32,
): void {
  const hash = hashOfEnds(source, sourcePort, destination, destinationPort);
  const mask = get(table, TableWord.MASK);
  const slots = get(table, TableWord.SLOTS);
  let hole = hash & mask;
  while (get(slots + hole * ENTRY_BYTES, 1) !== index + 1) {
    if (get(slots + hole * ENTRY_BYTES, 1) === 0) return;
    hole = (hole + 1) & mask;
  }
  put(table, TableWord.SIZE, get(table, TableWord.SIZE) - 1);
  replaceInFront(table, hash, index + 1, 0);
  // Linear probing without tombstones: pull back each later entry whose home is not between the hole and itself.
  let next = hole;
  for (;;) {
    put(slots + hole * ENTRY_BYTES, 1, 0);
    for (;;) {
      next = (next + 1) & mask;
      const at = slots + next * ENTRY_BYTES;
      if (get(at, 1) === 0) return;
      const home = get(at, 0) & mask;
      const between = hole <= next ? hole < home && home <= next : hole < home || home <= next;
      if (!between) break;
    }
    memory.copy(slots + hole * ENTRY_BYTES, slots + next * ENTRY_BYTES, ENTRY_BYTES);
    hole = next;
  }
}

/** Where `find` looks first. */
export function frontOf(table: i32, hash: i32): i32 {
  return get(table, TableWord.FRONT) + (hash & (FRONT_PLACES - 1)) * PLACE_BYTES;
}

/** Where it looks for what is new. */
export function homeOf(table: i32, hash: i32): i32 {
  return get(table, TableWord.SLOTS) + (hash & get(table, TableWord.MASK)) * ENTRY_BYTES;
}

/** As `find`, of the one connection (`connection`: index + 1, or 0 for none): -1 if it is between other ends. */
function compare(
  table: i32,
  connection: i32,
  source: i32,
  sourcePort: i32,
  destination: i32,
  destinationPort: i32,
): i32 {
  if (connection === 0) return -1;
  const ends = connectionAt(table, connection - 1) + get(table, TableWord.ENDS) * 4;
  const a = get(ends, 0);
  const portA = get(ends, 1);
  const b = get(ends, 2);
  const portB = get(ends, 3);
  if (a === source && portA === sourcePort && b === destination && portB === destinationPort) return 2 * connection - 2;
  if (b === source && portB === sourcePort && a === destination && portA === destinationPort) return 2 * connection - 1;
  return -1;
}

/** The slot that holds the tuple, or the empty one where it belongs. */
function slotOf(table: i32, hash: i32, source: i32, sourcePort: i32, destination: i32, destinationPort: i32): i32 {
  const mask = get(table, TableWord.MASK);
  const slots = get(table, TableWord.SLOTS);
  let slot = hash & mask;
  let at = slots + slot * ENTRY_BYTES;
  while (get(at, 1) !== 0) {
    const isSame = get(at, 0) === hash;
    if (isSame && compare(table, get(at, 1), source, sourcePort, destination, destinationPort) >= 0) break;
    slot = (slot + 1) & mask;
    at = slots + slot * ENTRY_BYTES;
  }
  return at;
}

/** `by`: 0 takes the copy away. */
function replaceInFront(table: i32, hash: i32, connection: i32, by: i32): void {
  const place = frontOf(table, hash);
  for (let entry = 0; entry < PLACE_ENTRIES; entry++) {
    const at = place + entry * ENTRY_BYTES;
    if (get(at, 1) === connection) put(at, 1, by);
  }
}

function grow(table: i32): void {
  const old = get(table, TableWord.SLOTS);
  const count = get(table, TableWord.MASK) + 1;
  const slots = allocate(2 * count * ENTRY_BYTES);
  const mask = 2 * count - 1;
  for (let entry = 0; entry < count; entry++) {
    const at = old + entry * ENTRY_BYTES;
    if (get(at, 1) === 0) continue;
    let slot = get(at, 0) & mask;
    while (get(slots + slot * ENTRY_BYTES, 1) !== 0) slot = (slot + 1) & mask;
    memory.copy(slots + slot * ENTRY_BYTES, at, ENTRY_BYTES);
  }
  put(table, TableWord.SLOTS, slots);
  put(table, TableWord.MASK, mask);
  free(old, count * ENTRY_BYTES);
}
