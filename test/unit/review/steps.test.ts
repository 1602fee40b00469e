import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitSentences } from '../../../src/core/behaviours/sentences.ts';
import { combineSteps, foldActs, labelledSteps, type StepMark, splitSteps } from '../../../src/core/review/index.ts';
import { stepChange } from '../../../src/core/review/steps.ts';
import type { Chain, ReviewAct, StepLabel, StepPlace } from '../../../src/core/schemas/index.ts';
import { foldDecision } from '../../../src/store/decisions.ts';
import { chainOf } from './chains.ts';

const one = (text: string) => splitSteps(text, [{ start: 0 }]).map(({ start, end }) => text.slice(start, end));

describe('steps of a text', () => {
  test('are its paragraphs', () => {
    expect(one('Let n = 3. Then n² = 9.\n\nSo 9 + 1 = 10.\nThat is even.\n\nThe answer is 10.')).toEqual([
      'Let n = 3. Then n² = 9.',
      'So 9 + 1 = 10.\nThat is even.',
      'The answer is 10.',
    ]);
  });

  test('are its lines where no line is blank, and its sentences in a single line', () => {
    expect(one('Step 1: n = 3. It is odd.\nStep 2: n² = 9.')).toEqual(['Step 1: n = 3. It is odd.', 'Step 2: n² = 9.']);
    expect(one('Let n = 3. Then n² = 9. It is odd.')).toEqual(['Let n = 3.', 'Then n² = 9.', 'It is odd.']);
  });

  test('a formula alone belongs to the step before it; a heading and a colon to the one after it', () => {
    const text = '## Setup\n\nWe have\n\n$$x = 1.$$\n\nThe roots are:\n\n\\[ a, b \\]\n\nBoth are odd.';
    expect(one(text)).toEqual(['## Setup\n\nWe have\n\n$$x = 1.$$', 'The roots are:\n\n\\[ a, b \\]', 'Both are odd.']);
  });

  test('blank lines in a formula end no step', () => {
    expect(one('First.\n\n\\begin{align}a &= 1\\\\\n\nb &= 2\\end{align}\n\nLast.')).toEqual([
      'First.\n\n\\begin{align}a &= 1\\\\\n\nb &= 2\\end{align}',
      'Last.',
    ]);
  });

  test('a step ends where the next piece begins, without a blank line too', () => {
    const text = 'One.\n\nTwo: Three.\n\nFour.';
    const at = text.indexOf('Three');
    const steps = splitSteps(text, [{ start: 0 }, { start: at }]);
    expect(steps.map(({ start, end }) => text.slice(start, end))).toEqual(['One.', 'Two: Three.', 'Four.']);
    const cut = text.replace('Two: ', 'Two. ');
    const apart = splitSteps(cut, [{ start: 0 }, { start: cut.indexOf('Three') }]);
    expect(apart.map(({ start, end }) => cut.slice(start, end))).toEqual(['One.', 'Two.', 'Three.', 'Four.']);
  });

  const words = fc.constantFrom(
    'Let x = 1.',
    'Then:',
    '$$x^2$$',
    '# Part',
    'It holds',
    '- item',
    '\n',
    '\n\n',
    ' ',
    '\\[',
    'x.',
  );
  test('join whole sentences, in order and without a gap', () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), fc.nat(60), (parts, cut) => {
        const text = parts.join('');
        const steps = splitSteps(text, [{ start: 0 }, { start: Math.min(cut, text.length) }]);
        const sentences = splitSentences(text).filter(({ start, textEnd }) => text.slice(start, textEnd).trim() !== '');
        const covered = steps.map(({ start, end }) => text.slice(start, end)).join('');
        expect(covered.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        for (const [index, { start, end }] of steps.entries()) {
          expect(start).toBeGreaterThanOrEqual(steps[index - 1]?.end ?? 0);
          expect(end).toBeGreaterThan(start);
        }
        for (const { start, textEnd } of sentences)
          expect(steps.filter((step) => step.start < textEnd && step.end > start)).toHaveLength(1);
      }),
    );
  });
});

const text = 'One is odd.\n\nTwo is odd.\n\nThree is odd.\n\nFour is odd.\n\nDone.';
const chain: Chain = {
  ...chainOf('c', text),
  segments: [{ piece: 'trace', start: 0, end: text.length, train: true }],
};
const steps = splitSteps(text, chain.segments);
const at = (index: number): StepPlace => steps[index] ?? { start: 0, end: 0 };
const stamp = (id: string) => ({ id, at: '2026-01-02T00:00:00Z', reviewer: 'tester', chainId: 'c' });
const label = (index: number, value: StepLabel | null): ReviewAct => ({
  ...{ ...stamp(`l${index}${value}`), act: 'step', label: value },
  ...at(index),
});
const first = (place: number | 'none' | null): ReviewAct => ({
  ...{ ...stamp(`f${place}`), act: 'first-wrong-step' },
  place: typeof place === 'number' ? at(place) : place,
});
/** `g`, `n`, `b`, `G` for an implied good, `.` without a label. */
const shown = (acts: readonly ReviewAct[]): string => {
  const { text: now, segments, steps: marks } = foldActs(chain, acts);
  return labelledSteps(splitSteps(now, segments), marks)
    .map(({ label: value, implied }) => (implied ? 'G' : (value?.charAt(0) ?? '.')))
    .join('');
};

