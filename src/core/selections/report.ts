import { BEHAVIOUR_NAMES, percentInterval, ratioInterval, wholeInterval } from '../evaluation/format.ts';
import { contaminationText } from '../evaluation/report.ts';
import { BEHAVIOURS } from '../schemas/index.ts';
import { formatCost, formatCount, formatDuration, formatPercent, plural, pluralAmount } from '../text/format.ts';
import { cell, code, plain, table } from '../text/markdown.ts';
import type { ArmName, HeldOutSet, SelectionArm, SelectionsPlan } from './plan.ts';
import { ALPHA, ASSUMED_CORRELATION } from './power.ts';
import type { ArmComparison, ArmResult, OverSeeds, SelectionsResult, SetResult } from './results.ts';

export const ARM_NAMES: Readonly<Record<ArmName, string>> = {
  a: 'A',
  b: 'B',
  control: 'control',
  base: 'base model',
  prompted: 'base model, own prompt',
};

/** Arms that are models without a training, as a sentence names them. */
const UNTRAINED: Readonly<Partial<Record<ArmName, string>>> = {
  base: 'the base model',
  prompted: 'the base model with its own prompt',
};

/** With fewer, an interval over trainings is hardly informative. */
export const FEWEST_SEEDS = 3;

const points = (value: number): string => (100 * value).toFixed(1);
/** With a plus sign, and none at a rounded 0. */
function signed(value: number): string {
  const rounded = points(value);
  if (Number(rounded) === 0) return '0.0';
  return value > 0 ? `+${rounded}` : rounded;
}

/** `400 held-out problems`, or `400 held-out problems (long) and 100 problems (short)`. */
export function heldOutText(sets: readonly Pick<HeldOutSet, 'name' | 'problems'>[]): string {
  const named = sets.map(({ name, problems }, i) => {
    const count = plural(problems, i === 0 ? 'held-out problem' : 'problem');
    return sets.length === 1 ? count : `${count} (${name})`;
  });
  return [named.slice(0, -1).join(', '), named.at(-1)].filter(Boolean).join(' and ');
}

/** What an arm draws from, in one line. */
export function armText(
  { arm, where, share, selected, unmasked }: SelectionArm,
  { shareOf, filter }: Pick<SelectionsPlan, 'shareOf' | 'filter'> = {},
): string {
  const chains = chainsText(arm, where, filter);
  return [
    ...(arm === 'control' ? [`random rows of: ${chains}`] : [chains]),
    ...(share === undefined || shareOf === undefined ? [] : [`${formatPercent(share, 0)} of the rows: ${shareOf}`]),
    ...(selected ? ['as an export of passed chains selects them'] : []),
    ...(unmasked ? ['without the loss mask'] : []),
  ].join('; ');
}

function chainsText(arm: ArmName, where: string | null, filter: string | undefined): string {
  if (filter !== undefined && arm === 'a') return 'chains that pass all filters';
  if (filter !== undefined && arm === 'b') return `chains that pass all filters except ${filter}`;
  if (where === null) return 'the chains of A and B';
  return where === '' ? 'all chains' : where;
}

/** `+3.2 points (95 % interval 1.1 to 5.4), p = 0.012`. */
export function differenceText({ comparison: { test } }: ArmComparison): string {
  const { difference, p } = test;
  const chance = p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
  return `${signed(difference.value)} points (95 % interval ${points(difference.low)} to ${points(difference.high)}), ${chance}`;
}

/** `18 problems better, 7 worse, 75 the same`. */
export function problemsText({ comparison: { test, onlyBefore, onlyAfter } }: ArmComparison): string {
  const compared = `${plural(test.better, 'problem')} better, ${formatCount(test.worse)} worse, ${formatCount(test.same)} the same`;
  const others = onlyBefore + onlyAfter;
  return others === 0 ? compared : `${compared}; ${formatCount(others)} not graded in both`;
}

