// In: nothing. Out: the words of src/units.ts, which findings use too.
export * from '../units.ts';
