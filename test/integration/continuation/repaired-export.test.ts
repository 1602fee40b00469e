import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/core/schemas/index.ts';
import { serve } from '../../fixtures/scripted-dataset.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { file, newDataset, run } from '../../unit/verbs/run.ts';

const STEPS = ['First I read it.', 'I count from 7.', 'So 7 + 8 = 14.', 'It is \\boxed{14}.'];

/** A SCRIPTED model: never right after the wrong sum, nearly always before it. */
function solves({ path, body }: Received): Scripted {
  if (!path.startsWith('/v1/')) return { status: 404, error: 'Not Found' };
  const last = (body.messages as ChatMessage[]).at(-1)?.content ?? '';
  if (last.endsWith('fift')) return { content: 'een' };
  const sum = !last.includes('= 14') && Number(body.seed) % 10 < 9 ? 15 : 13;
  return { content: `\n\nNow I add: 7 + 8 is ${sum}.\n\nSo it is \\boxed{${sum}}.` };
}

interface Row {
  class: string;
  parent: string | null;
  messages: ChatMessage[];
  loss_mask: { start: number; end: number; train: boolean }[];
}

test('a repaired chain is exported as FT, and its wrong part is outside of the loss', { timeout: 60_000 }, async () => {
  const { baseURL } = await serve(solves);
  const dataset = await newDataset();
  const row = { id: 'a', problem: 'What is 7 + 8?', answer: '15', trace: STEPS.join('\n\n') };
  await run('import-traces', { dataset, file: await file('traces.jsonl', [row]) });
  await run('model', { dataset, model: { kind: 'openai', baseURL, model: 'scripted' }, role: 'base' });
  const settings = { where: 'verdict = incorrect', limit: 9, budget: 60, batch: 4, certainty: 0.8 };
  expect(await run('repair-chains', { dataset, ...settings })).toMatchObject({ chainsPassed: 1 });
  const { folder } = await run('export', { dataset, select: 'passed' });
  const lines = (await readFile(join(folder, 'train.messages.jsonl'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(1);
  const { class: chainClass, parent, messages, loss_mask: mask } = JSON.parse(lines[0] ?? '') as Row;
  expect(chainClass).toBe('FT');
  const { chains: wrong } = await run('chains', { source: dataset, where: 'verdict = incorrect', limit: 9 });
  expect([parent]).toEqual(wrong.map(({ id }) => id));
  const { chains: repaired } = await run('chains', { source: dataset, where: `parent = "${parent}"`, limit: 9 });
  expect(repaired.map((chain) => chain.class)).toEqual(['FT']);
  // Without characters of two code units, code points are offsets.
  const text = messages.at(-1)?.content ?? '';
  const parts = mask.map(({ start, end, train }) => [train, text.slice(start, end)] as const);
  expect(parts.map(([, part]) => part).join('')).toBe(text);
  const masked = parts.flatMap(([train, part]) => (train ? [] : part));
  expect(masked).toHaveLength(1);
  expect(masked[0]).toContain('7 + 8 = 14');
  const trained = parts.flatMap(([train, part]) => (train ? part : [])).join('');
  expect(trained).not.toContain('14');
  expect(trained).toContain('\\boxed{15}');
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('the error is kept and not trained');
});