const NO_ANSWER = ['blocked', 'refused', 'unfinished', 'empty'] as const;

/** Replies without an answer that are not truncated, as a share of all and by how they ended: `4.0 % (48 empty)`. */
export function noAnswerText({ scores }: Pick<ArmResult, 'scores'>): string {
  const counts = NO_ANSWER.flatMap((how) =>
    (scores[how] ?? 0) > 0 ? [`${formatCount(scores[how] ?? 0)} ${how}`] : [],
  );
  const sum = NO_ANSWER.reduce((all, how) => all + (scores[how] ?? 0), 0);
  return sum === 0 ? 'none' : `${formatPercent(sum / scores.samples)} (${counts.join(', ')})`;
}

type Design = Pick<SelectionsPlan, 'k' | 'seeds' | 'sets'>;

/** Planned answers of an arm to a set. */
function answersTo({ k, seeds, sets }: Design, { name }: Pick<SetResult, 'name'>): number {
  return (sets.find((set) => set.name === name)?.problems ?? 0) * k * seeds.length;
}

/** Answers of an arm that are in no score: `3 of 1,200 (2 not graded, 1 without a reply)`. */
export function notCountedText(
  plan: Design,
  set: Pick<SetResult, 'name'>,
  { scores }: Pick<ArmResult, 'scores'>,
): string {
  const planned = answersTo(plan, set);
  const left = planned - scores.samples;
  if (left <= 0) return 'none';
  const why = [
    ...(scores.ungraded > 0 ? [`${formatCount(scores.ungraded)} not graded`] : []),
    ...(left > scores.ungraded ? [`${formatCount(left - scores.ungraded)} without a reply`] : []),
  ];
  return `${formatCount(left)} of ${formatCount(planned)} (${why.join(', ')})`;
}

/** With a larger share of answers that are not counted, they may decide a comparison. */
const FEW_LEFT = 0.01;

/** Where trainings did not use all tokens of all rows: then arms are not trained alike. */
function trainedRowsLimit(arms: readonly ArmResult[]): string[] {
  const counts = arms.flatMap(({ arm, seeds }) => {
    const sum = (rows: 'cutRows' | 'emptyRows'): number => seeds.reduce((all, seed) => all + (seed[rows] ?? 0), 0);
    const [cut, empty] = [sum('cutRows'), sum('emptyRows')];
    if (seeds.every(({ run }) => run === undefined)) return [];
    return [{ arm, cut, empty }];
  });
  if (counts.every(({ cut, empty }) => cut + empty === 0)) return [];
  const each = counts.map(
    ({ arm, cut, empty }) => `${ARM_NAMES[arm]}: ${formatCount(cut)} truncated, ${formatCount(empty)} not trained`,
  );
  return [`The trainings of all seeds did not use all of their rows. ${each.join('; ')}.`];
}

/** A line for each set of which arms differ in the answers that are not counted, or have many of them. */
function notCountedLimits(plan: Design, sets: readonly Pick<SetResult, 'name' | 'arms'>[]): string[] {
  return sets.flatMap((set) => {
    const { name, arms } = set;
    const planned = answersTo(plan, set);
    const left = arms.map(({ scores }) => planned - scores.samples);
    const most = Math.max(...left);
    if (most <= FEW_LEFT * planned && most === Math.min(...left)) return [];
    const counts = arms.map((arm) => `${ARM_NAMES[arm.arm]}: ${notCountedText(plan, set, arm)}`);
    const where = plan.sets.length > 1 ? ` on ${name}` : '';
    return [`Some answers${where} are not counted, and could be right or wrong. ${counts.join('; ')}.`];
  });
}

/** `+3.1, -0.4, +5.0; over seeds -3.9 to 9.0`. */
export function seedsText({ seeds, overSeeds }: Pick<ArmComparison, 'seeds' | 'overSeeds'>): string {
  const each = seeds.map(({ difference }) => signed(difference.value)).join(', ');
  return overSeeds.low === null ? each : `${each}; ${intervalOverSeeds(overSeeds)} over seeds`;
}

