// Replays the sampling policies without a model, on measured and on generated pass rates: their cost and yield.
// Run: npm run bench:sampling (or node test/bench/sampling.ts [seeds])
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fitPrior, SamplingPolicy, update } from '../../src/core/sampling/index.ts';
import { policyOf } from '../../src/core/sampling/policies/index.ts';
import { type Rule, samplesNow } from '../../src/core/sampling/rule.ts';
import { betaSample, type Replay, type ReplayProblem, replay } from '../unit/sampling/replay.ts';

interface Row {
  dataset: string;
  problem_id: string;
  family: string;
  runs: number;
  passed: number;
}

type Policies = readonly (readonly [name: string, policy: SamplingPolicy])[];

const SEEDS = Array.from({ length: Number(process.argv[2] ?? 10) }, (_, i) => i + 1);
/** Selection's cap: correct responses of one problem that count as kept. */
const KEEP = 2;
const EDGES = [0, 0.05, 0.2, 0.5, 0.8];
const file = resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/data/traces/pass_rates.jsonl');

const named = (name: string, settings: unknown) => [name, SamplingPolicy.parse(settings)] as const;
const CASCADE = named('cascade 2/10/100', { policy: 'cascade' });
const UNTIL_TWO = named('uniform, 2 correct', { policy: 'uniform', correct: 2 });
const ADAPTIVE = named('adaptive', { policy: 'adaptive' });
const POLICIES: Policies = [
  CASCADE,
  named('cascade 2/2/4/8/16/32/48', { policy: 'cascade', stages: [2, 2, 4, 8, 16, 32, 48] }),
  named('uniform, 1 correct', { policy: 'uniform', correct: 1 }),
  UNTIL_TWO,
  named('uniform, 4 correct', { policy: 'uniform' }),
  named('prop2diff', { policy: 'prop2diff' }),
  named('gvm, 16 a problem', { policy: 'gvm' }),
  ADAPTIVE,
  named('adaptive, growth 0', { policy: 'adaptive', growth: 0 }),
  named('adaptive, growth 1', { policy: 'adaptive', growth: 1 }),
];

const AT_SAME_COST: Policies = POLICIES.filter(([name]) => /cascade|2 correct|prop2diff|adaptive$/.test(name));

interface Score {
  /** Samples per problem. */
  cost: number;
  /** Problems with a correct response. */
  covered: number;
  /** Correct responses, at most two of a problem. */
  kept: number;
  balance: number;
}

/**
 * Balance over difficulty: with k_b the kept responses per problem in the bucket b of true pass rates (edges 0, 0.05, 0.2, 0.5, 0.8,
 * 1) and q_b = k_b / Σk, the entropy −Σ q_b ln q_b over ln(number of buckets with problems). 1 = a problem is worth as many rows
 * at every difficulty.
 */
function balanceOf(kept: readonly { p: number; kept: number }[]): number {
  const means = EDGES.flatMap((edge, i) => {
    const inside = kept.filter(({ p }) => p >= edge && p < (EDGES[i + 1] ?? 2));
    return inside.length === 0 ? [] : [inside.reduce((sum, one) => sum + one.kept, 0) / inside.length];
  });
  const sum = means.reduce((all, mean) => all + mean, 0);
  return (
    -means.reduce((all, mean) => all + (mean > 0 ? (mean / sum) * Math.log(mean / sum) : 0), 0) / Math.log(means.length)
  );
}

function scoreOf(problems: readonly ReplayProblem[], { sampler, use }: Replay): Score {
  const kept = problems.map(({ problemId, p }) => {
    return { p, kept: Math.min(KEEP, sampler.problem(problemId)?.tally.successes ?? 0) };
  });
  return {
    cost: use.samples / problems.length,
    covered: kept.filter((one) => one.kept > 0).length,
    kept: kept.reduce((sum, one) => sum + one.kept, 0),
    balance: balanceOf(kept),
  };
}

function run(problems: readonly ReplayProblem[], policy: SamplingPolicy, seed: number, perProblem?: number): Score {
  const budget = perProblem === undefined ? {} : { samples: Math.round(perProblem * problems.length) };
  return scoreOf(problems, replay(problems, { settings: { policy, budget }, seed, inFlight: 64 }));
}

/** How often, at most, all answers of a problem must be there before the next can be asked for; the pilot is one wave. */
function mostWaves(policy: SamplingPolicy): number {
  const { pilot, rules } = policyOf(policy);
  const states = Array.from({ length: 30 }, (_, i) => ({
    ...{ earlier: { attempts: 0, successes: 0 }, drawn: pilot, graded: pilot, successes: i % (pilot + 1), weight: 1 },
  }));
  const made = rules(states);
  return Math.min(1, pilot) + Math.max(...states.map((state, i) => longestPath(made[i], state.drawn, state.successes)));
}

