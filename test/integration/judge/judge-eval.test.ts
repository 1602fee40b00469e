import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resultOf, startLonghand, until } from '../../fixtures/process.ts';
import { linesOf, type Respond, serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { askedIn, messagesOf } from '../../unit/judge/dataset.ts';
import { run, SHARED, temporaryFolder } from '../../unit/verbs/run.ts';

// The server of these tests is SCRIPTED, without a model. It tests requests, errors and arithmetic, not the quality of a judge.
let folder = '';

beforeEach(async () => {
  folder = await temporaryFolder();
});

const PARTS = [
  ['We want the sum.', 'read'],
  ['Let me check it.', 'verify'],
  ['First I add.', 'plan'],
  ['So it is 4.', 'implement'],
] as const;

/** Texts of four sentences each, `verify` and `plan` once in each. */
async function phasesFile(texts: number): Promise<string> {
  const rows = Array.from({ length: texts }, (_, i) => {
    let text = '';
    const spans = PARTS.map(([words, label]) => {
      const start = text.length === 0 ? 0 : text.length + 1;
      text = text === '' ? `${words}` : `${text} ${words}`;
      return { start, end: text.length, label };
    });
    return { id: `t${i}`, problem: `Problem ${i}`, text, spans };
  });
  const file = join(folder, 'phases.jsonl');
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

/** Phases by the sentence: all are right, but “First I add.” is called `explore`. */
function answerPhases(request: Received): Scripted {
  const labels = askedIn(request).map(([n, words]) => {
    const phase = PARTS.find(([own]) => own === words)?.[1] ?? 'monitor';
    return [String(n), phase === 'plan' ? 'explore' : phase];
  });
  return { content: JSON.stringify({ labels: Object.fromEntries(labels) }) };
}

async function at(respond: Respond) {
  const server = await serve(respond);
  const model = { kind: 'openai' as const, baseURL: server.baseURL, model: 'scripted' };
  return { server, args: { model, journal: join(folder, 'journal'), maxTokens: 300 } };
}

describe('the measurement of a judge', () => {
  it('shows the plan with its cost first, and sends nothing', async () => {
    const { server, args } = await at(answerPhases);
    const file = await phasesFile(6);
    const prices = { prompt: 2, completion: 10 };
    const { plan, report } = await run('judge-eval', { ...args, file, prices, plan: true });
    expect(report).toBeUndefined();
    expect(plan).toMatchObject({ form: 'phases', ask: 'phases', texts: 6, sentences: 24, windows: 6, requests: 6 });
    expect(plan.cost).toBeCloseTo((2 * plan.promptTokens + 10 * plan.completionTokens) / 1e6, 12);
    expect(plan.completionTokensMax).toBe(6 * 3 * 300);
    expect(server.received).toEqual([]);
    expect(existsSync(args.journal)).toBe(false);
  });

  it('compares phases with those of people, sees none of them, and pays once', async () => {
    const { server, args } = await at(answerPhases);
    const file = await phasesFile(5);
    const before = await readFile(file, 'utf8');
    const prices = { prompt: 2, completion: 10 };
    const { report } = await run('judge-eval', { ...args, file, prices });
    expect(report).toMatchObject({ answered: 20, failedWindows: 0, calls: 5 });
    expect(report?.cost).toBeCloseTo((5 * (2 * 11 + 10 * 7)) / 1e6, 12);
    const scores = new Map(report?.scores.classes.map((one) => [one.name, one]));
    expect(scores.get('verify')).toMatchObject({ people: 5, judge: 5, f1: { value: 1 }, kappa: { value: 1 } });
    expect(scores.get('plan')).toMatchObject({ people: 5, judge: 0, precision: null, recall: { value: 0 } });
    expect(scores.get('explore')).toMatchObject({ people: 0, judge: 5, precision: { value: 0 }, recall: null });
    expect(report?.scores.all).toMatchObject({ accuracy: { value: 0.75, low: 0.75, high: 0.75 } });
    for (const request of server.received)
      expect(JSON.stringify(messagesOf(request).at(-1))).not.toMatch(/verify|implement/);
    const again = await run('judge-eval', { ...args, file });
    expect(again.report).toMatchObject({ calls: 0, reused: 5, scores: report?.scores });
    expect(await readFile(file, 'utf8')).toBe(before);
    // A second pass costs its own calls only.
    const twice = await run('judge-eval', { ...args, file, secondPass: true, plan: true });
    expect(twice.plan).toMatchObject({ requests: 5, reused: 5 });
  });

  it('compares acts of behaviours with the phases that people label for them', async () => {
    const { args } = await at((request) => {
      const labels = askedIn(request).map(([n, words]) => [
        String(n),
        words.startsWith('Let me') ? ['verification act'] : words.startsWith('So') ? ['verification'] : [],
      ]);
      return { content: JSON.stringify({ labels: Object.fromEntries(labels) }) };
    });
    const { plan, report } = await run('judge-eval', { ...args, file: await phasesFile(3), ask: 'behaviours' });
    expect(plan).toMatchObject({ form: 'phases', ask: 'behaviours' });
    expect(report?.scores.classes).toMatchObject([
      { name: 'subgoal', layer: 'act', against: 'plan', people: 3, judge: 0 },
      { name: 'subgoal', layer: 'episode' },
      { name: 'verification', layer: 'act', against: 'verify', people: 3, judge: 3, f1: { value: 1 } },
      { name: 'verification', layer: 'episode', judge: 6, precision: { value: 0.5 } },
    ]);
  });

  it('draws a sample by its seed, and a larger one costs only the new calls', async () => {
    const { server, args } = await at(answerPhases);
    const file = await phasesFile(12);
    const small = await run('judge-eval', { ...args, file, sentences: 9, seed: 3 });
    expect(small.plan).toMatchObject({ sentences: 12, sentencesAll: 48, windows: 3 });
    const large = await run('judge-eval', { ...args, file, sentences: 20, seed: 3 });
    expect(large.report).toMatchObject({ calls: 2, reused: 3 });
    const other = await run('judge-eval', { ...args, file, sentences: 9, seed: 4, plan: true });
    expect(other.plan.requests).toBeGreaterThan(0);
    expect(server.received).toHaveLength(5);
  });

  it('compares the passes, and does not count sentences without a usable answer', async () => {
    const { args } = await at((request) => {
      const isSecond = messagesOf(request).some(({ content }) => content.includes('your labels once more'));
      if (messagesOf(request).some(({ content }) => content.includes('Problem 0'))) return { content: 'no' };
      const reply = answerPhases(request);
      return isSecond ? { content: reply.content?.replace('explore', 'plan') ?? '' } : reply;
    });
    const file = await phasesFile(3);
    const { report } = await run('judge-eval', { ...args, file, secondPass: true });
    expect(report).toMatchObject({ answered: 8, failedWindows: 1, unconfirmedWindows: 0, calls: 3 + 4 });
    expect(report?.scores.all?.accuracy.value).toBe(1);
    expect(report?.firstPass?.all?.accuracy.value).toBe(0.75);
    // A window whose first answers can't be used has no second request.
    expect((await run('judge-eval', { ...args, file, secondPass: true, plan: true })).plan.requests).toBe(0);
  });

  it('skips rows that can’t be read, and refuses a file without labels', async () => {
    const { args } = await at(answerPhases);
    const file = await phasesFile(2);
    await writeFile(
      file,
      `${await readFile(file, 'utf8')}{"text":"x","spans":[{"start":0,"end":9,"label":"plan"}]}\n{"torn\n`,
    );
    const heard = { progress: [], log: [] as string[] };
    expect((await run('judge-eval', { ...args, file, plan: true }, { heard })).plan.texts).toBe(2);
    expect(heard.log[0]).toMatch(/^Row 3 is skipped: A span is empty or extends past the end of the text\./);
    expect(heard.log).toHaveLength(2);
    await writeFile(file, '{"text":"x"}\n');
    await expect(run('judge-eval', { ...args, file, plan: true })).rejects.toThrow('no text with labels');
    await writeFile(file, '{"text":"Abc.","spans":[{"start":0,"end":4,"kind":"subgoal"}]}\n');
    await expect(run('judge-eval', { ...args, file, ask: 'phases', plan: true })).rejects.toThrow(
      'behaviours, not phases',
    );
  });
});

it('resumes after kill -9, and only calls in flight are paid again', async () => {
  const { server, args } = await at((request) => ({ ...answerPhases(request), latencyMs: 60 }));
  const file = await phasesFile(30);
  const flags = ['--url', server.baseURL, '--model', 'scripted', '--journal', args.journal, '--concurrency', '2'];
  const start = () => startLonghand(['judge-eval', file, ...flags, '--json', '--progress', 'none']);
  const path = join(args.journal, 'journal.jsonl');
  const journaled = async (): Promise<number> => (await linesOf(path, z.object({ key: z.string() }))).length;
  const killed = start();
  await until(async () => (await journaled()) >= 4);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const paid = await journaled();
  expect(paid).toBeGreaterThanOrEqual(4);
  expect(paid).toBeLessThan(30);
  const { report } = await resultOf<{ report: object }>(start());
  expect(report).toMatchObject({ calls: 30 - paid, reused: paid, answered: 120 });
}, 60_000);

const labels = join(SHARED, 'spans', 'thinkarm_human.jsonl');

it.skipIf(!existsSync(labels))('reads the labels of people that a development machine has', async () => {
  const { args } = await at(answerPhases);
  const { plan } = await run('judge-eval', { ...args, file: labels, plan: true });
  expect(plan).toMatchObject({ texts: 42, sentences: 7187, form: 'phases' });
});