function intervalOverSeeds({ low, high }: OverSeeds): string {
  return low === null || high === null ? 'unknown' : `${points(low)} to ${points(high)}`;
}

/**
 * The answer to the question of the comparison, in one sentence. One selection is better only where the interval over seeds excludes 0 too; else it was so
 * for these trained models.
 */
export function verdictText({ sets }: { sets: readonly Pick<SetResult, 'comparisons'>[] }): string {
  const first = sets[0]?.comparisons[0];
  if (first === undefined) return 'There is nothing to compare.';
  const { p, difference } = first.comparison.test;
  const after = ARM_NAMES[first.after];
  const model = UNTRAINED[first.before];
  const before = model ?? ARM_NAMES[first.before];
  if (p >= ALPHA) return `No difference between ${after} and ${before} was found: ${differenceText(first)}.`;
  const than = `${difference.value > 0 ? 'better' : 'worse'} than`;
  const { low, high } = first.overSeeds;
  if (low === null || high === null)
    return `The one model trained on ${after} is ${than} ${model ?? `the one trained on ${before}`}: ${differenceText(first)}. Whether other seeds agree is unknown.`;
  const over = `interval over seeds ${intervalOverSeeds(first.overSeeds)}`;
  if (low <= 0 && high >= 0)
    return `The models trained on ${after} are ${than} ${model ?? `those trained on ${before}`}: ${differenceText(first)}. Other seeds may differ: ${over}.`;
  const subject = model ? `Models trained on ${after} are` : `${after} is`;
  return `${subject} ${than} ${before}: ${differenceText(first)}; ${over}.`;
}

/** What a reader may not conclude, from the facts of this comparison. */
export function limitsOf(
  plan: Pick<SelectionsPlan, 'arms' | 'checks' | 'sameProblems' | 'keepAll' | 'seeds' | 'k' | 'sets'>,
  { sets }: { sets: readonly Pick<SetResult, 'name' | 'arms' | 'comparisons'>[] },
): string[] {
  const first = sets[0]?.comparisons[0];
  const seeds = plan.seeds.length;
  const found = first !== undefined && first.comparison.test.p < ALPHA;
  return [
    ...(found || first === undefined
      ? []
      : [
          `“No difference was found” is not “there is none”: differences from ${points(first.comparison.test.difference.low)} to ${points(first.comparison.test.difference.high)} points fit these answers.`,
        ]),
    seeds < 2
      ? 'One seed shows nothing of how much trainings differ by chance. Use three or more.'
      : `The test compares problems, for the models of these ${plural(seeds, 'seed')}. So few seeds show little of how much trainings differ: compare the differences of each seed.`,
    'It is about this base model, these settings and this number of rows. Another model, more rows or a longer training may differ.',
    ...(plan.arms.some(({ arm }) => arm === 'control') || plan.checks.some(({ id }) => id === 'control')
      ? []
      : ['Without a random control, it is unknown whether either selection is better than chance.']),
    ...(plan.sameProblems || plan.keepAll !== undefined
      ? []
      : ['The arms may be about different problems, so that a selection also chooses how difficult its problems are.']),
    ...(sets.flatMap(({ comparisons }) => comparisons).length > 1
      ? ['Only the first comparison was the question. The others are not corrected for their number.']
      : []),
    ...notCountedLimits(plan, sets),
    ...trainedRowsLimit(sets[0]?.arms ?? []),
    ...plan.checks.filter(({ state }) => state !== 'ok').map(({ message }) => message),
  ];
}

