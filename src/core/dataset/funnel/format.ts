import { FILTER_IDS } from '../../filters/ids.ts';
import { formatOutcome } from '../../models/reply-outcome.ts';
import { ENGLISH, type L10n } from '../../text/l10n.ts';
import type { Advice, FunnelLoss, FunnelStage, FunnelStageId, RoundFunnel } from './model.ts';

export function stageName(stage: FunnelStageId, l10n: L10n = ENGLISH): string {
  const names: Record<FunnelStageId, string> = {
    calls: l10n.t('Calls'),
    answers: l10n.t('Answers'),
    finished: l10n.t('Finished'),
    answered: l10n.t('With a final answer'),
    correct: l10n.t('Correct'),
    usable: l10n.t('Graded'),
    chains: l10n.t('Chains'),
    passed: l10n.t('Passed the filters'),
    kept: l10n.t('Kept'),
  };
  return names[stage];
}

/** A stage with its count, as part of a sentence: `12 answers`, `5 finished`. */
function stageCount({ stage, count }: FunnelStage, l10n: L10n = ENGLISH): string {
  const nouns: Partial<Record<FunnelStageId, string>> = {
    calls: l10n.counted(count, '{0} call', '{0} calls'),
    answers: l10n.counted(count, '{0} answer', '{0} answers'),
    chains: l10n.counted(count, '{0} chain', '{0} chains'),
  };
  return nouns[stage] ?? `${l10n.count(count)} ${stageName(stage, l10n).toLowerCase()}`;
}

/** A loss with its count: `7 truncated at 160 tokens`. */
export function lossText({ reason, count }: FunnelLoss, { maxTokens }: RoundFunnel, l10n: L10n = ENGLISH): string {
  const times = l10n.count(count);
  if (reason.startsWith('filter:')) return filterLoss(reason.slice('filter:'.length), times, l10n);
  switch (reason) {
    case 'truncated':
      return maxTokens === undefined
        ? l10n.t('{0} truncated', times)
        : l10n.t('{0} truncated at {1}', times, l10n.counted(maxTokens, '{0} token', '{0} tokens'));
    case 'blocked':
    case 'refused':
    case 'unfinished':
    case 'empty':
      return `${times} ${formatOutcome(reason)}`;
    case 'no-answer':
      return l10n.t('{0} without a final answer', times);
    case 'no-pair':
      return l10n.counted(
        count,
        '{0} problem without a usable pair of answers',
        '{0} problems without a usable pair of answers',
      );
    case 'quota':
      return l10n.t('{0} filtered out by the quota', times);
    case 'unknown':
      return l10n.t('{0} not comparable with the gold answer', times);
    case 'timeout':
      return l10n.t('{0} where grading exceeded its time limit', times);
    case 'error':
      return l10n.t('{0} where grading failed', times);
    case 'length':
      return l10n.t('{0} far from the median length', times);
    case 'same-equations':
      return l10n.t('{0} with the same equations as another', times);
    case 'enough':
      return l10n.t('{0} beyond the number kept per problem', times);
    default:
      // Reasons are read from files: only those that look like an id are shown.
      return /^[a-z][a-z_-]{0,30}$/.test(reason) ? `${times} ${reason}` : l10n.t('{0} for another reason', times);
  }
}

function filterLoss(id: string, times: string, l10n: L10n): string {
  const known = FILTER_IDS.find((one) => one === id);
  return known === undefined ? l10n.t('{0} by another filter', times) : l10n.t('{0} by {1}', times, known);
}

/** The losses of a stage: `7 truncated at 160 tokens, 1 refused by the model`. */
export function lossesText({ losses }: FunnelStage, funnel: RoundFunnel, l10n: L10n = ENGLISH): string {
  return losses.map((loss) => lossText(loss, funnel, l10n)).join(', ');
}