function longestPath(rule: Rule | undefined, start: number, correct: number): number {
  const seen = new Map<string, number>();
  const from = (drawn: number, successes: number): number => {
    const key = `${drawn} ${successes}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const batch = rule === undefined ? 0 : samplesNow(rule, drawn, successes);
    let most = 0;
    if (batch > 0)
      for (let correct = 0; correct <= batch; correct++)
        most = Math.max(most, 1 + from(drawn + batch, successes + correct));
    seen.set(key, most);
    return most;
  };
  return from(start, correct);
}

/** Two-sided 95 % of Student's t with so many degrees of freedom; from 30 on the normal value is near enough. */
const T = [
  12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09,
];

function interval(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half = (T[values.length - 2] ?? 2) * Math.sqrt(variance / values.length);
  return `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

function table(title: string, truths: readonly (readonly ReplayProblem[])[], perProblem?: number): void {
  const count = truths[0]?.length ?? 0;
  const all = SamplingPolicy.parse({ policy: 'cascade', stages: [112] });
  const uniform112 = truths.map((problems, i) => run(problems, all, SEEDS[i] ?? 0));
  console.log(`\n${title}: ${count} problems, ${SEEDS.length} seeds, mean ± 95 % interval`);
  const limit = perProblem === undefined ? '' : `, budget ${perProblem} a problem`;
  const heads = [
    'policy',
    'samples per problem',
    '112 / samples',
    'covered of uniform 112',
    `kept, at most ${KEEP}`,
    'balance',
    'waves',
  ];
  console.log(`| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|`);
  const results = (perProblem === undefined ? POLICIES : AT_SAME_COST).map(([name, policy]) => {
    const scores = truths.map((problems, i) => run(problems, policy, SEEDS[i] ?? 0, perProblem));
    const column = (value: (score: Score, i: number) => number, digits: number): string =>
      interval(scores.map(value), digits);
    const cells = [
      column(({ cost }) => cost, 2),
      column(({ cost }) => 112 / cost, 2),
      column(({ covered }, i) => (100 * covered) / (uniform112[i]?.covered ?? 1), 2).concat(' %'),
      column(({ kept }) => kept, 0),
      column(({ balance }) => balance, 3),
      String(mostWaves(policy)),
    ];
    console.log(`| ${name}${limit} | ${cells.join(' | ')} |`);
    return [name, scores] as const;
  });
  const scores = new Map(results);
  for (const rival of [CASCADE[0], UNTIL_TWO[0]])
    compare(scores.get(ADAPTIVE[0]) ?? [], scores.get(rival) ?? [], rival);
}

function compare(ours: readonly Score[], theirs: readonly Score[], rival: string): void {
  const relative = (key: keyof Score): string =>
    interval(
      ours.map((score, i) => 100 * (score[key] / (theirs[i]?.[key] ?? 1) - 1)),
      2,
    );
  console.log(
    `adaptive against ${rival}, same coins, in %: samples ${relative('cost')}, covered ${relative('covered')}, kept ${relative('kept')}, balance ${relative('balance')}`,
  );
}

/** Pass rates that the runs allow: a draw from each problem's posterior, its prior fitted to the problems of its data set and family. */
function likelyRates(rows: readonly Row[], seed: number): ReplayProblem[] {
  const kinds = new Map<string, Row[]>();
  for (const row of rows) {
    const kind = `${row.dataset} ${row.family}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), row]);
  }
  return [...kinds.values()].flatMap((kind) => {
    const prior = fitPrior(kind.map(({ runs, passed }) => ({ attempts: runs, successes: passed, weight: 1 })));
    return kind.map(({ problem_id, family, runs, passed }) => {
      const problemId = `${family}/${problem_id}`;
      return { problemId, p: betaSample(update(prior, runs, passed), 'rate', seed, problemId) };
    });
  });
}

function measuredRates(rows: readonly Row[]): ReplayProblem[] {
  return rows.map(({ problem_id, family, runs, passed }) => ({
    problemId: `${family}/${problem_id}`,
    p: passed / runs,
  }));
}

/** A hard set: Beta(0.3, 1.2), and one problem in twenty that nothing solves because its key is wrong. */
function madeRates(seed: number): ReplayProblem[] {
  return Array.from({ length: 2_000 }, (_, i) => {
    return { problemId: `made-${i}`, p: i % 20 === 0 ? 0 : betaSample({ a: 0.3, b: 1.2 }, 'made', seed, i) };
  });
}

/** A second round: every other problem is new, of the rest those are asked again that a cascade of 62 samples left unsolved. */
function secondRound(problems: readonly ReplayProblem[], seed: number): ReplayProblem[] {
  const old = problems.filter((_, i) => i % 2 === 0);
  const { sampler } = replay(old, {
    settings: { policy: SamplingPolicy.parse({ policy: 'cascade', stages: [2, 10, 50] }) },
    seed: seed + 1_000,
  });
  const unsolved = old.flatMap((problem) => {
    const tally = sampler.problem(problem.problemId)?.tally;
    return tally?.successes === 0 ? [{ ...problem, earlier: { attempts: tally.attempts, successes: 0 } }] : [];
  });
  return [...problems.filter((_, i) => i % 2 === 1), ...unsolved];
}

if (existsSync(file)) {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
  const never = rows.filter(({ passed }) => passed === 0).length;
  table(
    'pass rates likely by the runs measured',
    SEEDS.map((seed) => likelyRates(rows, seed)),
  );
  console.log(
    `\n${never} of ${rows.length} problems were never solved in their 2 to 32 runs. Taken for p = 0, each costs 112 samples under every policy that covers as much`,
  );
  console.log(
    `without knowing which they are: at most ${(rows.length / never).toFixed(2)} times fewer samples are possible there.`,
  );
  table(
    'pass rates as measured',
    SEEDS.map(() => measuredRates(rows)),
  );
  for (const perProblem of [4, 12])
    table(
      'likely rates, same cost',
      SEEDS.map((seed) => likelyRates(rows, seed)),
      perProblem,
    );
  for (const perProblem of [4, 12]) {
    table(
      'second round, same cost',
      SEEDS.map((seed) => secondRound(likelyRates(rows, seed), seed)),
      perProblem,
    );
  }
} else console.log(`skipped the measured pass rates: ${file} is absent`);
table('made pass rates', SEEDS.map(madeRates));
