import { goldValues, type Variables } from './value.ts';

/** A gold answer as a check sees it. */
export interface Gold {
  /** As written. */
  text: string;
  /** Its numbers, with these values for its variables. */
  values: (variables?: Variables) => number[];
  /** The one number of a gold that is a number. */
  value: number;
}

/** Whether the gold answer solves the problem: found by search, substitution or simulation, never by the method of the solution. */
export type Check = (gold: Gold) => boolean;

export function goldOf(text: string): Gold {
  const values = (variables?: Variables): number[] => goldValues(text, variables);
  return {
    text,
    values,
    get value(): number {
      const [only, ...more] = values();
      if (only === undefined || more.length > 0) throw new Error(`${text} is not one number`);
      return only;
    },
  };
}

export const near = (a: number, b: number, tolerance = 1e-9): boolean => Math.abs(a - b) <= tolerance;

/** The whole numbers from `from` to `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** All strings of that length over an alphabet. */
export function strings(alphabet: readonly number[], length: number): number[][] {
  if (length === 0) return [[]];
  return strings(alphabet, length - 1).flatMap((head) => alphabet.map((last) => [...head, last]));
}

/** All subsets of 1 … n, as sets. */
export function subsets(n: number): Set<number>[] {
  return range(0, 2 ** n - 1).map((bits) => new Set(range(1, n).filter((k) => bits & (1 << (k - 1)))));
}
