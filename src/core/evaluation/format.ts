import type { Behaviour } from '../schemas/index.ts';
import { formatExpectedTokens } from '../text/calls.ts';
import { formatCount, formatDuration, formatPercent } from '../text/format.ts';
import { ENGLISH, type L10n } from '../text/l10n.ts';
import type { Interval, Measure } from './bootstrap.ts';
import type { EvaluationPlan, EvaluationResult, EvaluationSet } from './evaluation-plan.ts';

/** `43.8 % (31.0 to 56.3)`. */
export function percentInterval({ value, low, high }: Interval): string {
  return `${formatPercent(value)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

/** The result of an evaluation of `k` samples per problem, for the terminal and the editor. */
export function formatEvaluated(
  { evaluation, scores: { average, problems }, contamination }: EvaluationResult,
  k: number,
  { t, count, counted }: L10n = ENGLISH,
): string {
  const over =
    problems === 1
      ? t('{0} of 1 problem, too few for an interval', formatPercent(average.value))
      : counted(problems, '{1} over {0} problem', '{1} over {0} problems', percentInterval(average));
  return t('{0}: avg@{1} {2}. In the training data: {3}.', evaluation, `${k}`, over, count(contamination.hits.length));
}

/** The tokens and the time that an evaluation is expected to take, for the terminal and the editor. */
export function formatExpectedUse(
  { from, seconds, ...expected }: EvaluationPlan['expected'],
  l10n: L10n = ENGLISH,
): { tokens: string; time: string } {
  const { t } = l10n;
  const bases = {
    sampling: t('as in its last sampling round'),
    dialogue: t('as in its last dialogue round'),
    guess: t('a guess: half of the limit'),
  };
  return {
    tokens: formatExpectedTokens(expected, bases[from], l10n),
    time: seconds === undefined ? t('time unknown') : t('about {0}', formatDuration(seconds)),
  };
}

/** `812 (640 to 990)`, `812 (no interval: one problem)`. */
export const wholeInterval = (measure: Measure): string => formatMeasured(measure, formatCount);

/** `1.25 (0.98 to 1.60)`, `2.00 (1.10 or more)`, `1.00 (no interval: the same ratio in all draws)`. */
export const ratioInterval = (ratio: Measure): string => formatMeasured(ratio, (value) => value.toFixed(2));

function formatMeasured({ value, low, high, noInterval }: Measure, format: (value: number) => string): string {
  const reason = noInterval === undefined ? '' : `: ${noInterval}`;
  if (low === null) return `${format(value)} (no interval${reason})`;
  return `${format(value)} (${format(low)} ${high === null ? 'or more' : `to ${format(high)}`})`;
}

/** A description of a problem set; names from files are shown as code. */
export function formatSet({ from, file, hub, levels, topics }: EvaluationSet): string {
  const where = from === 'dataset' ? 'problems of the dataset' : `problems of ${code(hub?.name ?? file ?? 'a file')}`;
  const only = [
    ...(levels?.length ? [`levels ${list(levels)}`] : []),
    ...(topics?.length ? [`topics ${list(topics)}`] : []),
  ];
  return only.length === 0 ? where : `${where} (${only.join('; ')})`;
}

const list = (names: readonly string[]): string => names.map(code).join(', ');

/** Untrusted text as Markdown code that can't end the line, the cell or the code. */
export function code(text: string): string {
  const plain = text.replace(/[\s`|]+/g, ' ').trim();
  return `\`${plain === '' ? ' ' : plain.slice(0, 200)}\``;
}

export const BEHAVIOUR_NAMES: Readonly<Record<Behaviour, string>> = {
  verification: 'verification',
  backtracking: 'backtracking',
  subgoal: 'subgoals',
  backward: 'backward reasoning',
};
