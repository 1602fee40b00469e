import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { Chain, GradeLine, type JournalLine, RoundPlan, RoundSummary } from '../../../src/core/schemas/index.ts';
import { Dataset, queryChains } from '../../../src/store/index.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { answersByRate, type Rated, rowsOf } from '../../fixtures/pass-rates.ts';
import {
  datasetFor,
  journalOf,
  roundLines as lines,
  type Respond,
  roundFile,
  serve,
  stateOf,
} from '../../fixtures/scripted-dataset.ts';
import { run } from '../../unit/verbs/run.ts';

/** Twelve easy problems, six hard ones, and two that are never solved: one with equal answers, one with scattered answers. */
const PROBLEMS: (Rated & { id: string })[] = Array.from({ length: 20 }, (_, i) => {
  const rated = { id: `p${i}`, problem: `What is ${i + 10} + ${i + 20}?`, right: String(2 * i + 30) };
  if (i < 12) return { ...rated, rate: 0.9 };
  if (i < 18) return { ...rated, rate: 0.15, wrong: (draw: number) => String(draw % 7) };
  return { ...rated, rate: 0, wrong: (draw: number) => (i === 18 ? '7' : String(draw % 5)) };
});

async function setUp(respond: Respond = answersByRate(PROBLEMS)) {
  const server = await serve(respond);
  const rows = rowsOf(PROBLEMS).map((row) => ({ ...row, topic: 'sums' }));
  const dataset = await datasetFor(server, rows, 'fine-tuned');
  const sample = async (args: Omit<VerbArgs<'sample-round'>, 'dataset'> = {}) =>
    RoundSummary.parse(await run('sample-round', { dataset, policy: CASCADE, seed: 5, ...args }));
  return { server, dataset, sample };
}

const CASCADE = { policy: 'cascade', stages: [2, 4, 8] };