describe('labels of steps', () => {
  test('are one act each, and a later one replaces an earlier one', () => {
    const acts = [label(0, 'good'), label(1, 'bad'), label(2, 'neutral'), label(1, 'neutral')];
    expect(shown(acts.slice(0, 3))).toBe('gbn..');
    expect(foldActs(chain, acts.slice(0, 3)).firstWrongStep).toEqual(at(1));
    expect(shown(acts)).toBe('gnn..');
    expect(foldActs(chain, acts).firstWrongStep).toBeUndefined();
    expect(shown([...acts, label(0, null)])).toBe('.nn..');
  });

  test('the first wrong step implies that those before it are good, unless they are neutral', () => {
    expect(shown([first(3)])).toBe('GGGb.');
    expect(shown([label(1, 'neutral'), first(3)])).toBe('GnGb.');
    expect(shown([label(1, 'bad'), first(3)])).toBe('GGGb.');
    expect(shown([first(0)])).toBe('b....');
    expect(foldActs(chain, [first(3)]).firstWrongStep).toEqual(at(3));
  });

  test('an earlier wrong step becomes the first, and implies nothing of the steps after it', () => {
    expect(shown([first(3), label(1, 'bad')])).toBe('Gb.b.');
    expect(foldActs(chain, [first(3), label(1, 'bad')]).firstWrongStep).toEqual(at(1));
  });

  test('it is withdrawn with what it implies, and own labels stay', () => {
    expect(shown([label(1, 'neutral'), first(3), first(null)])).toBe('.n...');
    expect(shown([first('none')])).toBe('GGGGG');
    expect(shown([label(4, 'neutral'), first('none')])).toBe('GGGGn');
    expect(shown([first('none'), label(2, 'bad')])).toBe('GGb..');
    expect(shown([first('none'), first(null)])).toBe('.....');
  });

  test('undo reverses one act with all that it implies', () => {
    const undo: ReviewAct = { ...stamp('u'), act: 'undo', target: 'f3' };
    expect(shown([label(1, 'bad'), first(3), undo])).toBe('.b...');
  });

  test('a label beyond the text, and the removal of none, are ignored', () => {
    const beyond: ReviewAct = { ...stamp('b'), act: 'step', start: 3, end: 4_000, label: 'good' };
    const far: ReviewAct = { ...stamp('f'), act: 'first-wrong-step', place: { start: 3, end: 4_000 } };
    expect(foldActs(chain, [beyond, far, label(0, null), first(null)]).undoable).toBeUndefined();
  });

  test('an edit moves labels with their text, and removes those of removed text', () => {
    const edit: ReviewAct = {
      ...{ ...stamp('e'), act: 'edit' },
      changes: [
        { start: 0, end: 0, insert: 'Zero is even.\n\n' },
        { start: at(1).start, end: at(2).start, insert: '' },
      ],
    };
    expect(shown([label(0, 'good'), label(1, 'bad'), label(2, 'neutral'), edit])).toBe('.gn..');
    expect(foldActs(chain, [label(1, 'bad'), edit]).firstWrongStep).toBeUndefined();
  });

  test('of several reviewers, the most careful label counts, and an own one before an implied one', () => {
    const marks = (...acts: ReviewAct[]): StepMark[] => foldActs(chain, acts).steps ?? [];
    const together = combineSteps([
      marks(first(3)),
      marks(label(1, 'neutral'), label(3, 'good')),
      marks(label(4, 'good')),
    ]);
    expect(labelledSteps(steps, together).map((step) => step.label)).toEqual([
      'good',
      'neutral',
      'good',
      'bad',
      'good',
    ]);
    expect(combineSteps([marks(first(2)), marks(first(1))])).toEqual(combineSteps([marks(first(1)), marks(first(2))]));
  });
});

describe('the index, which has no texts', () => {
  const place = fc
    .tuple(fc.nat(50), fc.integer({ min: 1, max: 12 }))
    .map(([start, size]) => ({ start, end: start + size }));
  const payload = fc.oneof(
    fc.record({ act: fc.constant('step' as const), at: place, label: fc.constantFrom('good', 'neutral', 'bad', null) }),
    fc.record({ act: fc.constant('first-wrong-step' as const), place: fc.oneof(place, fc.constantFrom('none', null)) }),
    fc.record({ act: fc.constant('edit' as const), at: place, insert: fc.string({ maxLength: 9 }) }),
  );

  test('finds the same wrong steps as the state of the chain', () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 12 }), (payloads) => {
        const acts = payloads.map((one, index): ReviewAct => {
          const id = stamp(`a${index}`);
          if (one.act === 'edit') return { ...id, act: 'edit', changes: [{ ...one.at, insert: one.insert }] };
          if (one.act === 'step') return { ...id, act: 'step', ...one.at, label: one.label as StepLabel | null };
          return { ...id, act: 'first-wrong-step', place: one.place as StepPlace | 'none' | null };
        });
        // What the text refuses is not in the file.
        const kept = acts.filter((act, index) => foldActs(chain, acts.slice(0, index + 1)).undoable === act.id);
        const rows = kept.map((act) => ({ ...act, steps: stepChange(act) }));
        const { steps: marks, firstWrongStep } = foldActs(chain, kept);
        const found = foldDecision(rows as Parameters<typeof foldDecision>[0]).steps;
        expect(found === 'wrong').toBe(firstWrongStep !== undefined);
        if (found === 'some') expect(marks).not.toBeUndefined();
        if (marks === undefined) expect(found ?? 'right').toBe('right');
      }),
    );
  });
});
