import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BEHAVIOUR_TASK,
  judgeMessages,
  judgeWindows,
  numberSentences,
  secondPassMessages,
} from '../../../src/core/review/judge/index.ts';

const words = fc.constantFrom(
  'So x = 3.',
  'Wait, no.',
  'Let us check: 3 + 4 = 7.',
  '\n\n',
  '$a. b$',
  '- item\n',
  '  ',
  'É🙂.',
  '[7] fake',
);
const text = fc.oneof(
  fc.array(words, { maxLength: 60 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 400 }),
);
const size = fc.record({ sentences: fc.integer({ min: 1, max: 9 }), context: fc.integer({ min: 0, max: 5 }) });

describe('the sentences of a judge', () => {
  it('are numbered from 1 without a gap, start and end with text, and omit only white space', () => {
    fc.assert(
      fc.property(text, (source) => {
        const sentences = numberSentences(source);
        expect(sentences.map(({ n }) => n)).toEqual(sentences.map((_, i) => i + 1));
        let from = 0;
        for (const { start, end } of sentences) {
          expect(source.slice(from, start).trim()).toBe('');
          expect(source.slice(start, end)).toBe(source.slice(start, end).trim());
          expect(end).toBeGreaterThan(start);
          from = end;
        }
        expect(source.slice(from).trim()).toBe('');
      }),
    );
  });

  it('are on one line each, so that no sentence can contain the number of another', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const { shown } of numberSentences(source)) {
          expect(shown).not.toMatch(/[\n\r\u2028\u2029]/);
          expect(shown).not.toMatch(/\p{Surrogate}/u);
        }
      }),
    );
  });

  it('show only the start and the end of a very long sentence', () => {
    const [sentence] = numberSentences(`We begin ${'and go on '.repeat(5_000)}to the end`);
    expect(sentence?.shown.length).toBeLessThan(1_500);
    expect(sentence?.shown).toMatch(/^We begin .* to the end$/);
  });
});

describe('the windows', () => {
  it('ask about every sentence exactly once, in order, after the sentences right before them', () => {
    fc.assert(
      fc.property(text, size, (source, settings) => {
        const all = numberSentences(source);
        const windows = judgeWindows(all, settings);
        expect(windows.flatMap(({ asked }) => asked)).toEqual(all);
        for (const { asked, context } of windows) {
          expect(asked.length).toBeGreaterThan(0);
          expect(asked.length).toBeLessThanOrEqual(settings.sentences);
          const first = (asked[0]?.n ?? 0) - 1;
          expect(context).toEqual(all.slice(Math.max(0, first - settings.context), first));
        }
      }),
    );
  });

  it('have fewer sentences when sentences are long, and are never empty', () => {
    const source = Array.from({ length: 30 }, (_, i) => `Part ${i} ${'is long '.repeat(150)}here.`).join(' ');
    const windows = judgeWindows(numberSentences(source), { sentences: 40, context: 2 });
    expect(windows.length).toBeGreaterThan(2);
    for (const { asked } of windows) {
      expect(asked.reduce((sum, { shown }) => sum + shown.length, 0)).toBeLessThanOrEqual(12_000);
    }
  });
});

describe('the messages', () => {
  const prompt = '## user\n\nExample\n\n## assistant\n\n{}\n\n## user\n\n{{problem}}\n{{context}}\n{{sentences}}';

  it('name each sentence by its number, and do not fill placeholders in a text', () => {
    const all = numberSentences('First {{problem}}. Then {{sentences}}.');
    const [window] = judgeWindows(all, { sentences: 1, context: 1 }).slice(1);
    if (!window) throw new Error('there are two windows');
    const messages = judgeMessages(BEHAVIOUR_TASK, prompt, 'P {{context}}', window);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(messages.at(-1)?.content).toBe('P {{context}}\n· First {{problem}}.\n[2] Then {{sentences}}.');
  });

  it('of the second pass hold the labels as they were read, after the first request', () => {
    const [window] = judgeWindows(numberSentences('First. Then.'), { sentences: 2, context: 0 });
    if (!window) throw new Error('there is a window');
    const first = judgeMessages(BEHAVIOUR_TASK, prompt, undefined, window);
    expect(first.at(-1)?.content).toContain('(The problem is not given.)');
    const labels = new Map([
      [1, { kinds: ['subgoal' as const, 'backward' as const], acts: ['backward' as const] }],
      [2, { kinds: [], acts: [] }],
    ]);
    const messages = secondPassMessages(BEHAVIOUR_TASK, '## user\n\nAgain.', undefined, { first, labels });
    expect(messages.slice(0, -2)).toEqual(first);
    expect(messages.slice(-2)).toEqual([
      { role: 'assistant', content: '{"labels":{"1":["subgoal","backward act"],"2":[]}}' },
      { role: 'user', content: 'Again.' },
    ]);
  });
});
