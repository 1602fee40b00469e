import { describe, expect, it } from 'vitest';
import { Tries } from '../../../src/core/model/index.ts';
import { EFFORT_TRIES, EFFORTS } from '../../../src/editor/strategy.ts';
import { VERBS } from '../../../src/protocol/verbs.ts';

describe('how thorough a round is', () => {
  it('is a choice that the plan takes', () => {
    for (const effort of EFFORTS) {
      const args = { dataset: '/data', problems: 1, asking: 'dialogue', tries: EFFORT_TRIES[effort] };
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
