import { chainSpans } from '../../core/behaviours/annotate.ts';
import type { Head } from '../../core/behaviours/head/inputs.ts';
import {
  type AssembledClass,
  assemble,
  type Connectives,
  classOf,
  isAnswer,
  piecesOf,
} from '../../core/dialogue/index.ts';
import { type FilterContext, runFilters } from '../../core/filters/index.ts';
import type { Chain, DialogueSettings, FilterSettings, PieceRecord, Problem } from '../../core/schemas/index.ts';
import type { Asked } from '../calls/asker.ts';
import type { Graded, SoFar } from './piece-call.ts';

/** The parts of a chain before its pieces are joined. */
export type ChainParts = Omit<Chain, 'class' | 'text' | 'segments' | 'spans' | 'filters' | 'passed' | 'candidates'> & {
  class: AssembledClass;
};

export interface JoinSettings {
  filters: FilterSettings;
  /** Other texts for the filters: the benchmarks of the dataset. */
  filterContext?: FilterContext | undefined;
  /** The dataset's own head of the classifier. */
  head?: Head | undefined;
  untrained: readonly string[];
  connectives: Connectives;
}

/** Joins the pieces to a chain and runs the filters. */
export function joinChain(parts: ChainParts, problem: Problem, settings: JoinSettings): Chain {
  const { id, class: chainClass, pieces, verdict, tokens } = parts;
  const assembled = assemble(id, chainClass, pieces, settings);
  const spans = chainSpans(assembled, problem.problem, settings.head);
  const filters = runFilters(
    { class: chainClass, ...assembled, problem: problem.problem, pieces, verdict, tokens, spans },
    settings.filters,
    settings.filterContext,
  );
  return {
    ...parts,
    text: assembled.text,
    segments: assembled.segments,
    spans,
    filters,
    passed: filters.every((filter) => filter.passed),
  };
}

/** The settings of a chain from its round. */
export interface ChainContext {
  round: string;
  /** Name of the model. */
  model: string;
  settings: Pick<DialogueSettings, 'turns' | 'mode' | 'untrained'>;
  filters: FilterSettings;
  /** As in JoinSettings. */
  filterContext?: FilterContext | undefined;
  /** As in JoinSettings. */
  head?: Head | undefined;
  connectives: Connectives;
}

/**
 * Assembles a chain of its graded pieces and runs the filters; undefined for class FF, which has no chains.
 * @throws Error when a piece is missing or an answer is not graded.
 */
export function makeChain(problem: Problem, context: ChainContext, soFar: SoFar): Chain | undefined {
  const { turns, mode, untrained } = context.settings;
  const asked = piecesOf(turns).map((piece) => {
    const from = soFar[piece];
    if (!from) throw new Error(`a whole chain has a ${piece}`);
    return { piece, from };
  });
  const answers = asked.filter(({ piece }) => isAnswer(piece)).map(({ from }) => graded(from));
  const [first, last, summary] = [answers[0], answers.at(-1), graded(asked.at(-1)?.from)];
  const chainClass = first && last && classOf(first.verdict.outcome, last.verdict.outcome);
  if (!chainClass || chainClass === 'FF') return undefined;
  const usages = asked.map(({ from }) => from.reply.usage);
  const parts: ChainParts = {
    id: `${context.round}/${problem.id}/${answers.map(({ index }) => index).join('-')}`,
    round: context.round,
    problemId: problem.id,
    origin: 'dialogue',
    class: chainClass,
    ...(mode === 'hinted' && { hinted: true }),
    verdict: summary.verdict,
    pieces: asked.map(({ piece, from }): PieceRecord => {
      const verdict = 'verdict' in from ? { verdict: from.verdict } : {};
      return { piece, text: from.text, ...thoughtOf(from), call: from.key, finish: from.reply.finish, ...verdict };
    }),
    model: context.model,
    tokens: {
      count: usages.reduce((sum, usage) => sum + usage.completion, 0),
      estimated: usages.some((usage) => usage.estimated),
    },
    createdAt: new Date().toISOString(),
  };
  return joinChain(parts, problem, { ...context, untrained });
}

function graded(asked: Asked | Graded | undefined): Graded {
  if (!asked || !('verdict' in asked)) throw new Error('answers and the summary of a chain are graded');
  return asked;
}

/** The reasoning of a piece, if it differs from its text. */
function thoughtOf({ reply: { reasoning }, text }: Asked): Pick<PieceRecord, 'reasoning'> {
  return reasoning === undefined || reasoning === '' || reasoning === text ? {} : { reasoning };
}
