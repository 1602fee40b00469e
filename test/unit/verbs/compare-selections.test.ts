import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defined } from '../../../src/core/defined.ts';
import { evaluationScores } from '../../../src/core/evaluation/scores.ts';
import type { EngineChoice } from '../../../src/core/schemas/index.ts';
import { SelectionsPlan } from '../../../src/core/selections/index.ts';
import { planEvaluation } from '../../../src/runner/evaluation/plan-evaluation.ts';
import { createEvaluation, SAMPLES_FILE, writeEvaluation } from '../../../src/store/evaluations.ts';
import { lockComparison } from '../../../src/store/selections/comparisons.ts';
import type { VerbArgs } from '../../../src/verbs/index.ts';
import { isSameModel } from '../../../src/verbs/selections/base-model.ts';
import { sample } from '../evaluation/samples.ts';
import { file, open, run, temporaryFolder } from './run.ts';

type Args = VerbArgs<'compare-selections'>;

/** The sample dataset, and what compares two of its classes. The model is a name of the hub, which only a trainer reads. */
async function classes(): Promise<Args> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const problems = await file('held-out.jsonl', [{ problem: 'How many are 31 and 11 together?', answer: '42' }]);
  return {
    dataset,
    a: 'class = FT',
    b: 'class = TT',
    problems: [problems],
    seeds: [1, 2],
    model: 'owner/name',
    tolerance: 1,
  };
}

const planned = async (args: Args) => (await run('compare-selections', { ...args, plan: true })).plan;

/** Arguments with a configuration and arguments of the server, which pin how a comparison resumes. */
async function pinned() {
  const config = join(await temporaryFolder(), 'config.yaml');
  await writeFile(config, 'learning_rate: 1e-5\n');
  return { ...(await begun({ config, serving: { serverArgs: ['--sequences', '4'] } })), config };
}

/** A comparison that was started with more arguments and stopped at its first training. @returns also the arguments that resume it */
async function begun(more: Partial<Args> = {}) {
  const args = { ...(await classes()), ...more };
  await exportsOf(args);
  const [comparison = ''] = await readdir(join(args.dataset, 'comparisons'));
  const { config, serving } = args;
  const resume = { dataset: args.dataset, resume: comparison, ...defined({ config, serving }) };
  return { args, comparison, folder: join(args.dataset, 'comparisons', comparison), resume };
}

/** Runs a comparison until its first training. @returns its exports */
async function exportsOf(args: Args): Promise<string[]> {
  const stop = new Error('stopped at a training');
  const onProgress = ({ message }: { message?: string | undefined }) => {
    if (message?.startsWith('train ')) throw stop;
  };
  await expect(run('compare-selections', args, { onProgress })).rejects.toThrow(stop);
  return readdir(join(args.dataset, 'exports'));
}

