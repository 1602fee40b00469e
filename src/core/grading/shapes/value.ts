import type { GradingPolicy, Method } from '../../schemas/index.ts';
import type { CalendarDate, ClockTime } from '../calendar.ts';
import type { Node } from '../expression/node.ts';

/** One end of an interval. */
export interface Bound {
  readonly value: Value;
  readonly closed: boolean;
}

/** A parsed answer. `text` is the normal form that it was read from. */
export type Value =
  /** `node` is absent if only the compute engine reads the text. */
  | { readonly shape: 'expression'; readonly text: string; readonly node: Node | undefined }
  | { readonly shape: 'numeral'; readonly text: string; readonly digits: string; readonly base: number }
  | { readonly shape: 'quantity'; readonly text: string; readonly value: Value; readonly unit: string }
  /** `(a, b, …)`; with two entries it may also be an open interval. */
  | { readonly shape: 'tuple'; readonly text: string; readonly items: readonly Value[] }
  | { readonly shape: 'set'; readonly text: string; readonly items: readonly Value[] }
  /** Several answers side by side, without order. */
  | { readonly shape: 'list'; readonly text: string; readonly items: readonly Value[] }
  | { readonly shape: 'interval'; readonly text: string; readonly low: Bound; readonly high: Bound }
  | { readonly shape: 'union'; readonly text: string; readonly items: readonly Value[] }
  | { readonly shape: 'matrix'; readonly text: string; readonly rows: readonly (readonly Value[])[] }
  /** `operators[i]` is between `operands[i]` and `operands[i + 1]`. */
  | {
      readonly shape: 'relation';
      readonly text: string;
      readonly operands: readonly Value[];
      readonly operators: readonly string[];
    }
  /** `3:4:5`, three terms or more; two are a quotient. */
  | { readonly shape: 'ratio'; readonly text: string; readonly terms: readonly Value[] }
  /** `\begin{cases}`; a piece without a condition holds in all other cases. */
  | { readonly shape: 'piecewise'; readonly text: string; readonly pieces: readonly Piece[] }
  /** Values for every integer `parameter`: `\frac{\pi}{4} + k\pi, k \in \mathbb{Z}`. */
  | { readonly shape: 'family'; readonly text: string; readonly items: readonly Value[]; readonly parameter: string }
  | { readonly shape: 'time'; readonly text: string; readonly time: ClockTime }
  | { readonly shape: 'date'; readonly text: string; readonly date: CalendarDate }
  | { readonly shape: 'text'; readonly text: string };

/** One line of a piecewise definition. */
export interface Piece {
  readonly value: Value;
  readonly condition: Value | undefined;
}

export type ValueOf<S extends Value['shape']> = Extract<Value, { shape: S }>;

/** An expression as LaTeX, with its parse tree if the built-in parser reads it. */
export type Written = Pick<ValueOf<'expression'>, 'text' | 'node'>;

/** The part of a computer algebra system that comparisons require. */
export interface SymbolicEngine {
  /** Equality of two expressions, by their trees if both have one; undefined if it can't be decided. */
  equal(gold: Written, prediction: Written): boolean | undefined;
  /** Whether the engine can read the text. */
  reads(text: string): boolean;
}

/** The state of a comparison. */
export interface Comparison {
  readonly policy: GradingPolicy;
  readonly engine: SymbolicEngine | undefined;
  /** Set when an engine would have compared an answer better. */
  needsEngine: boolean;
  /** Set when two values count as different only because no method could decide. */
  undecided: boolean;
  /** The last comparison and its reason; the sentence is made only on request. */
  method: Method;
  because: (() => string) | undefined;
  /** Compares two values of any shape. It is passed here so that shapes need not import one another. */
  equal(gold: Value, prediction: Value): boolean;
}
