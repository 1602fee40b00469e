import { describe, expect, it } from 'vitest';
import { lnBeta } from '../../../src/core/maths/special.ts';
import { type Beta, UNIFORM_PRIOR, update } from '../../../src/core/sampling/posterior.ts';
import { SurvivorGate, survivorGates } from '../../../src/core/sampling/survivors.ts';

const ENDS = [2, 6, 20];
const survives = ({ a, b }: Beta, samples: number): number => Math.exp(lnBeta(a, b + samples) - lnBeta(a, b));

/** P(the stage after ENDS[stage] is entered | problem 0 survives so far), over all outcomes of the others. */
function byEnumeration(beliefs: readonly Beta[], stage: number, need: number): number {
  const ways = (i: number, survivors: number): number => {
    const belief = beliefs[i];
    if (!belief) return survivors >= need ? 1 : 0;
    const chance = survives(belief, ENDS[stage] ?? 0);
    return chance * ways(i + 1, survivors + 1) + (1 - chance) * ways(i + 1, survivors);
  };
  return ways(1, 1);
}

describe('survivorGates', () => {
  it.each([1, 2, 3, 4, 5, 6])('is exact for six problems if %i must survive', (need) => {
    const hard = update(UNIFORM_PRIOR, 12, 0);
    const easy = update(UNIFORM_PRIOR, 6, 2);
    const groups = [
      { belief: hard, problems: 2 },
      { belief: easy, problems: 4 },
    ];
    const gates = survivorGates(groups, ENDS, need);
    for (const stage of [0, 1]) {
      const reached = (group: number): number =>
        (gates[group] ?? []).slice(0, stage + 1).reduce((all, gate) => all * gate, 1);
      expect(reached(0)).toBeCloseTo(byEnumeration([hard, hard, easy, easy, easy, easy], stage, need), 9);
      expect(reached(1)).toBeCloseTo(byEnumeration([easy, easy, easy, easy, hard, hard], stage, need), 9);
    }
  });

  it('is continuous where the exact distribution changes to the normal one', () => {
    // 400 coins of a half have variance 100; the chance moves by one coin, not by the change of method.
    const gate = (problems: number, need: number): number =>
      survivorGates([{ belief: UNIFORM_PRIOR, problems }], [1, 2], need)[0]?.[0] ?? Number.NaN;
    expect(gate(401, 201)).toBeCloseTo(0.5, 1);
    for (const need of [190, 200, 210, 220]) expect(Math.abs(gate(401, need) - gate(402, need))).toBeLessThan(0.03);
  });

  it('is 1 for all problems if none must survive, and 0 if more must survive than exist', () => {
    expect(survivorGates([{ belief: UNIFORM_PRIOR, problems: 3 }], ENDS, 0)).toEqual([[1, 1]]);
    expect(survivorGates([{ belief: UNIFORM_PRIOR, problems: 3 }], ENDS, 4)).toEqual([[0, 0]]);
  });
});

describe('SurvivorGate', () => {
  it('continues problems once enough survive, and returns each problem once', () => {
    const gate = new SurvivorGate(ENDS, 0.5, 4);
    gate.arrive('a', 2);
    expect(gate.decide()).toEqual([]);
    gate.arrive('b', 2);
    expect(gate.decide()).toEqual([
      { problemId: 'a', continues: true },
      { problemId: 'b', continues: true },
    ]);
    expect(gate.decide()).toEqual([]);
  });

  it('stops too few survivors once no other problem can arrive', () => {
    const gate = new SurvivorGate(ENDS, 0.5, 4);
    gate.arrive('a', 2);
    gate.leave('b');
    gate.leave('c');
    expect(gate.decide()).toEqual([]);
    gate.leave('d');
    expect(gate.decide()).toEqual([{ problemId: 'a', continues: false }]);
    expect(() => gate.arrive('a', 20)).toThrow(RangeError);
  });
});
