import { BEHAVIOURS } from '../schemas/index.ts';
import { formatCount, formatPercent, plural } from '../text/format.ts';
import { table } from '../text/markdown.ts';
import { type EvaluationComparison, formatDifference } from './compare.ts';
import type { Contamination, EvaluationPlan } from './evaluation-plan.ts';
import { BEHAVIOUR_NAMES, code, formatSet, percentInterval, ratioInterval, wholeInterval } from './format.ts';
import { scoresPicture } from './picture.ts';
import { contaminationText, scoreRows } from './report.ts';
import { TransitionCounts } from './sample.ts';
import type { EvaluationScores } from './scores.ts';

/** One evaluation of a comparison; the scores are over the common problems. */
export interface ComparedSide {
  plan: EvaluationPlan;
  scores: EvaluationScores;
}

/** Settings other than the model that differ between two evaluations. */
export function otherSettings(
  before: EvaluationPlan,
  after: EvaluationPlan,
): { setting: string; before: string; after: string }[] {
  const settings: [string, (plan: EvaluationPlan) => string][] = [
    ['samples per problem', ({ k }) => String(k)],
    ['temperature', ({ response }) => String(response.temperature)],
    ['top-p', ({ response }) => String(response.topP)],
    ['token limit', ({ response }) => String(response.maxTokens)],
    ['prompts', ({ promptsHash }) => promptsHash.slice(0, 12)],
    ['grading', ({ grading }) => describePolicy(grading)],
  ];
  return settings.flatMap(([setting, of]) => {
    const [one, other] = [of(before), of(after)];
    return one === other ? [] : [{ setting, before: one, after: other }];
  });
}

/** All switches, because policies with the same name may differ. */
function describePolicy({ name, ...switches }: EvaluationPlan['grading']): string {
  const set = Object.entries(switches).map(([key, value]) => `${key}=${value}`);
  return `${name ?? 'custom'}: ${set.join(', ')}`;
}

/** Input of a comparison report. */
export interface ComparisonFacts {
  before: ComparedSide;
  after: ComparedSide;
  comparison: EvaluationComparison;
  /** Of the later evaluation, among the common problems. */
  contamination: Contamination;
}

/** The comparison as Markdown. `picture`: file name of the picture. */
export function comparisonReport(facts: ComparisonFacts, picture: string): string {
  const { before, after, comparison, contamination } = facts;
  const differing = otherSettings(before.plan, after.plan);
  return `${[
    `# ${code(before.plan.evaluation)} and ${code(after.plan.evaluation)}`,
    `${side(before)} before, ${side(after)} after, on ${plural(comparison.test.problems, 'problem')}, ${formatSet(after.plan.set)}.`,
    ...onlyInCommon(comparison),
    `**${formatDifference(comparison)}**`,
    `![Scores before and after with 95 % intervals](${picture})`,
    table(['', 'before', 'after'], scoreLines(before.scores, after.scores)),
    testText(comparison),
    '## Candidate answers',
    steps(before.scores, after.scores),
    '## Behaviours',
    behaviours(before.scores, after.scores),
    '## What else differs',
    differing.length === 0
      ? 'Only the models differ: samples per problem, sampling, prompts and grading are the same.'
      : `The difference may also come from these settings:\n\n${table(
          ['setting', 'before', 'after'],
          differing.map((one) => [one.setting, code(one.before), code(one.after)]),
        )}`,
    '## Contamination',
    contaminationText(contamination, comparison.test.problems),
  ].join('\n\n')}\n`;
}

export function comparisonPicture({ before, after }: Pick<ComparisonFacts, 'before' | 'after'>): string {
  const title = `${before.plan.evaluation} (ring), ${after.plan.evaluation} (dot)`;
  return scoresPicture(title, scoreRows([before.scores, after.scores]));
}

const side = ({ plan }: ComparedSide): string => `${code(plan.model.model)} (${plan.role})`;

function onlyInCommon({ onlyBefore, onlyAfter, test }: EvaluationComparison): string[] {
  if (onlyBefore + onlyAfter === 0) return [];
  return [
    `Not all problems are compared: ${formatCount(test.problems)} were graded in both evaluations. ${formatCount(onlyBefore)} of the first and ${formatCount(onlyAfter)} of the second are not compared.`,
  ];
}

function scoreLines(before: EvaluationScores, after: EvaluationScores): string[][] {
  const sides = [before, after];
  const shares = scoreRows(sides).map(({ name, values }) => [
    name,
    ...values.map((value) => (value ? percentInterval(value) : 'unknown')),
  ]);
  const tokens = (name: string, which: 'right' | 'wrong' | 'all'): string[] => [
    `mean tokens, ${name}`,
    ...sides.map((scores) => {
      const interval = scores.tokens[which];
      return interval ? wholeInterval(interval) : 'none';
    }),
  ];
  return [...shares, tokens('right answers', 'right'), tokens('wrong answers', 'wrong'), tokens('all answers', 'all')];
}

function testText({ test, ratio, before, after }: EvaluationComparison): string {
  const { difference, better, worse, same } = test;
  const points = (value: number): string => (100 * value).toFixed(1);
  const by = points(Math.abs(difference.value));
  const moved = by === '0.0' ? 'did not change' : `${difference.value < 0 ? 'fell' : 'rose'} by ${by} points`;
  return [
    `avg@k ${moved} (95 % interval of the change: ${points(difference.low)} to ${points(difference.high)}), from ${formatPercent(before)} to ${formatPercent(after)}.`,
    ratio ? `After / before: ${ratioInterval(ratio)}.` : 'Nothing was solved before, so there is no ratio.',
    `${plural(better, 'problem')} better, ${formatCount(worse)} worse, ${formatCount(same)} the same; two-sided paired randomisation test over problems, p = ${test.p.toFixed(4)} (${test.exact ? 'all signs' : '100,000 draws of signs'}).`,
  ].join(' ');
}

/** Counts with their share of all steps, because models may write different numbers of candidates. */
function steps({ transitions: before }: EvaluationScores, { transitions: after }: EvaluationScores): string {
  const all = (counts: EvaluationScores['transitions']): number => Object.values(counts).reduce((a, b) => a + b, 0);
  if (all(before) + all(after) === 0) return 'No answer of either evaluation has two candidate answers.';
  const share = (counts: EvaluationScores['transitions'], kind: keyof EvaluationScores['transitions']): string =>
    all(counts) === 0 ? 'none' : `${formatCount(counts[kind])} (${formatPercent(counts[kind] / all(counts))})`;
  const rows = TransitionCounts.keyof().options.map((kind) => [
    kind.replace('-', ' → '),
    share(before, kind),
    share(after, kind),
  ]);
  return table(['step between candidate answers, times and share', 'before', 'after'], rows);
}

function behaviours({ behaviours: before }: EvaluationScores, { behaviours: after }: EvaluationScores): string {
  if (!before || !after) return 'No tokens were counted.';
  const rows = BEHAVIOURS.map((kind) => [BEHAVIOUR_NAMES[kind], before[kind].toFixed(2), after[kind].toFixed(2)]);
  return table(['episodes per 1,000 tokens', 'before', 'after'], rows);
}
