import { classOf } from '../core/dialogue/index.ts';
import { FILTERS, OF_VERDICTS, runFilters } from '../core/filters/index.ts';
import { taggedTrace } from '../core/importing/index.ts';
import type {
  Chain,
  ChainClass,
  FilterResult,
  FilterSettings,
  PieceName,
  PieceRecord,
  Verdict,
} from '../core/model/index.ts';

/** The connecting sentences of a chain were chosen for its class; of another class they say what is not so. */
const ASSEMBLED_AS = 'assembled-as';

/** The text by which a graded piece of a chain is graded again: for an imported trace, the trace with its thought marked as it came. */
export function gradedText(chain: Chain, piece: PieceRecord): string {
  if (chain.origin !== 'imported') return piece.text;
  const thought = chain.pieces.find((other) => other.piece === 'trace' && other !== piece);
  if (thought) return taggedTrace({ thought: thought.text, answer: piece.text });
  // Cut short inside its thought, a trace has no answer, whatever was boxed on the way.
  const cutShort = piece.finish === 'length' && chain.verdict.extracted === undefined;
  return cutShort ? taggedTrace({ thought: piece.text, answer: '', finished: false }) : piece.text;
}

/** The chain with new verdicts of its graded pieces, and what follows from them: its own verdict, class and filters. The text stays. */
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
  const chainClass = original && newClass(pieces);
  const { text, segments } = chain;
  const subject = { class: chainClass, text, problem: undefined, pieces, segments, verdict };
  // What the others measured stands.
  const again = runFilters(subject, settings, {}, OF_VERDICTS);
  const filters = joined(chain.filters, again, original, chainClass);
  const { class: _, ...rest } = chain;
  return {
    ...rest,
    ...(chainClass ? { class: chainClass } : {}),
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

/** The class that the chain had when its text was made. */
function assembledClass(chain: Chain): ChainClass | undefined {
  const said = chain.filters.find((filter) => filter.id === ASSEMBLED_AS)?.threshold;
  return (['FT', 'TT', 'TF', 'FF'] as const).find((each) => each === said) ?? chain.class;
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
  const reason = `The text was joined as ${original}; by the new grading it is ${chainClass ?? 'of no class'}.`;
  return [
    ...filters,
    { id: ASSEMBLED_AS, passed: false, value: chainClass ?? null, threshold: original ?? null, reason },
  ];
}