/** `9 trainings (about 20 min), 9 evaluations with 7,200 requests (time unknown). Cost of the requests: none.` */
export function workText(expected: SelectionsPlan['expected']): string {
  const { trainings, evaluations, requests, cost, trainingSeconds, evaluationSeconds } = expected;
  const time = (seconds: number | undefined): string =>
    seconds === undefined ? 'time unknown' : `about ${formatDuration(seconds)}`;
  return `${plural(trainings, 'training')} (${time(trainingSeconds)}), ${plural(evaluations, 'evaluation')} with ${plural(requests, 'request')} (${time(evaluationSeconds)}). Cost of the requests: ${formatCost(cost, true)}.`;
}

/** `report.md` of a comparison. Queries and names are shown as code. */
export function selectionsReport(plan: SelectionsPlan, result: SelectionsResult): string {
  return `${[
    `# Selections compared: ${code(plan.comparison)}`,
    `**${plain(verdictText(result))}**`,
    '## Arms',
    armsTable(plan),
    `${plural(plan.rows, 'row')} in each arm and seed. ${drawText(plan)} ${overlapText(plan)}`,
    ...result.sets.flatMap((set, i) => setParts(plan, set, plan.sets[i]?.problems ?? 0)),
    '## What does not follow',
    limitsOf(plan, result)
      .map((text) => `- ${plain(text)}`)
      .join('\n'),
    '## How it was made',
    provenance(plan, result),
  ].join('\n\n')}\n`;
}

/** The parts of the report about one set of held-out problems. */
function setParts(plan: SelectionsPlan, set: SetResult, problems: number): string[] {
  const of = plan.sets.length === 1 ? '' : `: ${code(set.name)}`;
  return [
    `## Results${of}`,
    resultsTable(plan, set),
    `${plural(problems, 'held-out problem')}, ${plural(plan.k, 'answer')} per problem and seed. Intervals are 95 % bootstrap intervals over problems. Those of differences are paired by problem. Truncated replies and others without an answer count as wrong.`,
    `## Differences${of}`,
    differencesTable(set.comparisons),
    'A problem’s value is its share of right answers over all seeds. p is from the paired randomisation test over problems.',
    `## Seeds${of}`,
    seedsTable(plan, set.arms),
    `## Behaviours${of}`,
    behavioursTable(set.arms),
    `## Contamination${of}`,
    contaminationText(set.contamination, problems),
  ];
}

function armsTable(plan: SelectionsPlan): string {
  const { arms, draws } = plan;
  const rows = arms.map((arm) => {
    const of = draws.filter((draw) => draw.arm === arm.arm);
    const mean = (number: (draw: (typeof of)[number]) => number): number =>
      of.reduce((sum, draw) => sum + number(draw), 0) / Math.max(1, of.length);
    return [
      `${ARM_NAMES[arm.arm]}: ${cell(code(armText(arm, plan)))}`,
      arm.chains,
      mean(({ chains }) => chains.length),
      mean(({ problems }) => problems),
      mean(({ tokens }) => tokens),
      formatPercent(mean(({ trained, characters }) => (characters === 0 ? 0 : trained / characters))),
    ];
  });
  return table(['arm', 'chains', 'rows', 'problems', 'tokens', 'of these trained'], rows);
}

/** How rows are drawn. */
export function drawText({
  seeds,
  keepAll,
  sameProblems,
}: Pick<SelectionsPlan, 'seeds' | 'keepAll' | 'sameProblems'>): string {
  const drawn = `Rows are drawn with the seeds ${seeds.join(', ')}`;
  if (keepAll !== undefined)
    return `Each chain of ${ARM_NAMES[keepAll]} is a row. ${drawn}, those of other arms of the same problems as far as they reach.`;
  return sameProblems ? `${drawn}, with the same number of each problem in all arms.` : `${drawn}.`;
}

/** How much two selections have in common. */
export function overlapText({ overlap, arms, rows }: Pick<SelectionsPlan, 'overlap' | 'arms' | 'rows'>): string {
  if (!arms.some(({ arm }) => arm === 'b')) return '';
  return `A and B have ${plural(overlap.chains, 'chain')} in common, and of ${plural(rows, 'row')} ${formatCount(overlap.rows)} on average.`;
}

