// Rounds that repair wrong chains: with a SCRIPTED server that continues what it is given, and with the starter model.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { unboxed } from '../../../src/core/dialogue/assemble.ts';
import { splitSteps } from '../../../src/core/review/steps.ts';
import { type Chain, type ChatMessage, type ModelRef, RepairLine } from '../../../src/core/schemas/index.ts';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../../src/models/starter/catalogue.ts';
import { stopStarter } from '../../../src/models/starter/lifecycle.ts';
import { RepairArgs } from '../../../src/protocol/repair.ts';
import { planRepair } from '../../../src/runner/repair/plan-repair.ts';
import { textHash } from '../../../src/store/chain-index/rows.ts';
import { Dataset } from '../../../src/store/index.ts';
import { linesOf } from '../../../src/store/lines/files.ts';
import { startLonghand, until } from '../../fixtures/process.ts';
import { journalOf, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { file, newDataset, run, temporaryFolder } from '../../unit/verbs/run.ts';

const PROBLEM = { problem: 'What is 7 + 8?', answer: '15' };
/** Ten steps, of which one states a wrong sum, by default without an equality. After it, no continuation is right. */
const WRONG = 6;
const UNSTATED = 'So the sum is 14.';
const stepsOf = (name: string, wrong: string): string[] =>
  Array.from({ length: 9 }, (_, i) => (i + 1 === WRONG ? wrong : `Step ${i + 1} of ${name} is fine.`));
const traceOf = (name: string, wrong: string): string => [...stepsOf(name, wrong), 'It is \\boxed{14}.'].join('\n\n');

/** Labels the wrong step of the first chain as a reviewer. @returns the chain's id, and the step */
const labelWrong = (folder: string) =>
  inDataset(folder, async (opened) => {
    const chain = await opened.chain(opened.index.chains().at(0)?.id ?? '');
    const step = splitSteps(chain.text, chain.segments)[WRONG - 1] ?? { start: 0, end: 0 };
    const act = { id: 'x', at: '2026-12-01T00:00:00Z', reviewer: 'ada', chainId: chain.id };
    await opened.appendReview({ ...act, act: 'first-wrong-step', place: step });
    return [chain.id, step] as const;
  });

async function datasetWith(model: ModelRef, names: readonly string[], wrong = UNSTATED): Promise<string> {
  const dataset = await newDataset();
  const rows = names.map((name) => ({ id: name, ...PROBLEM, trace: traceOf(name, wrong) }));
  await run('import-traces', { dataset, file: await file('traces.jsonl', rows) });
  await run('model', { dataset, model, role: 'base' });
  return dataset;
}

/** Continues right in 6 of 10 cases, if the wrong step is not kept. */
function solves({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een' };
  const isRight = !/= 14|sum is 14/.test(last) && Number(body.seed) % 10 < 6;
  const sum = isRight ? 15 : 13;
  return { content: `\n\nNow I add: 7 + 8 is ${sum}.\n\nSo it is \\boxed{${sum}}.` };
}

const scripted = (baseURL: string): ModelRef => ({ kind: 'openai', baseURL, model: 'scripted' });

async function inDataset<T>(folder: string, work: (dataset: Dataset) => Promise<T>): Promise<T> {
  const dataset = await Dataset.open(folder);
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}

const repaired = (folder: string): Promise<Chain[]> =>
  inDataset(folder, async (dataset) => {
    const chains = await Promise.all(dataset.index.chains().map(({ id }) => dataset.chain(id)));
    return chains.filter(({ repairs }) => repairs !== undefined);
  });

/** Filters in one order. */
const comparable = (chain: Chain) => ({
  ...chain,
  filters: [...chain.filters].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

async function linesIn(folder: string, round: string): Promise<RepairLine[]> {
  const found: RepairLine[] = [];
  for await (const line of linesOf(join(folder, 'rounds', round, 'repairs.jsonl'), RepairLine)) found.push(line);
  return found;
}

const stateOf = async (dataset: string): Promise<string | undefined> =>
  (await run('status', { dataset })).rounds.find(({ kind }) => kind === 'repair')?.state;

const ARGS = { where: 'verdict = incorrect', limit: 100, budget: 40, batch: 2, certainty: 0.8 };

describe('a round of repairs by a SCRIPTED model', () => {
  it('keeps the error, turns away from it and continues from before it', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a', 'b', 'c']);
    const planned = await run('repair-chains', { dataset, ...ARGS, plan: true });
    expect(planned).toMatchObject({ planned: { round: '1-repair', chains: 3, labelled: 0, requests: 120 } });
    expect(server.received).toEqual([]);

    const result = await run('repair-chains', { dataset, ...ARGS });
    expect(result).toMatchObject({ chainsPassed: 3, repair: { ends: { repaired: 3 } }, kept: { FT: 3 } });
    const chains = await repaired(dataset);
    expect(chains).toHaveLength(3);
    for (const chain of chains) {
      const source = await inDataset(dataset, (opened) => opened.chain(chain.repairs?.chain ?? ''));
      const { start = 0, end = 0 } = chain.repairs ?? {};
      // The wrong step is in the part that is not trained, and this part has whole steps.
      expect(source.text.slice(start, end)).toContain(UNSTATED);
      const steps = splitSteps(source.text, source.segments);
      expect(steps.some((step) => step.start === start) && steps.some((step) => step.end === end)).toBe(true);
      // Boxes before the turn are removed.
      const [kept = '', wrong = ''] = [source.text.slice(0, start), unboxed(source.text.slice(start, end))];
      expect(chain.text.startsWith(`${kept}${wrong}`)).toBe(true);
      expect(chain).toMatchObject({ class: 'FT', passed: true, verdict: { outcome: 'correct' }, origin: 'sampled' });
      const masked = chain.segments.filter(({ train }) => !train);
      expect(masked.map((one) => [one.start, one.end])).toEqual([[start, start + wrong.length]]);
      expect(chain.filters.map(({ id }) => id)).toContain('joint');
    }
    // No fresh answers to the problems, and no change by grading or filtering again.
    const { chains: listed } = await run('chains', { source: dataset, limit: 9, where: 'round = 1-repair' });
    expect(listed.map((one) => [one.class, one.passRate])).toEqual(chains.map(() => ['FT', undefined]));
    expect((await run('regrade', { dataset, apply: true })).flips.chains).toEqual({});
    await run('refilter', { dataset, apply: true });
    expect((await repaired(dataset)).map(comparable)).toEqual(chains.map(comparable));
    expect(await stateOf(dataset)).toBe('finished');

    // The same chains are not repaired again.
    await expect(run('repair-chains', { dataset, ...ARGS })).rejects.toMatchObject({ kind: 'round' });
    // With another certainty they are tried, but the same chain is not stored twice. A lower one asks for nothing more.
    const other = await run('repair-chains', { dataset, ...ARGS, certainty: 0.79 });
    expect(other).toMatchObject({ chains: 0, calls: 0, repair: { ends: { repeated: 3 } } });
    expect(await repaired(dataset)).toHaveLength(3);
  });

  it('takes the wrong step of a reviewer without a search', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a']);
    const [id, place] = await labelWrong(dataset);
    await run('repair-chains', { dataset, ...ARGS });
    const [line] = await linesIn(dataset, '1-repair');
    expect(line).toMatchObject({ chainId: id, end: 'repaired', searched: 0, wrong: place });
    expect((await repaired(dataset))[0]?.repairs).toMatchObject({ ...place, by: { reviewer: 'ada' } });
    // Every continuation is from before the step.
    const asked = (await journalOf(dataset, '1-repair')).map(({ request }) => request.prefix);
    expect(asked.every((prefix) => prefix?.endsWith(`Step ${WRONG - 1} of a is fine.`))).toBe(true);
    expect(asked).toHaveLength(line?.samples ?? 0);
    // Continue from Here… at this place pays only what the round has not.
    const at = (asked[0] ?? '').length;
    const again = { dataset, chain: id, at, samples: asked.length + 1 };
    expect(await run('continue', { ...again, plan: true })).toMatchObject({
      plan: { requests: 1, reused: asked.length },
    });
    expect((await run('continue', again)).calls).toBe(1);
  });

  it('takes the step with an equality that does not hold without a search', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a'], 'So 7 + 8 = 14. Good.');
    const planned = await run('repair-chains', { dataset, ...ARGS, plan: true });
    expect(planned).toMatchObject({ planned: { chains: 1, labelled: 0, computed: 1 } });
    await run('repair-chains', { dataset, ...ARGS });
    const [line] = await linesIn(dataset, '1-repair');
    expect(line).toMatchObject({ end: 'repaired', searched: 0 });
    const [chain] = await repaired(dataset);
    expect(chain?.repairs?.by).toEqual({ equation: '7 + 8 = 14' });
    expect(chain?.pieces[0]?.text.slice(line?.wrong?.start, line?.wrong?.end)).toBe('So 7 + 8 = 14. Good.');
    const asked = (await journalOf(dataset, '1-repair')).map(({ request }) => request.prefix);
    expect(asked.every((prefix) => prefix?.endsWith(`Step ${WRONG - 1} of a is fine.`))).toBe(true);
  });

  it('searches where the step with the false equality is not the one after which no continuation is right', async () => {
    const server = await serve(solves);
    const dataset = await newDataset();
    const steps = stepsOf('a', UNSTATED).with(7, 'So 7 + 8 = 14. Good.');
    const trace = [...steps, 'It is \\boxed{14}.'].join('\n\n');
    await run('import-traces', { dataset, file: await file('traces.jsonl', [{ ...PROBLEM, trace }]) });
    await run('model', { dataset, model: scripted(server.baseURL), role: 'base' });
    const planned = await run('repair-chains', { dataset, ...ARGS, plan: true });
    expect(planned).toMatchObject({ planned: { computed: 1, requests: ARGS.budget } });
    await run('repair-chains', { dataset, ...ARGS });
    const [line] = await linesIn(dataset, '1-repair');
    expect(line).toMatchObject({ end: 'repaired', samples: (await journalOf(dataset, '1-repair')).length });
    expect(line?.samples).toBeLessThanOrEqual(ARGS.budget);
    const [chain] = await repaired(dataset);
    expect(chain?.pieces[0]?.text.slice(line?.wrong?.start, line?.wrong?.end)).toContain(UNSTATED);
    expect(chain?.repairs?.by).toMatchObject({ within: expect.any(Number) });
  });

  it('takes a paid sample that begins with the same steps, and requests nothing', async () => {
    const names = stepsOf('a', UNSTATED);
    const server = await serve((request) => {
      const last = (request.body.messages as ChatMessage[] | undefined)?.at(-1)?.content ?? '';
      if (!last.endsWith(names[1] ?? '')) return solves(request);
      // Another solution with the same steps up to the wrong one.
      return {
        content: `\n\n${[...names.slice(2, WRONG - 1), 'Then 7 + 8 is 15.', 'It is \\boxed{15}.'].join('\n\n')}`,
      };
    });
    const dataset = await datasetWith(scripted(server.baseURL), ['a']);
    const [chain, wrong] = await labelWrong(dataset);
    const { calls } = await run('continue', { dataset, chain, at: names.slice(0, 2).join('\n\n').length, samples: 1 });
    expect(calls).toBe(1);
    const result = await run('repair-chains', { dataset, ...ARGS });
    expect(result).toMatchObject({ calls: 0, chainsPassed: 1, repair: { ends: { repaired: 1 } } });
    const [made] = await repaired(dataset);
    expect(made?.repairs).toMatchObject({ ...wrong, call: (await journalOf(dataset, '1-continued'))[0]?.key });
    expect(made?.text.slice(wrong.end)).toMatch(/\n\nThen 7 \+ 8 is 15\.\n\nIt is \\boxed\{15\}\.$/);
    expect(made?.text.split('Step 3 of a')).toHaveLength(2);
  });

  it('repairs each chain of a problem with a continuation of its own', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a', 'b', 'c', 'd']);
    const policy = { policy: 'cascade', stages: [4] } as const;
    await run('sample-round', { dataset, role: 'base', policy, dropBelow: 0, seed: 5 });
    const result = await run('repair-chains', { dataset, ...ARGS, where: 'origin = imported' });
    expect(result).toMatchObject({ chainsPassed: 4, repair: { ends: { repaired: 4 } } });
    const calls = (await repaired(dataset)).map(({ repairs }) => repairs?.call);
    expect(new Set(calls).size).toBe(4);
    const paid = new Set((await journalOf(dataset, '1-sampling')).map(({ key }) => key));
    expect(calls.some((call) => paid.has(call ?? ''))).toBe(true);
  });

  it('requests nothing where the gold answer can’t be read, or a label is withdrawn after the plan', async () => {
    const server = await serve(solves);
    const dataset = await newDataset();
    const rows = [
      { id: 'p', ...PROBLEM, answer: '(1, 2', trace: traceOf('a', UNSTATED) },
      { id: 'q', problem: 'And 7 + 8?', answer: '15', trace: traceOf('b', UNSTATED) },
    ];
    await run('import-traces', { dataset, file: await file('traces.jsonl', rows) });
    await run('model', { dataset, model: scripted(server.baseURL), role: 'base' });
    const args = { dataset, ...ARGS, where: 'origin = imported' };
    await inDataset(dataset, async (opened) => {
      const { text, segments } = await opened.chain('q');
      const place = splitSteps(text, segments)[2] ?? null;
      const act = { at: '2026-12-01T00:00:00Z', reviewer: 'ada', chainId: 'q', act: 'first-wrong-step' } as const;
      await opened.appendReview({ ...act, id: 'x', place });
      await opened.refresh();
      const { plan, report } = await planRepair(opened, RepairArgs.parse(args), new AbortController().signal);
      expect(report).toMatchObject({ chains: 1, skipped: { unreadable: 1 } });
      // As an earlier version planned it.
      const { repair } = plan;
      const p = { chainId: 'p', text: textHash((await opened.chain('p')).text) };
      await opened.createRound({ ...plan, repair: { ...repair, chains: [p, ...repair.chains] } });
      await opened.appendReview({ ...act, id: 'y', place: null });
    });
    await run('resume', { dataset, round: '1-repair' });
    const ends = (await linesIn(dataset, '1-repair')).map(({ end }) => end);
    expect(ends.sort()).toEqual(['changed', 'ungraded']);
    expect(await journalOf(dataset, '1-repair')).toEqual([]);
  });

  it('uses what other rounds have paid, and stops at its budget of tokens', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a', 'b']);
    const known = { dataset, limit: 1, budget: 40, batch: 4, certainty: 0.95 };
    const { calls } = await run('step-values', known);
    const paid = new Set((await journalOf(dataset, '1-continued')).map(({ key }) => key));
    expect(paid.size).toBe(calls);
    await run('repair-chains', { dataset, ...ARGS, certainty: 0.95, tokens: 40 });
    const keys = (await journalOf(dataset, '2-repair')).map(({ key }) => key);
    expect(keys.filter((key) => paid.has(key))).toEqual([]);
    const lines = await linesIn(dataset, '2-repair');
    expect(lines.map(({ end }) => end).sort()).toEqual(['budget', 'repaired']);
  });

  it('spends no budget on what other rounds have paid, and no tokens on what the round itself has', async () => {
    const server = await serve(solves);
    const dataset = await datasetWith(scripted(server.baseURL), ['a']);
    const [chain = '', at = 0] = await inDataset(dataset, async (opened) => {
      const one = await opened.chain(opened.index.chains().at(0)?.id ?? '');
      return [one.id, splitSteps(one.text, one.segments)[0]?.end] as const;
    });
    await run('continue', { dataset, chain, at, samples: 40 });
    await run('repair-chains', { dataset, ...ARGS });
    const round = '2-repair';
    const [line] = await linesIn(dataset, round);
    expect(line).toMatchObject({ end: 'repaired' });
    expect(line?.samples).toBeLessThanOrEqual(40);

    // As if it had been killed before the chain was done, with its tokens spent.
    const folder = join(dataset, 'rounds', round);
    for (const name of ['repairs.jsonl', 'summary.json', 'runner.json', 'chains.jsonl'])
      await rm(join(folder, name), { force: true });
    const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8'));
    plan.repair.settings.tokens = 1;
    await writeFile(join(folder, 'plan.json'), JSON.stringify(plan));
    const sent = server.received.length;
    await run('resume', { dataset, round });
    expect(await linesIn(dataset, round)).toEqual([line]);
    expect(server.received.filter(({ path }) => path.includes('completions'))).toHaveLength(
      server.received.slice(0, sent).filter(({ path }) => path.includes('completions')).length,
    );
  });

  it('resumes after kill -9 with the same chains, and pays nothing twice', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const whole = await serve(solves);
    const reference = await datasetWith(scripted(whole.baseURL), names);
    await run('repair-chains', { dataset: reference, ...ARGS, concurrency: 2 });

    const server = await serve((request) => ({ ...solves(request), latencyMs: 60 }));
    const dataset = await datasetWith(scripted(server.baseURL), names);
    const flags = ['--budget', '40', '--batch', '2', '--certainty', '0.8', '--concurrency', '2', '--json'];
    const killed = startLonghand(['repair-chains', dataset, ...flags], {});
    const keys = async () => (await journalOf(dataset, '1-repair')).map(({ key }) => key);
    await until(async () => (await keys()).length >= 9);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const before = await keys();
    expect(await stateOf(dataset)).toBe('interrupted');
    const { code } = await startLonghand(['resume', dataset, '1-repair', '--json'], {}).ended;
    expect(code).toBe(0);
    const after = await keys();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after).size).toBe(after.length);
    expect((await linesIn(dataset, '1-repair')).map(({ chainId }) => chainId)).toHaveLength(names.length);
    const summary = JSON.parse(await readFile(join(dataset, 'rounds', '1-repair', 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ calls: after.length, repair: { ends: { repaired: 4 } } });
    expect(await repaired(dataset)).toHaveLength((await repaired(reference)).length);
  }, 90_000);
});