describe('a comparison of selections', { timeout: 60_000 }, () => {
  test('has a control of random rows only where no selection is one', async () => {
    const args = await classes();
    const other = await planned(args);
    expect(other.arms.map(({ arm }) => arm)).toEqual(['a', 'b', 'control']);
    const nested = await planned({ ...args, b: '' });
    expect(nested.arms.map(({ arm }) => arm)).toEqual(['a', 'b']);
    expect(nested.checks.find(({ id }) => id === 'control')?.message).toMatch(/^B has all chains of A/);
    const alike = await planned({ ...args, b: 'class = FT', unmasked: ['b'], control: 'none' });
    expect(alike.checks.map(({ id }) => id)).not.toContain('control');
    const unmasked = await planned({ ...args, b: '', unmasked: ['b'] });
    expect(unmasked.arms.map(({ arm }) => arm)).toEqual(['a', 'b', 'control']);
  });

  test('keeps all chains of one selection, and draws as many of the others', async () => {
    const args = { ...(await classes()), keepAll: 'a' as const, b: '', unmasked: ['b' as const] };
    const { rows, arms, draws, checks } = await planned(args);
    expect(rows).toBe(arms[0]?.chains);
    expect(draws.every((draw) => draw.rows === rows)).toBe(true);
    expect(checks.some(({ message }) => message.includes('that A does not have'))).toBe(false);
    // With a tolerance of 1, rows differ in length only because of their problems.
    const short = await planned({ ...args, a: 'tokens < 600' });
    const lengths = short.checks.filter(({ id }) => id === 'lengths').map(({ message }) => message);
    expect(lengths.join()).toMatch(/they are about the problems of A\.$/);
    const few = await planned({ ...args, a: 'class = TT', b: 'class = FT' });
    expect(few.checks.map(({ message }) => message).join()).toMatch(
      /A does not have all problems of the other arms: up to \d+ rows in an arm/,
    );
    const all = { ...args, a: '', b: 'class = FT' };
    await expect(planned(all)).rejects.toThrow(/^B has \d+ chains, and A \d+: it can’t have as many rows/);
    await expect(planned({ ...args, rows: 3 })).rejects.toThrow('--keep-all decides');
  });

  test('takes the chains of an arm as an export of passed chains does', async () => {
    const args = await classes();
    const { dataset } = args;
    const chains = async (more: Partial<Args>) => (await planned({ ...args, a: '', ...more })).arms[0]?.chains;
    const exported = await run('export', { dataset, select: 'passed', source: 'merged', plan: true });
    expect(await chains({ selected: ['a'] })).toBe(exported.chains);
    expect(await chains({})).toBeGreaterThan(exported.chains);
  });

  test('has each set of held-out problems, and the base model with two prompts', async () => {
    const more = await file('more.jsonl', [{ problem: 'How many are 41 and 11 together?', answer: '52' }]);
    const prompt = join(await temporaryFolder(), 'prompt.md');
    await writeFile(prompt, '## user\n\n{{problem}}\n');
    const args = await classes();
    const both = { ...args, problems: [...(args.problems ?? []), more], base: true, basePrompt: prompt };
    const plan = await planned({ ...both, against: 'prompted' });
    expect(plan.sets.map(({ name, problems }) => [name, problems])).toEqual([
      ['held-out', 1],
      ['more', 1],
    ]);
    // Three trained arms and two prompts of the base model, two seeds, two sets.
    expect(plan.expected.evaluations).toBe((3 + 2) * 2 * 2);
    await expect(planned({ ...args, against: 'base' })).rejects.toThrow('no arm base');
    const wrong = join(await temporaryFolder(), 'wrong.md');
    await writeFile(wrong, '## user\n\n{{question}}\n');
    await expect(planned({ ...both, basePrompt: wrong })).rejects.toThrow('question');
    await exportsOf(both);
    const [comparison = ''] = await readdir(join(args.dataset, 'comparisons'));
    await appendFile(join(args.dataset, 'comparisons', comparison, 'base-prompt.md'), 'Be brief.\n');
    await expect(run('compare-selections', { dataset: args.dataset, resume: comparison })).rejects.toThrow(
      'have changed',
    );
  });

  test('has the tokens of all chains in one unit where those of some are estimated', async () => {
    const args = await classes();
    const path = join(args.dataset, 'rounds', '0-handwritten', 'chains.jsonl');
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    // One token a character, as no estimate has it.
    const counted = lines.map((line) => {
      const chain = JSON.parse(line);
      const tokens = chain.class === 'FT' ? { count: chain.text.length, estimated: false } : chain.tokens;
      return `${JSON.stringify({ ...chain, tokens })}\n`;
    });
    await writeFile(path, counted.join(''));
    const { draws } = await planned(args);
    expect(draws.map(({ arm }) => arm)).toContain('b');
    for (const { tokens, characters } of draws) expect(tokens).toBe(characters);
  });

  test('assumes a pass rate of one half where none is known', async () => {
    const few = await classes();
    const heldOut = Array.from({ length: 200 }, (_, n) => ({
      problem: `How many are ${n} and 1100 together?`,
      answer: '42',
    }));
    const args = { ...few, problems: [await file('many.jsonl', heldOut)] };
    const [assumed, given] = [await planned(args), await planned({ ...args, passRate: 0.2 })];
    expect(assumed.sets[0]?.power).toMatchObject({ rate: 0.5, isAssumed: true });
    expect(assumed.sets[0]?.power?.detectable).toBeGreaterThan(given.sets[0]?.power?.detectable ?? 1);
    const check = assumed.checks.find(({ id }) => id === 'power');
    expect(check).toMatchObject({ state: 'warning', advice: expect.stringContaining('--pass-rate') });
    expect(given.checks.find(({ id }) => id === 'power')?.state).toBe('ok');
    const one = (await planned(few)).checks.find(({ id }) => id === 'power');
    expect(one).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('So few answers find no difference'),
    });
  });

  test('takes the power from answers to the same prompts', async () => {
    const args = await classes();
    const dataset = await open(args.dataset);
    const prompt = join(await temporaryFolder(), 'prompt.md');
    await writeFile(prompt, '## user\n\n{{problem}}\n');
    const model = { kind: 'openai' as const, baseURL: 'http://127.0.0.1:1/v1', model: 'owner/name' };
    const problems = Array.from({ length: 4 }, (_, i) => ({
      id: `p${i}`,
      source: 's',
      problem: `${i} + 1?`,
      answer: '1',
    }));
    const set = { set: { from: 'file' as const, file: 'p.jsonl', size: 4 }, problems };
    // The later one, in a prompt of its own, is right twice as often.
    for (const [right, own] of [
      [1, {}],
      [2, { prompt }],
    ] as const) {
      const { plan } = await planEvaluation(dataset, set, { model, role: 'base', k: 1, ...own });
      const { folder } = await createEvaluation(args.dataset, plan, problems);
      const samples = problems.map(({ id }, i) => ({
        ...{ problemId: id, index: 0, outcome: i < right ? ('correct' as const) : ('incorrect' as const) },
        ...{ reply: 'answered' as const, answer: '1', tokens: 9, estimated: false },
        behaviours: { verification: 0, backtracking: 0, subgoal: 0, backward: 0 },
      }));
      await writeFile(join(folder, SAMPLES_FILE), samples.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const result = {
        ...{ version: 1 as const, evaluation: plan.evaluation, finishedAt: plan.createdAt },
        ...{
          scores: evaluationScores(samples),
          calls: 4,
          promptTokens: 9,
          completionTokens: 9,
          cost: null,
          unanswered: 0,
        },
        contamination: { trained: 0, exports: [], runs: [], unread: [], hits: [] },
      };
      await writeEvaluation(folder, { report: '', answers: '', picture: '', result });
    }
    expect((await planned(args)).sets[0]?.power?.rate).toBe(0.25);
  });

  test('warns where the mask leaves arms other shares to train, unless the mask is compared', async () => {
    const args = { ...(await classes()), control: 'none', seeds: [1] };
    const warned = async (more: Partial<Args>) =>
      (await planned({ ...args, ...more })).checks.some(({ message }) => message.startsWith('The mask leaves'));
    expect(await warned({ a: 'class = FF' })).toBe(true);
    expect(await warned({})).toBe(false);
    expect(await warned({ a: 'class = FT', b: 'class = FT', unmasked: ['b'] })).toBe(false);
  });

  test('refuses arms with the same rows, unless the mask is compared', async () => {
    const args = { ...(await classes()), a: 'class = FT', b: 'class = FT', control: 'none' };
    const overlap = async (more: Partial<Args>) =>
      (await planned({ ...args, ...more })).checks.find(({ id }) => id === 'overlap')?.state;
    expect(await overlap({})).toBe('error');
    expect(await overlap({ unmasked: ['b'] })).toBe('ok');
    expect(await overlap({ unmasked: ['a', 'b'] })).toBe('error');
    const { b: _b, ...one } = args;
    const control = (await planned({ ...one, control: 'class = FT' })).checks.find(({ id }) => id === 'overlap');
    expect(control?.message).toContain('A and the control have the same rows');
    await expect(run('compare-selections', args)).rejects.toThrow('A and B have the same rows');
  });

  test('has no cost and time of an endpoint, since answers are served here', async () => {
    const args = await classes();
    const model = { kind: 'openai' as const, baseURL: 'https://models.example/v1', model: 'owner/name' };
    await run('model', { dataset: args.dataset, model, role: 'base' });
    await run('prices', { dataset: args.dataset, role: 'base', prices: { prompt: 1, completion: 2 } });
    const { expected } = await planned(args);
    expect(expected.requests).toBeGreaterThan(0);
    expect(expected.cost).toBeUndefined();
  });

  test('counts what is trained of each arm by its own mask', async () => {
    const { draws } = await planned({ ...(await classes()), a: 'class = FT', b: '', unmasked: ['b'] });
    for (const { arm, trained, characters } of draws) {
      if (arm === 'b') expect(trained).toBe(characters);
      else expect(trained).toBeLessThan(characters);
    }
  });

  test('exports the rows of all arms and seeds before the first training, for a model of the hub too', async () => {
    const { args, resume } = await begun();
    expect(await readdir(join(args.dataset, 'exports'))).toHaveLength(6);
    const other = run('compare-selections', { ...resume, serving: { serverType: 'f32' } });
    await expect(other).rejects.toThrow('planned with the default server type');
    expect(await exportsOf(resume)).toHaveLength(6);
    const prompts = join(args.dataset, 'prompts');
    const [set = ''] = await readdir(prompts);
    for (const name of await readdir(join(prompts, set))) await appendFile(join(prompts, set, name), '\nBe brief.\n');
    await expect(run('compare-selections', resume)).rejects.toThrow('have changed since');
  });

  test('does not resume with another configuration, server or trainer than it began with', async () => {
    const { comparison, resume, config } = await pinned();
    const resumed = (more: Partial<Args>) => run('compare-selections', { ...resume, ...more });
    await expect(resumed({ config: undefined })).rejects.toThrow('was started with --config');
    await expect(resumed({ serving: { serverArgs: ['--sequences', '8'] } })).rejects.toThrow('another --server-args');
    await expect(resumed({ program: { command: ['train'] } })).rejects.toThrow('was started without --command');
    expect(await exportsOf(resume)).toHaveLength(6);
    await writeFile(config, 'learning_rate: 1e-3\n');
    await expect(resumed({})).rejects.toMatchObject({
      message: `Comparison ${comparison} was started with another --config.`,
      advice: expect.stringContaining('Resume it with the --config that it began with'),
    });
  });

  test('stores its model as each later start finds it, and refuses one that has changed or is missing', async () => {
    const args = await classes();
    const model = join(await temporaryFolder(), 'tiny');
    await mkdir(model);
    for (const name of ['config.json', 'model.safetensors']) await writeFile(join(model, name), '{}');
    const missing = run('compare-selections', { ...args, model: `${model}2` });
    await expect(missing).rejects.toThrow('There is no model at');
    expect(await readdir(args.dataset)).not.toContain('comparisons');
    const { comparison, resume } = await begun({ ...args, model: relative(process.cwd(), model) });
    const shown = await run('compare-selections', { dataset: args.dataset, show: comparison });
    expect(shown.plan.training.model).toBe(model);
    await exportsOf(resume);
    await writeFile(join(model, 'model.safetensors'), '{"trained":"further"}');
    await expect(run('compare-selections', resume)).rejects.toThrow(`The files of ${model} have changed`);
  });

  test('is shown with its finished steps, running while a process has its lock, and with the id of its start', async () => {
    const { args, comparison, folder } = await begun({ id: '0123abcd' });
    expect((await readdir(join(args.dataset, 'exports'))).every((name) => name.startsWith('compare-0123abcd-'))).toBe(
      true,
    );
    const shown = () => run('compare-selections', { dataset: args.dataset, show: comparison });
    // Six exports; six trainings and six evaluations are left.
    const steps = { done: 6, total: 18 };
    const failure = { message: 'stopped at a training' };
    expect(await shown()).toMatchObject({ plan: { id: '0123abcd' }, progress: { isRunning: false, steps, failure } });
    const lock = await lockComparison(args.dataset, folder);
    expect((await shown()).progress?.isRunning).toBe(true);
    await lock.release();
  });

  test('refuses flags that a stored plan decides, by the names that they have', async () => {
    const { args, comparison } = await begun();
    const refused = async (more: Partial<Args>, flags: string) =>
      expect(run('compare-selections', { dataset: args.dataset, ...more })).rejects.toThrow(flags);
    await refused({ resume: comparison, passRate: 0.5 }, '--resume can’t be combined with --pass-rate.');
    await refused({ resume: comparison, response: { maxTokens: 9 } }, '--resume can’t be combined with --max-tokens.');
    await refused({ show: comparison, resume: comparison }, '--show can’t be combined with --resume.');
    await refused({ show: comparison, program: { command: ['x'] } }, '--show can’t be combined with --command.');
    await refused({ cancel: comparison, detach: true }, '--cancel can’t be combined with --detach.');
    await expect(planned({ ...args, shareOf: 'class = FT' })).rejects.toThrow('--share-of changes nothing');
  });

  test('does not take the id of another comparison, also of a deleted one that left files', async () => {
    const { args, folder } = await begun({ id: '0123abcd' });
    const other = () => run('compare-selections', { ...args, b: '' });
    await expect(other()).rejects.toThrow(/^Comparison 1-\S+ has the id 0123abcd\.$/);
    await rm(folder, { recursive: true });
    await expect(other()).rejects.toThrow(/^exports\/compare-0123abcd-\S+ is of a deleted comparison/);
  });

  test('counts held-out problems whose gold answer can’t be read, and plans its power without them', async () => {
    const args = { ...(await classes()), passRate: 0.3 };
    const heldOut = (answer: string, other = '42') =>
      file('held-out.jsonl', [
        { id: 'h1', problem: 'How many are 31 and 11 together?', answer: other },
        { id: 'h2', problem: 'How many are 51 and 11 together?', answer },
      ]);
    const unread = await planned({ ...args, problems: [await heldOut('(6, 2')] });
    expect(unread.checks).toContainEqual({
      ...{ id: 'gold', state: 'warning', advice: 'Correct these gold answers, or remove their rows.' },
      message:
        '1 held-out problem has a gold answer that can’t be read, such as h2: most answers to it can’t be graded.',
    });
    expect(unread.sets[0]?.problems).toBe(2);
    const none = run('compare-selections', { ...args, problems: [await heldOut('(6, 2', '(4')] });
    await expect(none).rejects.toThrow('2 held-out problems have a gold answer');
    const read = await planned({ ...args, problems: [await heldOut('62')] });
    expect(read.checks.map(({ id }) => id)).not.toContain('gold');
    expect(read.sets[0]?.power?.detectable).toBeLessThan(unread.sets[0]?.power?.detectable ?? 0);
  });

  test('resumes without the runs of trainings that are evaluated', async () => {
    const { args, folder: own, resume } = await begun({ control: 'none', seeds: [1], id: '0123abcd' });
    const dataset = await open(args.dataset);
    const problems = [{ id: 'p', source: 's', problem: '31 + 11?', answer: '42' }];
    const set = { set: { from: 'file' as const, file: 'p.jsonl', size: 1 }, problems };
    const model = { kind: 'openai' as const, baseURL: 'http://127.0.0.1:1/v1', model: 'm' };
    for (const name of ['compare-0123abcd-a-1', 'compare-0123abcd-b-1']) {
      const { plan } = await planEvaluation(dataset, set, { model, role: 'fine-tuned', k: 1, name });
      const { folder } = await createEvaluation(args.dataset, plan, problems);
      await writeFile(join(folder, SAMPLES_FILE), `${JSON.stringify(sample({}))}\n`);
      const finished = { at: plan.createdAt, seconds: 1 };
      const steps = [
        { step: `train ${name}`, ...finished, result: name },
        { step: `evaluate ${name}`, ...finished, result: plan.evaluation },
      ];
      await appendFile(join(own, 'steps.jsonl'), steps.map((one) => `${JSON.stringify(one)}\n`).join(''));
    }
    const { result } = await run('compare-selections', resume);
    const runs = result?.sets[0]?.arms.flatMap(({ seeds }) => seeds);
    expect(runs).toMatchObject([{ run: 'compare-0123abcd-a-1' }, { run: 'compare-0123abcd-b-1' }]);
    expect(runs?.[0]).not.toHaveProperty('cutRows');
  });

  test('leaves no folder where a check found an error', async () => {
    const args = await classes();
    const opened = await open(args.dataset);
    const [first] = opened.index.chains();
    const { problem } = await opened.problem((await opened.chain(first?.id ?? '')).problemId);
    const problems = await file('seen.jsonl', [{ problem, answer: '1' }]);
    const seen = { ...args, a: '', b: 'class = FT', problems: [problems] };
    await expect(run('compare-selections', seen)).rejects.toThrow('among the problems of the chains');
    expect(await readdir(args.dataset)).not.toContain('comparisons');
  });

  test('of a stranger sends no run to an address that only its plan names', async () => {
    const { folder, resume } = await begun();
    const path = join(folder, 'plan.json');
    const plan = SelectionsPlan.parse(JSON.parse(await readFile(path, 'utf8')));
    const engine: EngineChoice = { engine: 'ray', address: 'http://127.0.0.1:9' };
    await writeFile(path, JSON.stringify({ ...plan, training: { ...plan.training, engine } }));
    const env = { LONGHAND_CACHE: await temporaryFolder() };
    const resumed = run('compare-selections', resume, { env });
    await expect(resumed).rejects.toThrow('http://127.0.0.1:9, where no run was ever sent from here');
  });
});

test('a model is the one of a comparison by its folder, file, name or as the starter', () => {
  const served = (model: string) => ({ kind: 'openai' as const, baseURL: 'http://127.0.0.1:1/v1', model });
  expect(isSameModel({ kind: 'starter', model: 'smollm2-135m-instruct' }, undefined)).toBe(true);
  expect(isSameModel({ kind: 'starter', model: 'smollm2-135m-instruct' }, '/models/tiny')).toBe(false);
  expect(isSameModel(served('tiny-0123abcd'), '/models/tiny')).toBe(true);
  expect(isSameModel(served('owner/tiny'), 'owner/tiny')).toBe(true);
  expect(isSameModel(served('gpt-large'), undefined)).toBe(false);
  expect(isSameModel('/models/tiny', '/models/tiny')).toBe(true);
  expect(isSameModel('/models/other', '/models/tiny')).toBe(false);
});
