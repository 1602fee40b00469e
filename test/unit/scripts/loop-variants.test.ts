import { describe, expect, test } from 'vitest';
import { countChecks } from '../../../scripts/loop/checks.ts';
import { drawDevelopment, drawSets, partOf } from '../../../scripts/loop/splits.ts';
import { chooseVariant, hasRightCheck, variantYield } from '../../../scripts/loop/variants.ts';
import type { Chain } from '../../../src/core/schemas/index.ts';
import { chainOf } from '../review/chains.ts';

const of = (text: string, outcome: 'correct' | 'incorrect', passed: boolean, tokens = 10): Chain => ({
  ...chainOf('c'),
  ...{ text, passed, tokens: { count: tokens, estimated: false } },
  verdict: { ...chainOf('c').verdict, outcome },
});

test('a check is right when an equality behind the word holds', () => {
  expect(hasRightCheck('3 + 4 = 7. Check: 7 - 4 = 3. It fits.')).toBe(true);
  expect(hasRightCheck('3 + 4 = 7. Check: 7 - 4 = 2. It fits.')).toBe(false);
  expect(hasRightCheck('3 + 4 = 7. The answer is 7.')).toBe(false);
});

test('replies are counted by what their check is worth', () => {
  const replies = [
    { text: '3 + 4 = 7. Check: 7 - 4 = 3.', right: true },
    { text: '3 + 4 = 7. Check: 7 - 4 = 2.', right: true },
    { text: '3 + 4 = 8. Check: 8 - 4 = 3.', right: false },
    { text: '3 + 4 = 7.', right: true },
    { text: '', right: false },
  ];
  expect(countChecks(replies)).toEqual({
    none: { replies: 2, right: 1 },
    failed: { replies: 2, right: 1 },
    held: { replies: 1, right: 1 },
  });
});

describe('a variant of the prompt', () => {
  test('is worth its right replies, and of these the passed ones with a right check', () => {
    const checked = '3 + 4 = 7. Check: 7 - 4 = 3.';
    const chains = [
      of(checked, 'correct', true, 8),
      of(checked, 'correct', false, 8),
      of('3 + 4 = 7.', 'correct', true, 4),
      of(checked, 'incorrect', true, 12),
    ];
    expect(variantYield(chains, 6)).toEqual({ replies: 6, right: 3, checked: 1, tokens: 8 });
  });

  test('is chosen by right checks, and the best one of the base model by right replies', () => {
    const yields = {
      long: { replies: 100, right: 20, checked: 15, tokens: 60 },
      short: { replies: 100, right: 25, checked: 15, tokens: 40 },
      plain: { replies: 100, right: 40, checked: 0, tokens: 20 },
    };
    expect(chooseVariant(yields)).toEqual({ prompt: 'short', best: 'plain' });
  });
});

test('development problems share no operands with those that are trained on or held out', () => {
  const development = drawDevelopment(100, 'small', 7);
  expect(development.map(({ task }) => partOf(task, 7))).toEqual(Array.from({ length: 100 }, () => 'corpus'));
  const { train, heldOut } = drawSets({ train: 900, heldOut: 400, heldOutFamilies: 100 }, 31, 'small', 7);
  expect([...train, ...heldOut].filter(({ task }) => partOf(task, 7) === 'corpus')).toEqual([]);
});
