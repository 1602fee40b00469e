import type { ChainClass, FilterResult, FilterSettings, PieceRecord, Verdict } from '../model/index.ts';

/** What a filter may look at. For an imported trace, `pieces` is one `trace`, or a `trace` and the answer after it as `summary`. */
export interface FilterInput {
  class: ChainClass | undefined;
  /** The assembled text. */
  text: string;
  /** The raw pieces in reading order, with the verdict of each answer. */
  pieces: readonly PieceRecord[];
  /** Grading of the chain's final answer. */
  verdict: Verdict;
  /** Pieces after answer[1] were written with the trusted answer in the prompt: it must not show. */
  hinted?: boolean;
}

export type Measured = Omit<FilterResult, 'id'>;

/** One filter: an id, and a measurement against its threshold. Undefined = the filter does not apply to such a chain. */
export interface FilterRule {
  id: string;
  measure: (input: FilterInput, settings: FilterSettings) => Measured | undefined;
}

/** The raw piece of that name. */
export function pieceOf(input: FilterInput, name: PieceRecord['piece']): PieceRecord | undefined {
  return input.pieces.find((piece) => piece.piece === name);
}
