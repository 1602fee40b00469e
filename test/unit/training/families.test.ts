import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RenderedPart, Renderer } from '../../../src/core/training/render.ts';
import { checkRoundTrip } from '../../../src/core/training/round-trip.ts';
import type { MessagesRow } from '../../../src/core/training/rows.ts';
import { chatTemplate, FAMILIES } from '../../fixtures/templates.ts';
import { trainedOf, trainingRows } from '../../fixtures/training-rows.ts';

const QUESTION = { role: 'user' as const, content: 'QUESTION' };

describe.each(FAMILIES)('the chat template of $file', (family) => {
  const renderer = new Renderer(chatTemplate(family));
  /** What the model reads and writes after the question: the prompt's own part in brackets, if it is a thinking tag. */
  const written = (parts: readonly RenderedPart[]): string => {
    const ends = parts.filter(({ part, train }) => part === 'template' && !train);
    const prompt = ends[0]?.text ?? '';
    const opened = /(?:<think>\s*(?:<\/think>\s*)?|<\|channel>thought\n<channel\|>)$/.exec(prompt)?.[0] ?? '';
    const rest = parts.slice(1).map(({ text }) => text);
    return `${opened === '' ? '' : `[${opened}]`}${rest.join('')}`.replace(/\n$/, '');
  };

  test('reads the thought from its member, and is written around it exactly', () => {
    expect(renderer.form).toBe(family.form);
    const thought = { role: 'assistant' as const, reasoning_content: 'R', content: 'C' };
    expect(written(renderer.parts([QUESTION, thought], []))).toBe(family.thought);
    expect(written(renderer.parts([QUESTION, { role: 'assistant', thinking: 'R', content: 'C' }], []))).toBe(
      family.thought,
    );
    expect(written(renderer.parts([QUESTION, { role: 'assistant', content: 'C' }], []))).toBe(family.answer);
  });

  test('never trains empty thinking tags, nor those of a thought that is masked', () => {
    const answered = renderer.parts([QUESTION, { role: 'assistant', content: 'C' }], []);
    expect(
      answered
        .filter(({ train }) => train)
        .map(({ text }) => text)
        .join(''),
    ).not.toMatch(/think|thought|analysis/);
    const masked = renderer.parts(
      [QUESTION, { role: 'assistant', reasoning_content: 'R', content: 'C' }],
      [{ part: 'reasoning', start: 0, end: 1, train: false }],
    );
    expect(masked.filter(({ train, part }) => train && part === 'template')).toHaveLength(1);
  });

  test('keeps the thought of every row, once, with the exact mask', () => {
    for (const row of fc.sample(trainingRows, { numRuns: 60, seed: 15 })) {
      const parts = renderer.parts(row.messages, row.loss_mask);
      expect(trainedOf(parts)).toEqual(row.trained);
      const of = (name: RenderedPart['part']) =>
        parts
          .filter(({ part }) => part === name)
          .map(({ text }) => text)
          .join('');
      const last = row.messages.at(-1);
      expect(of('reasoning')).toBe(row.thought);
      expect(of('content')).toBe(last?.content);
    }
  });
});

test('empty thinking tags are trained when asked', () => {
  const qwen3 = FAMILIES.find(({ file }) => file === 'qwen3');
  if (qwen3 === undefined) throw new Error('no Qwen3');
  const parts = new Renderer(chatTemplate(qwen3), true).parts([QUESTION, { role: 'assistant', content: 'C' }], []);
  const trained = parts.filter(({ train }) => train).map(({ text }) => text);
  expect(trained).toEqual(['<think>\n\n</think>\n\n', 'C', '<|im_end|>']);
});

test('a template that drops, strips or refuses a thought is reported with the number of rows', () => {
  const row = (message: object): MessagesRow => ({
    messages: [QUESTION, { role: 'assistant', content: 'It is 2.', ...message }],
  });
  const found = (file: string, message: object) => {
    const family = FAMILIES.find((one) => one.file === file) ?? FAMILIES[0];
    if (family === undefined) throw new Error('no family');
    return checkRoundTrip(new Renderer(chatTemplate(family)), [row(message)], true).findings.map(({ kind }) => kind);
  };
  expect(found('qwen3', { reasoning_content: 'Let me see.' })).toEqual([]);
  expect(found('gpt-oss', { thinking: 'Let me see.' })).toEqual([]);
  // The trainer that applies the template would lose it, because the row has it under another name.
  expect(found('gpt-oss', { reasoning_content: 'Let me see.' })).toEqual(['reasoning-lost']);
  expect(found('deepseek-v3.1', { reasoning_content: 'Let me see.' })).toEqual([
    'reasoning-lost',
    'reasoning-in-tags',
    'thinks-when-asked',
  ]);
  expect(found('deepseek-r1-distill', { content: '<think>\nLet me see.\n</think>\n\nIt is 2.' })).toEqual([
    'reasoning-lost',
  ]);
  expect(found('qwen3.5', {})).toEqual(['prefilled-think']);
});
