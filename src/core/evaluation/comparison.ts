import { BEHAVIOURS } from '../model/index.ts';
import { differenceInWords, type EvaluationComparison } from './compare.ts';
import { scoresPicture } from './picture.ts';
import type { Contamination, EvaluationPlan } from './plan.ts';
import { contaminationText, scoreRows } from './report.ts';
import { TransitionCounts } from './sample.ts';
import type { EvaluationScores } from './scores.ts';
import { BEHAVIOUR_NAMES, code, counted, percent, percentInterval, setInWords, table, wholeInterval } from './words.ts';

/** One side of a comparison. The scores are those over the problems that both have. */
export interface ComparedSide {
  plan: EvaluationPlan;
  scores: EvaluationScores;
}

/** A setting in which two evaluations differ beside the model, so that the difference is not the model's alone. */
export interface OtherSetting {
  setting: string;
  before: string;
  after: string;
}

/** What but the model differs between two evaluations. */
export function otherSettings(before: EvaluationPlan, after: EvaluationPlan): OtherSetting[] {
  const settings: [string, (plan: EvaluationPlan) => string][] = [
    ['samples a problem', ({ k }) => String(k)],
    ['temperature', ({ response }) => String(response.temperature)],
    ['top-p', ({ response }) => String(response.topP)],
    ['token limit', ({ response }) => String(response.maxTokens)],
    ['prompts', ({ promptsHash }) => promptsHash.slice(0, 12)],
    ['grading', ({ grading }) => policyInWords(grading)],
  ];
  return settings.flatMap(([setting, of]) => {
    const [one, other] = [of(before), of(after)];
    return one === other ? [] : [{ setting, before: one, after: other }];
  });
}

/** Two policies may have one name and other switches. */
function policyInWords({ name, ...switches }: EvaluationPlan['grading']): string {
  const set = Object.entries(switches).map(([key, value]) => `${key}=${value}`);
  return `${name ?? 'own'}: ${set.join(', ')}`;
}

/** What two evaluations come to, held against each other. */
export interface ComparisonFacts {
  before: ComparedSide;
  after: ComparedSide;
  comparison: EvaluationComparison;
  /** Of the evaluation after, among the problems that both have. */
  contamination: Contamination;
}

/** The comparison as Markdown. `picture`: name of the picture beside it. */
export function comparisonReport(facts: ComparisonFacts, picture: string): string {
  const { before, after, comparison, contamination } = facts;
  const differing = otherSettings(before.plan, after.plan);
  return `${[
    `# ${code(before.plan.evaluation)} and ${code(after.plan.evaluation)}`,
    `${side(before)} before, ${side(after)} after, on ${counted(comparison.test.problems, 'problem')}, ${setInWords(after.plan.set)}.`,
    ...onlyInCommon(comparison),
    `**${differenceInWords(comparison)}**`,
    `![Scores before and after with 95 % intervals](${picture})`,
    table(['', 'before', 'after'], scoreLines(before.scores, after.scores)),
    testText(comparison),
    '## Answers on the way',
    steps(before.scores, after.scores),
    '## Behaviours',
    behaviours(before.scores, after.scores),
    '## What else differs',
    differing.length === 0
      ? 'Nothing but the models: samples a problem, sampling, prompts and grading are the same.'
      : `The difference may come from these as well:\n\n${table(
          ['setting', 'before', 'after'],
          differing.map((one) => [one.setting, code(one.before), code(one.after)]),
        )}`,
    '## Contamination',
    contaminationText(contamination, comparison.test.problems),
  ].join('\n\n')}\n`;
}

/** The picture of a comparison. */
export function comparisonPicture({ before, after }: Pick<ComparisonFacts, 'before' | 'after'>): string {
  const title = `${before.plan.evaluation} (ring), ${after.plan.evaluation} (dot)`;
  return scoresPicture(title, scoreRows([before.scores, after.scores]));
}

const side = ({ plan }: ComparedSide): string => `${code(plan.model.model)} (${plan.role})`;

function onlyInCommon({ onlyBefore, onlyAfter, test }: EvaluationComparison): string[] {
  if (onlyBefore + onlyAfter === 0) return [];
  return [
    `Not all problems are compared: ${test.problems} were graded in both; ${onlyBefore} of the first and ${onlyAfter} of the second are left out.`,
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
    `avg@k ${moved} (95 % interval of the change: ${points(difference.low)} to ${points(difference.high)}), from ${percent(before)} to ${percent(after)}.`,
    ratio
      ? `After / before: ${ratio.value.toFixed(2)} (${ratio.low.toFixed(2)} ${ratio.high === null ? 'or more' : `to ${ratio.high.toFixed(2)}`}).`
      : 'Nothing was solved before, so there is no ratio.',
    `${counted(better, 'problem')} better, ${worse} worse, ${same} the same; two-sided paired randomisation test over problems, p = ${test.p.toFixed(4)} (${test.exact ? 'all signs' : '100,000 draws of signs'}).`,
  ].join(' ');
}

/** Both counts, and how often each is of all steps: two models may write different numbers of candidates. */
function steps({ transitions: before }: EvaluationScores, { transitions: after }: EvaluationScores): string {
  const all = (counts: EvaluationScores['transitions']): number => Object.values(counts).reduce((a, b) => a + b, 0);
  if (all(before) + all(after) === 0) return 'No answer of either goes from one candidate to another.';
  const share = (counts: EvaluationScores['transitions'], kind: keyof EvaluationScores['transitions']): string =>
    all(counts) === 0 ? 'none' : `${counts[kind]} (${percent(counts[kind] / all(counts))})`;
  const rows = TransitionCounts.keyof().options.map((kind) => [
    kind.replace('-', ' → '),
    share(before, kind),
    share(after, kind),
  ]);
  return table(['step between candidate answers, times and share', 'before', 'after'], rows);
}

function behaviours({ behaviours: before }: EvaluationScores, { behaviours: after }: EvaluationScores): string {
  if (!before || !after) return 'No tokens to count over.';
  const rows = BEHAVIOURS.map((kind) => [BEHAVIOUR_NAMES[kind], before[kind].toFixed(2), after[kind].toFixed(2)]);
  return table(['episodes per 1,000 tokens', 'before', 'after'], rows);
}
