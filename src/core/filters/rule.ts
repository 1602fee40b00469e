import type {
  Chain,
  ChainClass,
  FilterId,
  FilterResult,
  FilterSettings,
  PieceRecord,
  Segment,
  Span,
  Verdict,
} from '../schemas/index.ts';
import type { BenchmarkIndex } from './benchmark-index.ts';

/** A dialogue chain, an imported trace or a response of stage 2. A filter that needs an absent member does not apply. */
export interface FilterSubject {
  /** Of a dialogue chain. */
  class?: ChainClass | undefined;
  /** Of a repaired chain; its wrong part is the last one that is not trained. */
  repairs?: Chain['repairs'] | undefined;
  /** The trained text: the assembled text, the trace or the response. */
  text: string;
  /** Markdown of the problem; undefined if it no longer exists. */
  problem: string | undefined;
  /**
   * The raw pieces in order, with the verdict of each answer: `answer[1]`, `check[1]`, … `answer[h]`, `summary` of a dialogue; for an imported
   * trace one `trace`, or a `trace` and its answer as `summary`. If absent, the text is one `trace`.
   */
  pieces?: readonly PieceRecord[];
  /** Places of the pieces in `text`; assembly removed a piece without a segment. Absent without assembly. */
  segments?: readonly Segment[];
  /** Grading of the final answer. */
  verdict: Verdict;
  /** Completion tokens reported by the server; otherwise a quarter of the characters is used. */
  tokens?: { count: number; estimated: boolean };
  /** `finish_reason` of a response without pieces. */
  finish?: string;
  /** The behaviours in the text, without labels of reviewers. */
  spans?: readonly Span[];
}

export type FilterInput = FilterSubject & { pieces: readonly PieceRecord[] };

/** What filters need of other texts. */
export interface FilterContext {
  /** Of the other chains of a finished round. */
  band?: LengthBand;
  /** The benchmark problems of the dataset, if any. */
  benchmarks?: BenchmarkIndex;
}

/** Range of the lengths of a round's chains, in UTF-16 code units; see bandOf. */
export interface LengthBand {
  low: number;
  high: number;
  /** Number of chains that it is based on. */
  chains: number;
}

export type Measured = Omit<FilterResult, 'id'>;

/** A filter: an id and a measurement against thresholds. */
export interface FilterRule {
  id: FilterId;
  /** The requirement, for docs/reference/filters.md. */
  asks: string;
  /** The settings that it uses. */
  thresholds: readonly Exclude<keyof FilterSettings, 'off'>[];
  /** Depends on the grading of answers, so that a regrading measures it again. */
  ofVerdicts?: true;
  /** Undefined if the filter does not apply to the subject. */
  measure: (input: FilterInput, settings: FilterSettings, context: FilterContext) => Measured | undefined;
}

export const CHARACTERS_PER_TOKEN = 4;

/** Tokens of the text: as the server counted them, else estimated. */
export function tokensOf({ text, tokens }: Pick<FilterSubject, 'text' | 'tokens'>): number {
  return tokens && !tokens.estimated ? tokens.count : text.length / CHARACTERS_PER_TOKEN;
}

/** The raw piece with a name. */
export function pieceOf(input: FilterInput, name: PieceRecord['piece']): PieceRecord | undefined {
  return input.pieces.find((piece) => piece.piece === name);
}

/** `answer[1]` to `answer[h]`. */
export function answersOf({ pieces }: FilterInput): PieceRecord[] {
  return pieces.filter(({ piece }) => piece.startsWith('answer['));
}

/** The checks, each with the answer that it checks. */
export function checksOf(input: FilterInput): { check: PieceRecord; answer: PieceRecord }[] {
  return input.pieces.flatMap((check) => {
    const number = /^check\[(\d+)\]$/.exec(check.piece)?.[1];
    const answer = number === undefined ? undefined : pieceOf(input, `answer[${number}]`);
    return answer ? [{ check, answer }] : [];
  });
}