const { weights } = starterPaths(cacheFolder(), starterModel(DEFAULT_STARTER));
let cache = '';
afterEach(() => (cache === '' ? undefined : stopStarter({ model: DEFAULT_STARTER, cache })));

it.skipIf(!existsSync(weights))(
  'the starter model repairs a chain from before its wrong step, or reports why not',
  async () => {
    cache = join(await temporaryFolder(), 'cache');
    await mkdir(join(cache, 'starter'), { recursive: true });
    for (const part of ['runtime', 'models'])
      await symlink(join(cacheFolder(), 'starter', part), join(cache, 'starter', part), 'junction');
    const dataset = await datasetWith({ kind: 'starter', model: DEFAULT_STARTER }, ['a']);
    const [id] = await labelWrong(dataset);
    const args = { dataset, ...ARGS, budget: 4, response: { maxTokens: 32 } };
    const result = await run('repair-chains', args, { env: { LONGHAND_CACHE: cache } });
    const [line] = await linesIn(dataset, '1-repair');
    expect(line?.chainId).toBe(id);
    expect(['repaired', 'filtered-out', 'not-continued']).toContain(line?.end);
    expect((await repaired(dataset)).map((chain) => chain.id)).toEqual(line?.made);
    expect('calls' in result && result.calls).toBe((await journalOf(dataset, '1-repair')).length);
  },
  120_000,
);
