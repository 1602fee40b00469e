import { defined } from '../../defined.ts';
import type { RoundSummary } from '../../schemas/index.ts';
import type { Advice, FunnelInput, FunnelStage } from './model.ts';

/** A loss below this share of the stage before it needs no advice. */
const LEAST_SHARE = 0.2;

interface Weighed {
  reason: string;
  weight: number;
}

/**
 * Advice about the largest loss; undefined where no loss is a fifth of its stage. A loss weighs its count times its share of the stage
 * before. A quota that keeps nothing comes first, because changing it needs no call.
 */
export function adviceFor(stages: readonly FunnelStage[], input: FunnelInput): Advice | undefined {
  const at = (id: FunnelStage['stage']): number => stages.find(({ stage }) => stage === id)?.count ?? 0;
  if (input.summary && input.plan.kind === 'dialogue' && at('passed') > 0 && at('kept') === 0)
    return settingFor('quota', input);
  const weighed = stages.flatMap(({ stage, losses }, i): Weighed[] => {
    const before = stage === 'chains' ? (input.summary?.problems ?? 0) : (stages[i - 1]?.count ?? 0);
    return losses.flatMap(({ reason, count }) =>
      before > 0 && count / before >= LEAST_SHARE ? [{ reason, weight: (count * count) / before }] : [],
    );
  });
  const most = weighed.reduce<Weighed | undefined>(
    (best, one) => (best && best.weight >= one.weight ? best : one),
    undefined,
  );
  return most && settingFor(most.reason, input);
}

/** Pieces of which more candidates help against a filter. */
const TRIES_OF_FILTER: Readonly<Record<string, 'check' | 'summary' | 'answer2'>> = {
  'verdict-consistent': 'check',
  'choice-consistent': 'summary',
  'final-correct': 'summary',
  'one-box': 'summary',
  gradable: 'summary',
  independent: 'answer2',
};

const THRESHOLD_OF_FILTER = {
  'min-length': 'minLength',
  repetition: 'maxRepetition',
  language: 'minLanguage',
  equations: 'maxFalseEquations',
  context: 'contextTokens',
  'length-band': 'bandLow',
} as const;

function settingFor(reason: string, { plan, summary }: FunnelInput): Advice {
  const { dialogue, sampling, promptSet, filters } = plan;
  const tries = (piece: keyof NonNullable<typeof dialogue>['tries']): Advice => {
    const from = dialogue?.tries[piece];
    return from === undefined ? { reason } : { reason, setting: `dialogue.tries.${piece}`, from, to: from * 2 };
  };
  if (reason === 'truncated') {
    const from = (dialogue?.answer ?? sampling?.response)?.maxTokens;
    if (from === undefined) return { reason };
    const setting = dialogue ? 'dialogue.answer.maxTokens' : 'sampling.response.maxTokens';
    return { reason, setting, from, to: raisedLimit(from) };
  }
  if (reason === 'no-pair') return tries('answer1');
  if (reason === 'quota' && dialogue)
    return { reason, setting: 'dialogue.firstWrongShare', from: dialogue.firstWrongShare, to: 0 };
  if (reason === 'no-answer' && promptSet === 'full')
    return { reason, setting: 'promptSet', from: 'full', to: 'small' };
  const filter = reason.startsWith('filter:') ? reason.slice('filter:'.length) : undefined;
  if (filter === undefined) return { reason };
  if (filter === 'finished' && dialogue) {
    const piece = mostTruncated(summary?.replies);
    if (piece === undefined) return { reason };
    const from = dialogue[piece].maxTokens;
    return { reason, setting: `dialogue.${piece}.maxTokens`, from, to: raisedLimit(from) };
  }
  const piece = TRIES_OF_FILTER[filter];
  if (piece && dialogue) return tries(piece);
  const threshold = Object.entries(THRESHOLD_OF_FILTER).find(([id]) => id === filter)?.[1];
  return threshold === undefined
    ? { reason }
    : { reason, setting: `filters.${threshold}`, ...defined({ from: filters?.[threshold] }) };
}

/** Pieces with a limit of their own in chains: only answers that ended are used, so a truncated one is a check or summary. */
const LIMITED = ['summary', 'check', 'answer'] as const;

/** The piece with the most truncated replies; of a round that didn't count them, the summary; undefined where none was truncated. */
function mostTruncated(replies: RoundSummary['replies']): (typeof LIMITED)[number] | undefined {
  if (replies === undefined) return 'summary';
  const of = (piece: (typeof LIMITED)[number]): number => replies[piece]?.truncated ?? 0;
  const pieces = LIMITED.filter((piece) => piece !== 'answer' || of('check') + of('summary') === 0);
  const most = pieces.reduce((best, piece) => (of(piece) > of(best) ? piece : best));
  return of(most) > 0 ? most : undefined;
}

/** The next power of two that is at least twice as large: 160 → 512, 2,048 → 4,096. */
const raisedLimit = (tokens: number): number => 2 ** Math.ceil(Math.log2(2 * tokens));
