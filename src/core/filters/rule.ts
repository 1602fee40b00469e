import type {
  ChainClass,
  FilterId,
  FilterResult,
  FilterSettings,
  PieceRecord,
  Segment,
  Verdict,
} from '../model/index.ts';
import type { BenchmarkIndex } from './benchmark-index.ts';

/**
 * What is filtered: a dialogue chain, an imported trace or a response of stage 2. A filter that looks at something which the subject
 * lacks does not apply to it.
 */
export interface FilterSubject {
  /** Of a dialogue chain. */
  class?: ChainClass | undefined;
  /** What would be trained on: the assembled text, the trace, the response. */
  text: string;
  /** Markdown of the problem; undefined where it is gone. */
  problem: string | undefined;
  /**
   * The raw pieces in reading order, with the verdict of each answer: `answer[1]`, `check[1]`, … `answer[h]`, `summary` of a dialogue;
   * for an imported trace one `trace`, or a `trace` and the answer after it as `summary`. Left out, the text is one `trace`.
   */
  pieces?: readonly PieceRecord[];
  /** Where the pieces stand in `text`; a piece without a segment was left out of it. Absent where there was no assembly. */
  segments?: readonly Segment[];
  /** Grading of the final answer. */
  verdict: Verdict;
  /** Completion tokens as the server counted them; absent or estimated, a quarter of the characters stands for them. */
  tokens?: { count: number; estimated: boolean };
  /** `finish_reason` of a response without pieces. */
  finish?: string;
}

/** A subject as rules see it: with its pieces. */
export type FilterInput = FilterSubject & { pieces: readonly PieceRecord[] };

/** What of other texts a filter needs. */
export interface FilterContext {
  /** Of the round's other chains; known when it has ended. */
  band?: LengthBand;
  /** The benchmark problems of the dataset; absent where it has none. */
  benchmarks?: BenchmarkIndex;
}

/** Between which lengths the chains of a round lie, in UTF-16 code units of their texts; see bandOf. */
export interface LengthBand {
  low: number;
  high: number;
  /** How many chains it was taken from. */
  chains: number;
}

export type Measured = Omit<FilterResult, 'id'>;

/** One filter: an id, and a measurement against its threshold. */
export interface FilterRule {
  id: FilterId;
  /** What it asks of a chain, as a sentence for docs/filters.md. */
  asks: string;
  /** The settings that it goes by. */
  thresholds: readonly Exclude<keyof FilterSettings, 'off'>[];
  /** Whether its word follows from how answers are graded, so that a regrading measures it again. */
  ofVerdicts?: true;
  /** Undefined = the filter does not apply to such a subject. */
  measure: (input: FilterInput, settings: FilterSettings, context: FilterContext) => Measured | undefined;
}

/** The raw piece of that name. */
export function pieceOf(input: FilterInput, name: PieceRecord['piece']): PieceRecord | undefined {
  return input.pieces.find((piece) => piece.piece === name);
}

/** `answer[1]` to `answer[h]`. */
export function answersOf({ pieces }: FilterInput): PieceRecord[] {
  return pieces.filter(({ piece }) => piece.startsWith('answer['));
}

/** The checks, each with the answer before it, which it checks. */
export function checksOf(input: FilterInput): { check: PieceRecord; answer: PieceRecord }[] {
  return input.pieces.flatMap((check) => {
    const number = /^check\[(\d+)\]$/.exec(check.piece)?.[1];
    const answer = number === undefined ? undefined : pieceOf(input, `answer[${number}]`);
    return answer ? [{ check, answer }] : [];
  });
}
