import { percentInterval } from '../../core/evaluation/format.ts';
import {
  ARM_NAMES,
  armText,
  differenceText,
  heldOutText,
  noAnswerText,
  notCountedText,
  seedsText,
  verdictText,
  workText,
} from '../../core/selections/index.ts';
import { formatCommand, formatCount, formatPercent, plural } from '../../core/text/format.ts';
import { lines } from '../format.ts';
import type { VerbResult } from '../index.ts';

type Shown = VerbResult<'compare-selections'>;

/** The result of a comparison, or its plan. */
export function formatComparison({ plan, progress, result, report }: Shown): string {
  if (!result) return lines(formatPlan(plan), ...(progress ? [formatProgress(plan.comparison, progress)] : []));
  return lines(
    verdictText(result),
    ...result.sets.flatMap(({ name, arms, comparisons }) => [
      ...(result.sets.length > 1 ? [`${name}:`] : []),
      ...arms.map(
        (one) =>
          `  ${ARM_NAMES[one.arm]}: ${percentInterval(one.scores.average)}; truncated ${formatPercent(one.scores.truncated.value)}, otherwise without an answer ${noAnswerText(one)}, not counted ${notCountedText(plan, { name }, one)}`,
      ),
      ...comparisons.map(
        (one) =>
          `  ${ARM_NAMES[one.before]} to ${ARM_NAMES[one.after]}: ${differenceText(one)}; in each seed ${seedsText(one)}`,
      ),
    ]),
    `Report: ${report}`,
  );
}

/** Whether a comparison runs, and how far it is. */
function formatProgress(comparison: string, { isRunning, steps, failure }: NonNullable<Shown['progress']>): string {
  const { done, total } = steps;
  const finished = `${formatCount(done)} of ${plural(total, 'step')} finished.`;
  if (isRunning)
    return `It is running: ${finished} “${formatCommand(['longhand', 'compare-selections', 'DATASET', '--show', comparison])}” shows its progress.`;
  const why = failure ? ` ${failure.message} ${failure.advice}` : '';
  return `It is not running: ${finished}${why}`.trim();
}

function formatPlan(plan: Shown['plan']): string {
  const { comparison, arms, draws, seeds, rows, sets, k, checks } = plan;
  return lines(
    `Comparison ${comparison}: ${plural(rows, 'row')} in each arm, ${plural(seeds.length, 'seed')}, ${heldOutText(sets)}, ${plural(k, 'answer')} each.`,
    ...arms.map((arm) => {
      const of = draws.filter((draw) => draw.arm === arm.arm);
      const tokens = of.reduce((sum, draw) => sum + draw.tokens, 0) / Math.max(1, of.length);
      return `  ${ARM_NAMES[arm.arm]}: ${armText(arm, plan)}: ${plural(arm.chains, 'chain')}, ${plural(tokens, 'token')} in its rows`;
    }),
    ...checks.map(
      ({ state, message, advice }) =>
        `${state === 'ok' ? '' : state === 'error' ? 'Error: ' : 'Warning: '}${message}${advice === undefined ? '' : ` ${advice}`}`,
    ),
    workText(plan.expected),
  );
}
