// In: a map of weights, too large. Out: the same with the heaviest alone.

/**
 * Forgets all but the `kept` heaviest; of those equally heavy the later ones go first. Tells `forgotten` of each that goes.
 * Linear but for sorting the weights as numbers: sorting the entries took longer than everything else that a flood of new keys costs.
 */
export function keepHeaviest<Key, Value>(
  map: Map<Key, Value>,
  kept: number,
  weightOf: (value: Value) => number,
  forgotten?: (value: Value) => void,
): void {
  if (map.size <= kept) return;
  const weights = new Float64Array(map.size);
  let n = 0;
  for (const value of map.values()) weights[n++] = weightOf(value);
  weights.sort();
  const least = weights[n - kept]!;
  // Among the heaviest are some of this weight, the first ones; where nothing is kept, none.
  let places = kept;
  for (let i = n - 1; i >= 0 && weights[i]! > least; i--) places--;
  for (const [key, value] of map) {
    const weight = weightOf(value);
    if (weight > least || (weight === least && places-- > 0)) continue;
    map.delete(key);
    forgotten?.(value);
  }
}
