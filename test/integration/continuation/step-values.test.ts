// Values of steps: with a SCRIPTED server whose continuations are right until a planted step is kept.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StepSearch } from '../../../src/core/continuation/step-search.ts';
import type { ChatMessage, ModelRef } from '../../../src/core/schemas/index.ts';
import { shownStepValues } from '../../../src/editor/review/review-item.ts';
import { Dataset } from '../../../src/store/index.ts';
import { startLonghand, until } from '../../fixtures/process.ts';
import { journalOf, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { file, newDataset, run } from '../../unit/verbs/run.ts';

const PROBLEM = { id: 'p', problem: 'What is 7 + 8?', answer: '15' };
/** A chain of ten steps, of which one states a wrong sum. After it, no continuation is right. */
const WRONG = 7;
const STEPS = Array.from({ length: 10 }, (_, i) => (i + 1 === WRONG ? 'So 7 + 8 = 14.' : `Step ${i + 1} is fine.`));
const TRACE = `${STEPS.join('\n\n')}\n\nIt is \\boxed{14}.`;

function solves({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een' };
  const isRight = !last.includes('= 14') && Number(body.seed) % 10 < 7;
  return { content: ` And \\boxed{${isRight ? 15 : 14}}.` };
}

const ARGS = { limit: 5, budget: 40, batch: 4, certainty: 0.9 };

async function datasetWith(model: ModelRef, trace = TRACE): Promise<{ dataset: string; chain: string }> {
  const dataset = await newDataset();
  await run('import-traces', { dataset, file: await file('traces.jsonl', [{ ...PROBLEM, trace }]) });
  await run('model', { dataset, model, role: 'base' });
  const { chains } = await run('chains', { source: dataset, limit: 9 });
  return { dataset, chain: chains[0]?.id ?? '' };
}

const modelAt = ({ baseURL }: { baseURL: string }): ModelRef => ({ kind: 'openai', baseURL, model: 'scripted' });

describe('step values by a SCRIPTED model', () => {
  it('find the planted wrong step with fewer continuations than a scan, and are not paid again', async () => {
    const server = await serve(solves);
    const { dataset, chain } = await datasetWith(modelAt(server));
    const args = { dataset, ...ARGS };
    const { plan } = await run('step-values', { ...args, plan: true });
    expect(plan).toMatchObject({ chains: 1, steps: 11, requests: 40 });
    expect(server.received).toEqual([]);
    const { values, calls, failed } = await run('step-values', args);
    expect(failed).toEqual([]);
    const [found] = values;
    expect(Math.abs((found?.firstWrong?.step ?? 0) - WRONG)).toBeLessThanOrEqual(1);
    expect(found).toMatchObject({ chainId: chain, steps: 11, samples: calls });
    expect(calls).toBeLessThanOrEqual(0.4 * 8 * 11);
    const again = await run('step-values', args);
    expect(again.calls).toBe(0);
    expect({ ...again.values[0], at: '' }).toEqual({ ...found, at: '' });
    // A continuation of the same text is one of these.
    const place = found?.places.find(({ kept, right, wrong }) => kept > 0 && kept < 11 && right + wrong >= 4);
    const shared = await run('continue', { dataset, chain, at: place?.at ?? 0, samples: 4 });
    expect(shared.calls).toBe(0);
    await expect(run('step-values', { ...args, where: 'tokens > 100000' })).rejects.toMatchObject({ kind: 'continue' });
  });

  it('take no reply that shows nothing as a wrong one, and request none for a gold answer that can’t be read', async () => {
    let count = 0;
    const server = await serve((request) => {
      const reply = solves(request);
      const isQuestion = request.body.max_tokens === 4 || 'status' in reply;
      return isQuestion || count++ % 2 === 0 ? reply : { content: '', finish: 'content_filter' };
    });
    const { dataset } = await datasetWith(modelAt(server));
    const { values } = await run('step-values', { dataset, ...ARGS, scan: true, batch: 8 });
    const places = values[0]?.places.filter(({ kept }) => kept > 0 && kept < WRONG) ?? [];
    expect(places.length).toBe(WRONG - 1);
    for (const { right, wrong } of places) expect(right + wrong).toBeLessThanOrEqual(6);
    const other = await newDataset();
    const rows = [{ ...PROBLEM, answer: '(1, 2', trace: TRACE }];
    await run('import-traces', { dataset: other, file: await file('traces.jsonl', rows) });
    await run('model', { dataset: other, model: modelAt(server), role: 'base' });
    const { failed, calls } = await run('step-values', { dataset: other, ...ARGS });
    expect([failed.map(({ reason }) => reason).join(), calls]).toEqual([expect.stringContaining('gold answer'), 0]);
  });

  it('find the step where the model copies all steps after it', async () => {
    const server = await serve((request) => {
      const last = (request.body.messages as ChatMessage[]).at(-1)?.content ?? '';
      return last.includes('= 14') ? { content: TRACE.slice(last.length) } : solves(request);
    });
    const { dataset } = await datasetWith(modelAt(server));
    const { values } = await run('step-values', { dataset, ...ARGS });
    expect(Math.abs((values[0]?.firstWrong?.step ?? 0) - WRONG)).toBeLessThanOrEqual(1);
    // Each copy passes the later places too, where it shows nothing about the step.
    expect(values[0]?.samples).toBeLessThanOrEqual(20);
  });

  it('are shown on the reviewed text, as far as it is the measured one', async () => {
    const server = await serve(solves);
    const { dataset, chain } = await datasetWith(modelAt(server));
    const { values } = await run('step-values', { dataset, ...ARGS });
    const opened = await Dataset.open(dataset);
    const read = await opened.chain(chain);
    const stored = await opened.stepValues(read);
    expect(stored).toEqual(values[0]);
    if (stored === undefined) return;
    // The steps between two measured places, with the wrong one.
    const anchor = shownStepValues(stored, read, read)?.anchors[0];
    expect(anchor?.first).toBeLessThanOrEqual(WRONG);
    expect(anchor?.last).toBeGreaterThanOrEqual(WRONG);
    const from = stored.firstWrong?.start ?? 0;
    const edited = shownStepValues(stored, read, { text: `${read.text.slice(0, from)}Another step.` });
    expect(edited?.firstWrong).toBeUndefined();
    expect(edited?.places.every(({ at }) => at <= from)).toBe(true);
    expect(await opened.stepValues({ ...read, text: `${read.text} ` })).toBeUndefined();
    await opened.close();
  });

  it('measure every step of a scan, and request only what no sample of any round shows', async () => {
    const server = await serve((request) => {
      const { messages } = request.body as { messages?: ChatMessage[] };
      // A sampling round writes the first three steps as the chain does, and then its own end.
      if (messages?.at(-1)?.role === 'user') return { content: `${STEPS.slice(0, 3).join('\n\n')}\n\n\\boxed{15}.` };
      return solves(request);
    });
    const { dataset } = await datasetWith(modelAt(server));
    const policy = { policy: 'uniform', correct: 5, atMost: 5 };
    await run('sample-round', { dataset, role: 'base', policy, dropBelow: 0, seed: 5 });
    // Samples of another temperature show another value.
    await run('sample-round', { dataset, role: 'base', policy, dropBelow: 0, seed: 6, response: { temperature: 0.1 } });
    const scan = { dataset, ...ARGS, scan: true, where: 'origin = imported' };
    const { plan } = await run('step-values', { ...scan, plan: true });
    const { values, calls } = await run('step-values', scan);
    expect(calls).toBe(plan.requests);
    const outcomes = values[0]?.places.map(({ kept, right, wrong }) => [kept, right + wrong]);
    // Five samples pass the first three places; the other seven are measured.
    expect(outcomes?.slice(0, 4)).toEqual([0, 1, 2, 3].map((kept) => [kept, 5]));
    expect(outcomes?.slice(4, 11)).toEqual([4, 5, 6, 7, 8, 9, 10].map((kept) => [kept, 4]));
    expect(calls).toBe(7 * 4);
    // For the first wrong step, each sample counts once: at the last place that it passes.
    const later = values[0]?.places.filter(({ kept }) => kept > 3) ?? [];
    const once = new StepSearch(11, [{ kept: 3, right: 5, wrong: 0 }, ...later], ARGS).posterior;
    expect([values[0]?.before, values[0]?.after]).toEqual(
      [once.before, once.after].map((value) => expect.closeTo(value, 9)),
    );
    expect((await run('step-values', scan)).calls).toBe(0);
  });

  it('resume after kill -9 without paying twice', async () => {
    const server = await serve((request) => ({ ...solves(request), latencyMs: 100 }));
    const { dataset } = await datasetWith(modelAt(server));
    const words = ['step-values', dataset, '--scan', '--concurrency', '2', '--json'];
    const killed = startLonghand(words, {});
    const paid = async () => (await journalOf(dataset, '1-continued')).map(({ key }) => key);
    await until(async () => (await paid()).length >= 5);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const before = await paid();
    const { code, stdout } = await startLonghand(words, {}).ended;
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { calls: number }).calls).toBe(44 - before.length);
    const after = await paid();
    expect(new Set(after).size).toBe(44);
    expect(after.slice(0, before.length)).toEqual(before);
  }, 60_000);

  it('are refused with a reason while another window measures with the model', async () => {
    const server = await serve(solves);
    const { dataset } = await datasetWith(modelAt(server));
    await run('step-values', { dataset, ...ARGS, budget: 4 });
    const opened = await Dataset.open(dataset);
    const lock = await opened.lockRound('1-continued');
    try {
      await expect(run('step-values', { dataset, ...ARGS })).rejects.toMatchObject({
        kind: 'continue',
        message: 'Another window or command requests continuations of this model now.',
      });
    } finally {
      await lock.release();
      await opened.close();
    }
    expect((await run('step-values', { dataset, ...ARGS })).values).toHaveLength(1);
  });

  it('are compared with labels by people, of rows as in ProcessBench and PRM800K', async () => {
    const server = await serve(solves);
    const { dataset } = await datasetWith(modelAt(server));
    const { problem, answer } = PROBLEM;
    const right = [...STEPS.slice(0, WRONG - 1), 'So it is \\boxed{15}.'];
    const wrong = [...STEPS, 'It is \\boxed{14}.'];
    const rated = wrong.map((text, i) => ({
      completions: [{ text, rating: i + 1 < WRONG ? 1 : -1 }],
      chosen_completion: i + 1 < WRONG ? 0 : null,
    }));
    const labelled = await file('labelled.jsonl', [
      { id: 'a', problem, steps: wrong, label: WRONG - 1, final_answer_correct: false },
      { id: 'b', problem, steps: right, label: -1, final_answer_correct: true },
      {
        question: { problem, ground_truth_answer: answer, pre_generated_steps: wrong },
        label: { steps: rated.slice(0, WRONG), finish_reason: 'found_error' },
      },
      { id: 'unknown', problem: 'Who knows?', steps: ['It is 4.'], label: 0 },
    ]);
    const { accuracy, values } = await run('step-values', { dataset, ...ARGS, certainty: 0.99, budget: 100, labelled });
    expect(values.map(({ steps }) => steps).sort()).toEqual([11, 11, 7]);
    expect(accuracy).toMatchObject({ wrong: 2, near: 2, right: 1, none: 1, skipped: 1 });
    expect(accuracy?.f1).toBeCloseTo((2 * ((accuracy?.exact ?? 0) / 2)) / ((accuracy?.exact ?? 0) / 2 + 1), 9);
    expect(await readFile(join(dataset, 'rounds', '1-continued', 'step-values.jsonl'), 'utf8')).toContain('labelled/a');
    // The chains share their first steps, so that each one knows more the second time. Nothing is paid twice.
    await run('step-values', { dataset, ...ARGS, certainty: 0.99, budget: 100, labelled });
    const keys = (await journalOf(dataset, '1-continued')).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