/** The whole funnel: `12 answers → 5 finished (7 truncated at 160 tokens) → …`. */
export function funnelLine(funnel: RoundFunnel, l10n: L10n = ENGLISH): string {
  return funnel.stages
    .map((stage) => {
      const losses = lossesText(stage, funnel, l10n);
      return `${stageCount(stage, l10n)}${losses === '' ? '' : ` (${losses})`}`;
    })
    .join(' → ');
}

/** The funnel for a notification: the first stage, the last stage and each stage with a loss. */
export function shortFunnelLine({ stages }: RoundFunnel, l10n: L10n = ENGLISH): string {
  return stages
    .filter(({ count }, i) => i === 0 || i === stages.length - 1 || count !== stages[i - 1]?.count)
    .map((stage) => stageCount(stage, l10n))
    .join(' → ');
}

/** The loss that the advice is about: `7 of 12 answers were truncated at 160 tokens.` Empty without advice. */
export function mainLoss(funnel: RoundFunnel, l10n: L10n = ENGLISH): string {
  const { stages, advice, maxTokens } = funnel;
  const place = stages.findIndex(({ losses }) => losses.some(({ reason }) => reason === advice?.reason));
  const loss = stages[place]?.losses.find(({ reason }) => reason === advice?.reason);
  const before = stages[place - 1];
  if (loss === undefined || before === undefined) return '';
  if (loss.reason === 'truncated' && maxTokens !== undefined) {
    return l10n.counted(
      loss.count,
      '{0} of {1} was truncated at {2}.',
      '{0} of {1} were truncated at {2}.',
      l10n.counted(before.count, '{0} answer', '{0} answers'),
      l10n.counted(maxTokens, '{0} token', '{0} tokens'),
    );
  }
  if (loss.reason === 'no-pair') return `${lossText(loss, funnel, l10n)}.`;
  if (loss.reason === 'quota')
    return l10n.counted(
      loss.count,
      '{0} of {1} was filtered out by the quota.',
      '{0} of {1} were filtered out by the quota.',
      l10n.counted(before.count, '{0} passed chain', '{0} passed chains'),
    );
  return l10n.t('{0} of {1}.', lossText(loss, funnel, l10n), stageCount(before, l10n));
}

/** What to change: `Raise dialogue.answer.maxTokens from 160 to 512 in longhand.json.` */
export function adviceText({ reason, setting, from, to }: Advice, l10n: L10n = ENGLISH): string {
  const value = (of: number | string): string => (typeof of === 'number' ? l10n.count(of) : of);
  if (setting === undefined) return withoutSetting(reason, l10n);
  if (from === undefined)
    return to === undefined
      ? l10n.t('Check {0} in longhand.json.', setting)
      : l10n.t('Set {0} to {1} in longhand.json.', setting, value(to));
  if (to === undefined) return l10n.t('Check {0} in longhand.json (now {1}).', setting, value(from));
  const raises = typeof from === 'number' && typeof to === 'number' && to > from;
  return raises
    ? l10n.t('Raise {0} from {1} to {2} in longhand.json.', setting, value(from), value(to))
    : l10n.t('Change {0} from {1} to {2} in longhand.json.', setting, value(from), value(to));
}

function withoutSetting(reason: string, l10n: L10n): string {
  switch (reason) {
    case 'incorrect':
      return l10n.t('Choose easier problems or another model.');
    case 'no-answer':
      return l10n.t('Edit the prompts so that the model puts its final answer in \\boxed{}.');
    case 'unknown':
      return l10n.t('Check the gold answers of these problems.');
    case 'timeout':
    case 'error':
      return l10n.t('Choose another grading policy.');
    case 'blocked':
    case 'refused':
    case 'empty':
      return l10n.t('Choose another model.');
    case 'unfinished':
    case 'filter:finished':
      return l10n.t('Check the log of the server: errors, aborts or unknown reasons ended these replies.');
    default:
      return l10n.t('Edit the prompts of these pieces.');
  }
}
