import { expect, test } from 'vitest';
import { comparisonOf, programsOf } from '../../../scripts/loop/comparison.ts';
import { EXPERIMENTS } from '../../../scripts/loop/experiments.ts';
import { placesOf } from '../../../scripts/loop/places.ts';
import { parseQuery } from '../../../src/core/query/parse.ts';
import { CompareSelectionsArgs } from '../../../src/protocol/selections.ts';

const rounds = { direct: '0-direct', cascade: '1-cascade', control: '2-base-responses' };

test('each experiment gives arguments that the comparison takes', () => {
  for (const experiment of Object.values(EXPERIMENTS)) {
    const server = { python: 'python', sequences: 4, batched: experiment.batched ?? false };
    const asked = experiment.variants && { replies: 400, right: 74, checked: 49, tokens: 40 };
    const facts = { places: placesOf('root', 'base'), seed: 31, rounds, base: 'base/model', asked };
    const given = { dataset: 'dataset', ...comparisonOf(experiment, facts, server), ...programsOf(server) };
    // No name of an argument is unknown, and all queries can be read.
    expect(CompareSelectionsArgs.strict().parse(given)).toEqual(given);
    expect(CompareSelectionsArgs.shape.serving.unwrap().strict().parse(given.serving)).toEqual(given.serving);
    for (const query of [given.a, given.b ?? '', given.control ?? '']) parseQuery(query ?? '');
    expect([given.selected, given.keepAll, given.tolerance, given.against]).toEqual([['a'], 'a', 1, 'base']);
    // A truncated reply with the right answer has no warning, so only its filter excludes it.
    for (const query of [given.control, ...(experiment.ablates ? [given.b] : [])])
      expect(query).toMatch(/ and not failed = finished$/);
    expect([given.basePrompt !== undefined, given.passRate]).toEqual(asked ? [true, 0.185] : [false, undefined]);
  }
});
