import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutChain, joinContinuation, writtenText } from '../../../src/core/continuation/cut.ts';
import { thoughtBoundary } from '../../../src/core/export/reasoning.ts';
import type { Segment } from '../../../src/core/schemas/index.ts';

const words = fc
  .array(fc.constantFrom('so', ' x = 2', '\n\n', '𝔽', ' ', '\t', '\\boxed{3}', '.'), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join('').trim())
  .filter((text) => text !== '');

/** Where the answer begins, as an export separates it. */
const answerStart = (parts: { text: string; segments: Segment[] }): number =>
  thoughtBoundary(parts, { text: '', pieces: [] }, 'answer')?.answerStart ?? 0;

/** A chain with a thought and an answer, or without a thought. */
const chain = fc.record({ thought: fc.option(words, { nil: '' }), answer: words }).map(({ thought, answer }) => {
  if (thought === '') return { text: answer, segments: [segment('response', 0, answer.length)], raw: answer };
  const start = thought.length + 2;
  const text = `${thought}\n\n${answer}`;
  return {
    text,
    segments: [segment('trace', 0, start), segment('response', start, text.length)],
    raw: `<think>\n${thought}\n</think>\n\n${answer}`,
  };
});

const cutChains = chain.chain((one) =>
  fc.record({ one: fc.constant(one), at: fc.integer({ min: 0, max: one.text.length }) }),
);

function segment(piece: Segment['piece'], start: number, end: number, train = true): Segment {
  return { piece, start, end, train };
}

describe('a chain that is cut and continued', () => {
  test('and whose reply is put after its prefix is what the model has written, also where a server takes the thought out', () => {
    fc.assert(
      fc.property(cutChains, ({ one, at }) => {
        const { prefix, inThought } = cutChain(one, at);
        const rest = one.raw.slice(prefix.length);
        expect(writtenText(prefix, { text: rest })).toBe(prefix === '' ? rest.trimStart() : one.raw);
        const [thought, answer] = rest.split('\n</think>\n\n');
        if (!inThought || thought === undefined || answer === undefined) return;
        expect(writtenText(prefix, { reasoning: thought, text: answer })).toBe(one.raw);
      }),
    );
  });

  test('is the same again, if the model writes what was cut', () => {
    fc.assert(
      fc.property(cutChains, ({ one, at }) => {
        fc.pre(at > 0);
        const cut = cutChain(one, at);
        expect(one.raw.startsWith(cut.prefix)).toBe(true);
        const again = joinContinuation(cut, { text: one.raw.slice(cut.prefix.length) });
        expect(again.text).toBe(one.text);
        expect(answerStart(again)).toBe(answerStart(one));
        expect(again.answer).toBe(one.text.slice(answerStart(one)));
      }),
    );
  });

  test('keeps the text before the place, and its segments cover the text', () => {
    fc.assert(
      fc.property(cutChains, words, ({ one, at }, rest) => {
        const cut = cutChain(one, at);
        const { text, segments } = joinContinuation(cut, { text: rest });
        expect(text.startsWith(cut.text.trimEnd())).toBe(true);
        expect(segments.map(({ start }) => start)).toEqual([0, ...segments.slice(0, -1).map(({ end }) => end)]);
        expect(segments.at(-1)?.end).toBe(text.length);
      }),
    );
  });

  test('keeps the loss mask of what is kept, and trains what is new', () => {
    const text = 'wrong. check. right.';
    const segments = [segment('answer[1]', 0, 7, false), segment('check[1]', 7, 14), segment('answer[2]', 14, 20)];
    const { segments: now } = joinContinuation(cutChain({ text, segments }, 14), { text: ' So \\boxed{4}.' });
    expect(now).toEqual([
      segment('answer[1]', 0, 7, false),
      segment('check[1]', 7, 13),
      segment('continuation', 13, 27),
    ]);
  });

  test('has no answer, if the thought does not end', () => {
    const text = 'thinking\n\nanswer';
    const segments = [segment('trace', 0, 10), segment('response', 10, 16)];
    const cut = cutChain({ text, segments }, 5);
    expect(cut).toMatchObject({ inThought: true, prefix: '<think>\nthink' });
    expect(joinContinuation(cut, { text: 'ing still' })).toMatchObject({ answer: '', thought: 'thinking still' });
  });

  test('takes the thought of a server that separates it', () => {
    const text = 'thinking\n\nanswer';
    const segments = [segment('trace', 0, 10), segment('response', 10, 16)];
    const joined = joinContinuation(cutChain({ text, segments }, 5), { reasoning: 'ing\n', text: '\n\n\\boxed{1}' });
    expect(joined).toMatchObject({ text: 'thinking\n\n\\boxed{1}', thought: 'thinking', answer: '\\boxed{1}' });
  });

  test('has a thought of its own where nothing is kept', () => {
    const cut = cutChain({ text: 'answer', segments: [segment('response', 0, 6)] }, 0);
    expect(joinContinuation(cut, { reasoning: 'It is \\boxed{1}', text: '' })).toMatchObject({ answer: '' });
    expect(joinContinuation(cut, { reasoning: 'so', text: '\\boxed{1}' })).toMatchObject({
      ...{ text: 'so\n\n\\boxed{1}', thought: 'so', answer: '\\boxed{1}' },
      segments: [segment('continuation', 0, 4), segment('response', 4, 13)],
    });
  });

  test('takes linear time for a run of blanks inside', () => {
    const text = `a${' '.repeat(1_000_000)}b`;
    expect(cutChain({ text, segments: [] }, text.length).text).toBe(text);
    expect(cutChain({ text, segments: [] }, text.length - 1).text).toBe('a');
  });

  test('refuses a place outside of the text', () => {
    for (const at of [-1, 3])
      expect(() => cutChain({ text: 'ab', segments: [segment('trace', 0, 2)] }, at)).toThrow(RangeError);
  });
});
