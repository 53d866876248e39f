// In: nothing. Out: how an input is made, small enough to be printed, and exact enough to make it again.

/** A starting input by its name, and what was done to it since. */
export interface Recipe {
  readonly seed: string;
  readonly steps: readonly Step[];
}

/** One change: the choices `random` stands for, perhaps with pieces of another input. */
export interface Step {
  readonly random: number;
  readonly other?: Recipe;
}

/**
 * What an input is:
 * `cut` a capture that ends early, `change` a capture with a few bytes changed: only read, and compared with the whole one;
 * `capture` any bytes, read and given to a command; `filter`, `rules`, `baseline` texts a user writes.
 */
export const KINDS = ['cut', 'change', 'capture', 'filter', 'rules', 'baseline'] as const;
export type Kind = (typeof KINDS)[number];

/** One try. `use`: the choices made in using the input: where it is cut, the pieces it arrives in, the command. */
export interface Trial {
  readonly kind: Kind;
  readonly input: Recipe;
  readonly use: number;
}
