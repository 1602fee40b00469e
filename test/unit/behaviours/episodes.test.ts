import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotate } from '../../../src/core/behaviours/annotate.ts';
import { ACT_THRESHOLD, type SentenceScores, THRESHOLDS } from '../../../src/core/behaviours/classify.ts';
import { marksOf } from '../../../src/core/behaviours/episodes.ts';
import { PHASES } from '../../../src/core/schemas/index.ts';

const P = PHASES.length;
const VERIFY = PHASES.indexOf('verify');
const IMPLEMENT = PHASES.indexOf('implement');

/** Scores of sentences: `v` verifies, `w` is in an episode, `c` computes, `-` is nothing of it. */
function scoresOf(letters: string): SentenceScores {
  const phases = new Float64Array(letters.length * P);
  const inside = new Float64Array(letters.length);
  for (const [i, letter] of [...letters].entries()) {
    if (letter === 'v') phases[i * P + VERIFY] = 0.9;
    if (letter === 'c') phases[i * P + IMPLEMENT] = 0.9;
    if (letter === 'w' || letter === 'v') inside[i] = 0.9;
  }
  const none = new Float64Array(letters.length);
  return { episodes: { verification: inside, backtracking: none, subgoal: none, backward: none }, phases };
}

const marked = (letters: string): string =>
  [...marksOf(scoresOf(letters)).verification].map((mark) => ['-', 'w', 'A'][mark]).join('');

describe('an episode of verification', () => {
  it.each([
    ['cvwwv', '-AwwA'],
    ['cvwww-', '-Awww-'],
    ['cwv', '-AA'],
    ['cwwwv', '---AA'],
    ['cv-v', '-AwA'],
    ['cv--v', '-A--A'],
    ['cwww', '----'],
    ['vvcv', '---A'],
  ])('of %s is %s', (letters, marks) => expect(marked(letters)).toBe(marks));

  it('has no act before something is stated, begins with an act, and has at most 40 sentences without one', () => {
    const letters = fc.array(fc.constantFrom(...'vwwwwwwwwwwwwwwwc-'), { maxLength: 120 }).map((list) => list.join(''));
    fc.assert(
      fc.property(letters, (text) => {
        const marks = marked(text);
        const stated = text.search('c');
        expect(marks.slice(0, stated < 0 ? undefined : stated)).toMatch(/^-*$/);
        expect(marks).not.toMatch(/(?:^|-)w/);
        expect(marks).not.toMatch(/w{41}/);
      }),
    );
  });

  it('has thresholds between 0 and 1', () => {
    for (const threshold of [ACT_THRESHOLD, ...Object.values(THRESHOLDS)]) {
      expect(threshold).toBeGreaterThan(0);
      expect(threshold).toBeLessThan(1);
    }
  });
});

describe('spans', () => {
  it('have their acts in order inside, the first of them at the start', () => {
    const parts = fc.array(
      fc.constantFrom(
        'So $x = 3$. ',
        'Let me check that. ',
        'Yes, 2 + 1 = 3, so it holds. ',
        'Next I need y. ',
        'This fails. ',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(parts, (list) => {
        const { sentences, spans } = annotate(list.join(''));
        for (const { start, end, acts = [] } of spans) {
          expect(acts[0]?.start).toBe(start);
          expect(acts.at(-1)?.end).toBeLessThanOrEqual(end);
          for (const [i, act] of acts.entries()) expect(act.start).toBeGreaterThanOrEqual(acts[i - 1]?.end ?? start);
        }
        for (const { labels, acts } of sentences) expect(labels).toEqual(expect.arrayContaining(acts));
      }),
      { numRuns: 30 },
    );
  });
});
