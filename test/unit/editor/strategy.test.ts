import { describe, expect, it } from 'vitest';
import { Tries } from '../../../src/core/schemas/index.ts';
import { EFFORT_TRIES } from '../../../src/editor/dialogue/strategy.ts';
import { VERBS } from '../../../src/verbs/index.ts';

describe('how thorough a round is', () => {
  it('is a choice that the plan takes', () => {
    for (const tries of Object.values(EFFORT_TRIES)) {
      const args = { dataset: '/data', problems: 1, asking: 'dialogue', tries };
      expect(VERBS.plan.args.parse(args)).toEqual(args);
    }
  });

  it('goes from fewer tries of each piece than a new dataset has to more', () => {
    const usual = Tries.parse({});
    for (const piece of ['answer1', 'answer2', 'check', 'summary'] as const) {
      expect(EFFORT_TRIES.quick[piece]).toBeLessThan(usual[piece]);
      expect(EFFORT_TRIES.thorough[piece]).toBeGreaterThan(usual[piece]);
    }
  });
});
