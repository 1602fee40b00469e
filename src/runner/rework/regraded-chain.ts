import { taggedTrace } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { classOf } from '../../core/dialogue/index.ts';
import { FILTERS, OF_VERDICTS, runFilters } from '../../core/filters/index.ts';
import {
  type Chain,
  type ChainClass,
  type FilterResult,
  type FilterSettings,
  finishOutcome,
  type PieceName,
  type PieceRecord,
  type Verdict,
} from '../../core/schemas/index.ts';

/** A chain's connecting sentences are chosen for its class, so another class makes them wrong. */
const ASSEMBLED_AS = 'assembled-as';

/** The text of a graded piece for grading; for an imported trace, with its original thought tags. */
export function gradedText(chain: Pick<Chain, 'origin' | 'pieces' | 'verdict'>, piece: PieceRecord): string {
  if (chain.origin !== 'imported') return piece.text;
  const thought = chain.pieces.find((other) => other.piece === 'trace' && other !== piece);
  if (thought) return taggedTrace({ thought: thought.text, answer: piece.text });
  // A trace truncated in its thought has no answer, even with boxes in it.
  const isTruncated = finishOutcome(piece.finish ?? '') === 'truncated' && chain.verdict.extracted === undefined;
  return isTruncated ? taggedTrace({ thought: piece.text, answer: '', finished: false }) : piece.text;
}

/** The chain with new verdicts, and the resulting verdict, class and filters. The text stays. */
export function regradedChain(
  chain: Chain,
  verdicts: ReadonlyMap<PieceName, Verdict>,
  settings: FilterSettings,
): Chain {
  const pieces = chain.pieces.map((piece) => {
    const verdict = piece.verdict && verdicts.get(piece.piece);
    return verdict ? { ...piece, verdict } : piece;
  });
  const verdict = pieces.findLast((piece) => piece.verdict !== undefined)?.verdict ?? chain.verdict;
  const original = assembledClass(chain);
  // The wrong part makes the first letter of a repaired chain.
  const repaired = chain.repairs && classOf('incorrect', verdict.outcome);
  const chainClass = original && (repaired ?? newClass(pieces));
  const { text, segments, repairs } = chain;
  const subject = { class: chainClass, text, problem: undefined, pieces, segments, verdict, repairs };
  // The results of other filters stay.
  const again = runFilters(subject, settings, {}, OF_VERDICTS);
  const filters = joined(chain.filters, again, original, chainClass);
  const { class: _, ...rest } = chain;
  return {
    ...rest,
    ...defined({ class: chainClass }),
    pieces,
    verdict,
    filters,
    passed: filters.every((filter) => filter.passed),
  };
}

function newClass(pieces: readonly PieceRecord[]): ChainClass | undefined {
  const answers = pieces.filter((piece) => piece.piece.startsWith('answer['));
  const [first, last] = [answers[0]?.verdict, answers.at(-1)?.verdict];
  return first && last && classOf(first.outcome, last.outcome);
}

/** The class for which the text was assembled. */
function assembledClass(chain: Chain): ChainClass | undefined {
  const assembledAs = chain.filters.find((filter) => filter.id === ASSEMBLED_AS)?.threshold;
  return (['FT', 'TT', 'TF', 'FF'] as const).find((each) => each === assembledAs) ?? chain.class;
}

function joined(
  before: readonly FilterResult[],
  again: readonly FilterResult[],
  original: ChainClass | undefined,
  chainClass: ChainClass | undefined,
): FilterResult[] {
  const kept = before.filter((filter) => !OF_VERDICTS.has(filter.id) && filter.id !== ASSEMBLED_AS);
  const filters = [...again, ...kept];
  const place = (id: string): number => FILTERS.findIndex((rule) => rule.id === id) + 1 || FILTERS.length + 1;
  filters.sort((x, y) => place(x.id) - place(y.id));
  if (original === chainClass) return filters;
  const reason = `The text was assembled as ${original}; its class by the new grading is ${chainClass ?? 'none'}.`;
  return [
    ...filters,
    { id: ASSEMBLED_AS, passed: false, value: chainClass ?? null, threshold: original ?? null, reason },
  ];
}
