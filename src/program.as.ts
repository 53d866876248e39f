// In: nothing. Out: all of the program in linear memory that JavaScript calls; linear/program.ts says the types once more.

export { isSteady } from './capture/frame-run.as.ts';
export { readRecords } from './capture/pcap.as.ts';
export { find, remove, set } from './flow/table.as.ts';
export { writeLives } from './report/life-json.as.ts';
export { differs, remember } from './tcp/content-memory.as.ts';
export { observePlain, observeSequence } from './tcp/plain.as.ts';
export { begin, begins, observe } from './tcp/textbook.as.ts';
export { readLives } from './tcp/textbook-life.as.ts';
export { beginRun, observeRun, touchRows } from './tcp/trace.as.ts';
export { acknowledge, addUnacked, clearUnacked, findOldest, flight } from './tcp/unacked.as.ts';
export { checksum, readRows } from './wire/segment-run.as.ts';