function indexes(journal: readonly JournalLine[], problemId: string): number[] {
  return journal
    .filter((line) => line.problemId === problemId)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

describe('a sampling round', () => {
  it('runs whole stages of a cascade until a problem is solved, with its own seed for every sample', async () => {
    const { dataset, sample, server } = await setUp();
    const summary = await sample();
    const journal = await journalOf(dataset, summary.round);
    const grades = await lines(dataset, summary.round, 'grades.jsonl', GradeLine);
    expect(new Set(journal.map(({ request }) => request.seed)).size).toBe(journal.length);
    expect(server.received).toHaveLength(journal.length);
    for (const { id } of PROBLEMS) {
      const drawn = indexes(journal, id);
      const solvedAt = grades
        .filter(({ problemId, verdict }) => problemId === id && verdict.outcome === 'correct')
        .map(({ index }) => index);
      const end = [2, 6, 14].find((stage) => solvedAt.some((index) => index < stage)) ?? 14;
      expect(drawn).toEqual(Array.from({ length: end }, (_, i) => i));
    }
    const { sampling } = summary;
    expect(sampling?.ended).toEqual({ how: 'finished' });
    expect(sampling?.samples).toBe(journal.length);
    expect(sampling?.correct).toBe(grades.filter(({ verdict }) => verdict.outcome === 'correct').length);
    expect(sampling?.covered).toEqual({
      before: 0,
      after: new Set(grades.filter((g) => g.verdict.outcome === 'correct').map((g) => g.problemId)).size,
    });
  }, 60_000);

  it('makes chains of correct samples, keeps two per problem, and reports what was filtered out', async () => {
    const { dataset, sample } = await setUp();
    const summary = await sample();
    // A later line of an id replaces an earlier one: the length band is known only at the end.
    const written = await lines(dataset, summary.round, 'chains.jsonl', Chain);
    const chains = [...new Map(written.map((chain) => [chain.id, chain])).values()];
    const { sampling } = summary;
    expect(chains.filter(({ verdict }) => verdict.outcome === 'correct')).toHaveLength(sampling?.correct ?? -1);
    for (const chain of chains) {
      expect(chain.origin).toBe('sampled');
      expect(chain.segments).toEqual([{ piece: 'response', start: 0, end: chain.text.length, train: true }]);
    }
    const left = Object.values(sampling?.left ?? {}).reduce((sum, count) => sum + count, 0);
    expect((sampling?.kept ?? 0) + left).toBe(sampling?.correct);
    const opened = await Dataset.open(dataset);
    const kept = queryChains(opened.index, parseQuery(`round = ${summary.round} and filters = passed`));
    expect(kept).toHaveLength(sampling?.kept ?? -1);
    for (const { id } of PROBLEMS)
      expect(kept.filter(({ problemId }) => problemId === id).length).toBeLessThanOrEqual(2);
    await opened.close();
  }, 60_000);

  it('queues a trusted answer that the samples agree against, and none where they scatter', async () => {
    const { dataset, sample } = await setUp();
    const summary = await sample();
    expect(summary.sampling?.suspectGold.map(({ problemId }) => problemId)).toEqual(['p18']);
    expect(summary.sampling?.suspectGold[0]?.vote[0]).toEqual({ answer: '7', count: 14 });
    const opened = await Dataset.open(dataset);
    const doubted = queryChains(opened.index, parseQuery('triage = suspect-gold'));
    expect(doubted.map(({ problemId, outcome }) => [problemId, outcome])).toEqual([['p18', 'incorrect']]);
    expect(opened.index.suspectGold('p18')?.round).toBe(summary.round);
    await opened.close();
  }, 60_000);

  it('counts a truncated sample only when it is correct', async () => {
    const { dataset, sample } = await setUp((request) => {
      const reply = answersByRate(PROBLEMS)(request);
      const wrong = !PROBLEMS.some(({ right }) => reply.contents?.[0]?.includes(`{${right}}`));
      return wrong ? { ...reply, finish: 'length' } : reply;
    });
    const summary = await sample();
    expect(summary.sampling).toMatchObject({ incorrect: 0, suspectGold: [] });
    expect(summary.sampling?.truncated).toBeGreaterThan(20);
    const { problems } = await run('difficulty', { dataset });
    expect(problems.find(({ problemId }) => problemId === 'p19')).toMatchObject({ attempts: 0, ungraded: 14 });
  }, 60_000);

  it.each([
    ['samples', { samples: 11 }],
    ['requests', { requests: 9 }],
    ['tokens', { tokens: 4000 }],
  ])(
    'stops before a budget of %s is exceeded, and reports it',
    async (by, budget) => {
      const { dataset, sample, server } = await setUp();
      const { sampling } = await sample({ budget, response: { maxTokens: 200 } });
      expect(sampling?.ended).toEqual({ how: 'budget', by });
      const used = { samples: sampling?.samples ?? 0, requests: server.received.length, tokens: tokensOf(sampling) };
      const limit = Object.values(budget)[0] ?? 0;
      expect(used[by as keyof typeof used]).toBeLessThanOrEqual(limit);
      expect(used[by as keyof typeof used]).toBeGreaterThan(by === 'tokens' ? limit - 1000 : limit - 1);
      expect((await run('status', { dataset })).rounds[0]?.state).toBe('finished');
    },
    60_000,
  );

  it('stops before a budget is exceeded, by the prices of the model', async () => {
    const { dataset, sample } = await setUp();
    await run('prices', { dataset, role: 'fine-tuned', prices: { prompt: 1000, completion: 2000 } });
    const { sampling } = await sample({ budget: { money: 5 }, response: { maxTokens: 200 } });
    expect(sampling?.ended).toEqual({ how: 'budget', by: 'money' });
    expect(sampling?.cost).toBeLessThanOrEqual(5);
    expect(sampling?.cost).toBeGreaterThan(4);
  }, 60_000);

  it('starts no request after its time limit, and waits for those in flight', async () => {
    const { sample } = await setUp((request) => ({ ...answersByRate(PROBLEMS)(request), latencyMs: 100 }));
    const { sampling, seconds } = await sample({ budget: { seconds: 0.5 }, concurrency: 2 });
    expect(sampling?.ended).toEqual({ how: 'budget', by: 'seconds' });
    expect(seconds).toBeGreaterThanOrEqual(0.5);
    expect(sampling?.samples).toBeGreaterThan(0);
    // Two in parallel, each at least 100 ms: no more than six of each can start in time. A queued request has not started.
    expect(sampling?.samples).toBeLessThanOrEqual(12);
  }, 60_000);

  it('requests several samples together, and the plan counts these requests', async () => {
    const { dataset, sample, server } = await setUp();
    const { sampling, round } = await sample({ samplesPerRequest: 4, concurrency: 32 });
    expect(server.received.length).toBeLessThan((sampling?.samples ?? 0) / 1.5);
    expect(sampling?.requests).toBe(server.received.length);
    const journal = await journalOf(dataset, round);
    expect(new Set(journal.map(({ request }) => request.seed)).size).toBe(journal.length);
    for (const { id } of PROBLEMS) expect([2, 6, 14]).toContain(indexes(journal, id).length);
  }, 60_000);

  it('uses its earlier rounds for the plan, but not those of another model', async () => {
    const { dataset, sample, server } = await setUp();
    const first = await sample();
    const report = await run('plan-sampling', { dataset, policy: CASCADE });
    expect(report.covered).toBe(first.sampling?.covered.after);
    expect(report.buckets.every(({ kind }) => kind !== 'not-sampled')).toBe(true);
    expect(report.rate).toMatchObject({ from: 'sampling', round: first.round });
    await run('model', { dataset, model: { kind: 'openai', baseURL: server.baseURL, model: 'base' } });
    const base = await run('plan-sampling', { dataset, policy: CASCADE, role: 'base' });
    expect(base.covered).toBe(0);
    expect(base.rate.from).toBe('guess');
    const { rounds } = await run('difficulty', { dataset });
    expect(rounds.map(({ round, covered }) => [round, covered])).toEqual([[first.round, first.sampling?.covered]]);
  }, 60_000);

  it('marks a plan based on the prior until a pilot of random problems has measured the model', async () => {
    const { dataset, sample } = await setUp();
    const blind = await run('plan-sampling', { dataset, policy: CASCADE });
    expect(blind.evidence).toMatchObject({ sampled: 0, basis: 'flat', restsOnPrior: true });
    expect(blind.interval.coveredAfter.low).toBeLessThan(0.1 * PROBLEMS.length);
    expect(blind.interval.coveredAfter.high).toBeGreaterThan(0.9 * PROBLEMS.length);
    const pilot = await run('plan-sampling', { dataset, pilot: 12, seed: 5 });
    expect(pilot).toMatchObject({ pilot: true, problems: 12, total: { samples: 48 } });
    const { round } = await sample({ pilot: 12, policy: undefined });
    const { problemIds } = await roundFile(dataset, round, 'plan.json', RoundPlan);
    expect(problemIds).not.toEqual(PROBLEMS.slice(0, 12).map(({ id }) => id));
    const after = await run('plan-sampling', { dataset, policy: CASCADE });
    expect(after.evidence).toMatchObject({
      sampled: 12,
      basis: 'measured',
      problems: 12,
      samples: 48,
      restsOnPrior: false,
    });
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(after.interval.coveredAfter)).toBeLessThan(width(blind.interval.coveredAfter));
  }, 60_000);

  it('measures the model by the first stage of a cascade that a budget ended, and marks unmeasured problems', async () => {
    const { dataset, sample } = await setUp();
    await sample({ budget: { samples: 14 } });
    // One sample of each of 14 problems: no first stage is complete, and six problems are planned from the prior alone.
    expect((await run('plan-sampling', { dataset, policy: CASCADE })).evidence).toEqual({
      ...{ sampled: 14, basis: 'flat', problems: 0, samples: 0, restsOnPrior: true },
    });
    await sample({ budget: { samples: 32 } });
    expect((await run('plan-sampling', { dataset, policy: CASCADE })).evidence).toEqual({
      ...{ sampled: 20, basis: 'measured', problems: 12, samples: 24, restsOnPrior: false },
    });
  }, 60_000);

  it('is settled again when it is regraded, and then makes chains of the newly correct samples', async () => {
    const halves = answersByRate(PROBLEMS.map((one) => ({ ...one, right: `${one.right}.0001` })));
    const { dataset, sample } = await setUp(halves);
    const before = await sample();
    expect(before.sampling).toMatchObject({ correct: 0, kept: 0 });
    const problems = join(dataset, 'problems', 'problems.jsonl');
    const text = await readFile(problems, 'utf8');
    await writeFile(problems, text.replace('"answer":"30"', '"answer":"30.0001"'));
    await run('regrade', { dataset, apply: true });
    const { rounds } = await run('difficulty', { dataset });
    expect(rounds[0]?.covered.after).toBe(1);
    const { sampling } = await roundFile(dataset, before.round, 'summary.json', RoundSummary);
    expect(sampling?.covered.after).toBe(1);
    expect(sampling?.kept).toBeGreaterThan(0);
    expect(sampling?.samples).toBe(before.sampling?.samples);
    const status = await run('status', { dataset });
    expect(status.rounds[0]?.chainsPassed).toBeGreaterThanOrEqual(sampling?.kept ?? 0);
  }, 60_000);

  it('is selected again when it is filtered again: newly passing chains above the limit are not kept', async () => {
    const { dataset, sample } = await setUp();
    const before = await sample({ policy: { policy: 'cascade', stages: [6] } });
    expect(before.quotaDropped.length).toBeGreaterThan(0);
    const summary = () => roundFile(dataset, before.round, 'summary.json', RoundSummary);
    const set = { minLength: 100_000 };
    await run('refilter', { dataset, set, apply: true });
    const correct = before.sampling?.correct ?? 0;
    expect(await summary()).toMatchObject({
      ...{ chainsPassed: 0, quotaDropped: [], filters: set },
      sampling: { kept: 0, left: { filters: correct }, correct },
    });
    // A regraded round keeps these filters.
    await run('regrade', { dataset, apply: true });
    expect(await summary()).toMatchObject({ filters: set, sampling: { kept: 0, left: { filters: correct } } });
    const looked = await run('refilter', { dataset });
    const done = await run('refilter', { dataset, apply: true });
    for (const { rounds } of [looked, done])
      expect(rounds[0]).toMatchObject({ quotaBefore: 0, quotaAfter: before.quotaDropped.length });
    const { finishedAt: _, ...after } = await summary();
    const { finishedAt, ...rest } = before;
    expect(after).toEqual(rest);
    const opened = await Dataset.open(dataset);
    const kept = queryChains(opened.index, parseQuery(`round = ${before.round} and filters = passed`));
    expect(kept).toHaveLength(before.sampling?.kept ?? -1);
    await opened.close();
  }, 60_000);

  it('stores all that a resume requires in its plan, and reports itself in runner.json', async () => {
    const { dataset, sample } = await setUp();
    const { round, sampling } = await sample();
    const plan = await roundFile(dataset, round, 'plan.json', RoundPlan);
    expect(plan.sampling?.settings.policy).toMatchObject({ ...CASCADE, leastSurvivors: 0.01 });
    expect(plan.sampling?.problems).toHaveLength(20);
    expect(plan).toMatchObject({ kind: 'sampling', seed: 5, model: { model: 'tuned' }, grading: { name: 'default' } });
    const state = await stateOf(dataset, round);
    expect(state).toMatchObject({
      state: 'finished',
      problemsDone: 20,
      sampling: { samples: sampling?.samples, survivors: 0 },
    });
    expect(state.sampling?.solved).toBe(sampling?.covered.after);
  }, 60_000);
});

function tokensOf(sampling: RoundSummary['sampling']): number {
  return (sampling?.promptTokens ?? 0) + (sampling?.completionTokens ?? 0);
}
