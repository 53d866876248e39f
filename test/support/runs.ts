// In: how many cases a property is tried with by default. Out: how many now: PROPERTY_RUNS times as many (npm run test:properties).

export function runs(cases: number): number {
  return cases * Number(process.env.PROPERTY_RUNS ?? 1);
}