function resultsTable(plan: SelectionsPlan, set: SetResult): string {
  const rows = set.arms.map(({ arm, scores, overSeeds }) => [
    ARM_NAMES[arm],
    percentInterval(scores.average),
    intervalOverSeeds(overSeeds),
    wholeInterval(scores.tokens.all),
    percentInterval(scores.truncated),
    noAnswerText({ scores }),
    notCountedText(plan, set, { scores }),
    correctedText(scores),
  ]);
  return table(
    [
      'arm',
      'right, interval over problems',
      'over seeds, %',
      'mean tokens',
      'truncated',
      'otherwise without an answer',
      'not counted',
      'wrong first, right at the end',
    ],
    rows,
  );
}

/** Answers whose first result was wrong, and the last one right. */
export function correctedText({ wrongToRight }: ArmResult['scores']): string {
  return wrongToRight ? percentInterval(wrongToRight) : 'none';
}

function differencesTable(comparisons: readonly ArmComparison[]): string {
  const rows = comparisons.map((one) => [
    `${ARM_NAMES[one.before]} to ${ARM_NAMES[one.after]}`,
    differenceText(one),
    one.comparison.ratio ? ratioInterval(one.comparison.ratio) : 'none',
    problemsText(one),
    seedsText(one),
  ]);
  return table(['from, to', 'difference', 'ratio', 'problems', 'points in each seed'], rows);
}

function seedsTable({ seeds }: SelectionsPlan, arms: readonly ArmResult[]): string {
  const rows = seeds.map((seed) => [
    `seed ${seed}`,
    ...arms.map(({ seeds: of }) => {
      const found = of.find((one) => one.seed === seed);
      return found ? percentInterval(found.average) : 'none';
    }),
  ]);
  return table(['right', ...arms.map(({ arm }) => ARM_NAMES[arm])], rows);
}

function behavioursTable(arms: readonly ArmResult[]): string {
  const rows = BEHAVIOURS.map((kind) => [
    BEHAVIOUR_NAMES[kind],
    ...arms.map(({ scores }) => scores.behaviours?.[kind].toFixed(2) ?? 'none'),
  ]);
  return table(['episodes per 1,000 tokens', ...arms.map(({ arm }) => ARM_NAMES[arm])], rows);
}

function provenance(plan: SelectionsPlan, result: SelectionsResult): string {
  const { training, sets, response, server = 'starter', serverType } = plan;
  const drawn = [
    `accepted difference of tokens ${formatPercent(plan.tolerance)}`,
    ...(plan.marker === undefined ? [] : [`sentence of ${plan.marker} behind each problem`]),
  ];
  return [
    `- trainer ${code(training.trainer)}, model ${code(training.model?.split(/[\\/]/).at(-1) ?? 'the base model of the dataset')}, settings ${code(JSON.stringify(training.settings ?? {}))}`,
    `- rows: ${drawn.join(', ')}`,
    `- answers: server ${code(serverType === undefined ? server : `${server} ${serverType}`)}, temperature ${response.temperature}, top-p ${response.topP}, at most ${plural(response.maxTokens, 'token')}`,
    ...sets.flatMap(({ name, hash, power }) => [
      `- held-out problems ${code(name)}: SHA-256 ${code(hash)}`,
      ...(power
        ? [
            `- planned with a pass rate of ${formatPercent(power.rate)} (${plain(power.from)}): a difference of ${pluralAmount(100 * power.detectable, 'point')} is found with a probability of 80 %, for a correlation over problems of ${ASSUMED_CORRELATION}`,
          ]
        : []),
    ]),
    `- ${plural(result.calls, 'paid answer')}, ${plural(result.completionTokens, 'completion token')}`,
    `- planned ${plain(plan.createdAt)}, finished ${plain(result.finishedAt)}`,
  ].join('\n');
}
