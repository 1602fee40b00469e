import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutChain } from '../../../src/core/continuation/cut.ts';
import { repairedChain, wrongRest, wrongSteps } from '../../../src/core/continuation/repair.ts';
import { turnSentence } from '../../../src/core/dialogue/index.ts';
import { thoughtBoundary } from '../../../src/core/export/reasoning.ts';
import { splitSteps } from '../../../src/core/review/steps.ts';
import type { Segment } from '../../../src/core/schemas/index.ts';

/** The gold answer is in no text that is not trained on purpose. */
const GOLD = '4711';
const sentence = fc
  .array(fc.constantFrom('so', 'x = 2', '𝔽', 'we add', '\\boxed{3}', '$\\boxed{5}$', 'then'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((words) => `${words.join(' ')}.`);
const paragraphs = fc.array(sentence, { minLength: 1, maxLength: 5 });

/** A chain of paragraphs, with a thought or without, and the number of a wrong step in it. */
const wrongChain = fc
  .record({ thought: fc.option(paragraphs, { nil: [] }), answer: paragraphs, pick: fc.nat() })
  .map(({ thought, answer, pick }) => {
    const text = [...thought, ...answer].join('\n\n');
    const start = thought.length === 0 ? 0 : thought.join('\n\n').length + 2;
    const segments: Segment[] = [
      ...(start > 0 ? [{ piece: 'trace', start: 0, end: start, train: true }] : []),
      { piece: 'response', start, end: text.length, train: true },
    ];
    const steps = splitSteps(text, segments);
    const kept = pick % steps.length;
    const wrong = steps[kept] ?? { start: 0, end: 0 };
    return { chain: { text, segments }, wrong, cut: cutChain({ text, segments }, steps[kept - 1]?.end ?? 0) };
  });

const turned = turnSentence('1-repair/p/0', false);
/** What a model writes after the cut: in a thought, it closes the thought. */
const replyTo = (inThought: boolean) => ({
  text: inThought ? `\n\nSo we add.</think>\n\nIt is \\boxed{${GOLD}}.` : `\n\nSo it is \\boxed{${GOLD}}.`,
});
const textsOf = ({ text, segments }: { text: string; segments: readonly Segment[] }, train: boolean): string =>
  segments
    .filter((segment) => segment.train === train)
    .map(({ start, end }) => text.slice(start, end))
    .join('');

describe('a repaired chain', () => {
  test('has segments that cover its text, of which exactly the wrong part is not trained', () => {
    fc.assert(
      fc.property(wrongChain, ({ chain, wrong, cut }) => {
        const { text, segments } = repairedChain(chain, { cut, wrong, turn: turned, reply: replyTo(cut.inThought) });
        expect(segments.map(({ start }) => start)).toEqual([0, ...segments.slice(0, -1).map(({ end }) => end)]);
        expect(segments.at(-1)?.end).toBe(text.length);
        const masked = segments.filter(({ train }) => !train);
        expect(masked).toHaveLength(1);
        const unboxed = chain.text.slice(wrong.start, wrong.end).replace(/\\boxed\{(\d)\}/g, '$1');
        expect(textsOf({ text, segments }, false)).toBe(unboxed);
        expect(text.slice(masked[0]?.end).trimStart().startsWith(turned)).toBe(true);
      }),
    );
  });

  test('has the right answer only where the model wrote it, and one box', () => {
    fc.assert(
      fc.property(wrongChain, ({ chain, wrong, cut }) => {
        const made = repairedChain(chain, { cut, wrong, turn: turned, reply: replyTo(cut.inThought) });
        const before = made.text.slice(0, made.text.indexOf(turned) + turned.length);
        expect(before).not.toContain(GOLD);
        expect(before).not.toContain('boxed');
        expect(made.answer).toContain(`\\boxed{${GOLD}}`);
        expect(textsOf(made, true)).toContain(GOLD);
        expect(textsOf(made, true).split('boxed')).toHaveLength(2);
      }),
    );
  });

  test('keeps its answer apart from its thought', () => {
    fc.assert(
      fc.property(wrongChain, ({ chain, wrong, cut }) => {
        const made = repairedChain(chain, { cut, wrong, turn: turned, reply: replyTo(cut.inThought) });
        const start = thoughtBoundary(made, { text: '', pieces: [] }, 'answer')?.answerStart ?? 0;
        expect(start > 0).toBe(cut.inThought || cut.thought > 0);
        if (cut.inThought) expect(made.text.slice(start)).toBe(`It is \\boxed{${GOLD}}.`);
      }),
    );
  });

  test('may think anew where nothing is kept', () => {
    const text = 'It is 5.\n\nSo \\boxed{5}.';
    const segments: Segment[] = [{ piece: 'response', start: 0, end: text.length, train: true }];
    const cut = cutChain({ text, segments }, 0);
    const reply = { reasoning: 'Two and two.', text: 'So \\boxed{4}.' };
    const made = repairedChain({ text, segments }, { cut, wrong: { start: 0, end: 8 }, turn: 'No.', reply });
    expect(made.text).toBe('It is 5.\n\nNo. Two and two.\n\nSo \\boxed{4}.');
    expect(made.segments.map(({ piece, train }) => [piece, train])).toEqual([
      ['trace', false],
      ['continuation', true],
      ['response', true],
    ]);
    expect(made).toMatchObject({ thought: 'It is 5.\n\nNo. Two and two.', answer: 'So \\boxed{4}.' });
  });

  test('needs a wrong part that follows the kept text', () => {
    const text = 'One.\n\nTwo.\n\nThree.';
    const segments: Segment[] = [{ piece: 'response', start: 0, end: text.length, train: true }];
    const cut = cutChain({ text, segments }, 4);
    const repair = (start: number, end: number) =>
      repairedChain({ text, segments }, { cut, wrong: { start, end }, turn: 'No.', reply: { text: ' x' } });
    expect(repair(6, 10).text).toBe('One.\n\nTwo.\n\nNo. x');
    expect(() => repair(12, 18)).toThrow(RangeError);
    expect(() => repair(2, 10)).toThrow(RangeError);
    expect(() => repair(6, 6)).toThrow(RangeError);
  });
});

describe('the wrong steps of a search', () => {
  const posterior = (chances: number[], step: number | undefined, collapses = true) => ({
    ...{ chances, step, collapses, before: 0.6, after: 0.1 },
    within: 1,
  });
  test('are the likeliest one, and neighbours only as far as they are needed', () => {
    expect(wrongSteps(posterior([0, 0.9, 0.1, 0], 2), 0.8)).toEqual({ from: 2, to: 2, within: 0.9 });
    expect(wrongSteps(posterior([0.05, 0.6, 0.3, 0.05], 2), 0.8)).toEqual({ from: 2, to: 3, within: 0.6 + 0.3 });
    expect(wrongSteps(posterior([0.3, 0.6, 0.05, 0.05], 2), 0.8)).toEqual({ from: 1, to: 2, within: 0.6 + 0.3 });
    expect(wrongSteps(posterior([0.9, 0.05, 0.05], 1), 0.95)).toMatchObject({ from: 1, to: 2 });
  });
  test('are unknown where the search is not certain, or success does not collapse', () => {
    expect(wrongSteps(posterior([0.3, 0.35, 0.05, 0.3], 2), 0.8)).toBeUndefined();
    expect(wrongSteps(posterior([0, 1, 0], 2, false), 0.8)).toBeUndefined();
    expect(wrongSteps(posterior([0, 0, 1], undefined), 0.8)).toBeUndefined();
  });
  test('are all after the last place that is right with this certainty, since a wrong chain has one', () => {
    const chances = [0.1, 0.1, 0.4, 0.2, 0.2];
    expect(wrongRest({ chances }, [0, 1, 3], 0.8)).toEqual({ from: 2, to: 4, within: expect.closeTo(0.875) });
    expect(wrongRest({ chances }, [3], 0.8)).toBeUndefined();
    expect(wrongRest({ chances }, [0, 4], 1)).toMatchObject({ from: 1, to: 4 });
    expect(wrongRest({ chances }, [], 0)).toBeUndefined();
  });
});
