import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawPlan, excerpt, frameSentences, readingsOf } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour, Span } from '../../../src/core/schemas/index.ts';
import { planOf, population, type World } from './population.ts';

const rate: Record<Behaviour, number> = { verification: 0.1, backtracking: 0.03, subgoal: 0.05, backward: 0.004 };
const world: World = { sentences: 2_000, rate, hit: 0.7, alarm: 0.5, detectors: ['rule', 'model'] };
const { frame } = population(world, 11);

const span = (source: Span['source'], kind: Behaviour, start: number, end: number): Span => ({
  id: `${source}${start}`,
  kind,
  start,
  end,
  source,
  confidence: 0.5,
});

describe('a plan', () => {
  test('is the same for the same sentences and seed, and different for another seed', () => {
    expect(planOf(frame, 100, 5)).toEqual(planOf(frame, 100, 5));
    const places = (seed: number) =>
      planOf(frame, 100, seed).sentences.map(({ chainId, start }) => `${chainId} ${start}`);
    expect(places(5)).not.toEqual(places(6));
    expect(new Set(places(5)).size).toBe(100);
  });

  test('contains rare kinds, marked and unmarked sentences, and the size of the population', () => {
    const plan = planOf(frame, 100, 5);
    const marked = (kind: Behaviour) =>
      plan.sentences.filter(({ marks }) => marks.rule?.includes(kind) || marks.model?.includes(kind)).length;
    for (const kind of ['verification', 'backtracking', 'subgoal', 'backward'] as const) {
      expect(marked(kind), kind).toBeGreaterThanOrEqual(8);
    }
    const unmarked = plan.sentences.filter(({ stratum }) => stratum === 'near' || stratum === 'rest').length;
    expect(unmarked).toBeGreaterThanOrEqual(45);
    expect(plan.population).toMatchObject({ sentences: 2_000, chains: 40, read: 40 });
    expect(plan.detectors.map(({ detector, sentences }) => [detector, sentences])).toEqual([
      ['rule', 2_000],
      ['model', 2_000],
    ]);
  });

  test('gives every sentence its probability of being drawn, and the inverses add up to the population', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), fc.nat(), (size, seed) => {
        const plan = planOf(frame, size, seed);
        const total = plan.sentences.reduce((sum, { probability }) => sum + 1 / probability, 0);
        expect(total).toBeCloseTo(2_000, 6);
        expect(plan.strata.reduce((sum, stratum) => sum + stratum.size, 0)).toBe(2_000);
      }),
      { numRuns: 30 },
    );
  });

  test('draws each sentence as often as its probability predicts', () => {
    const small = frame.slice(0, 60);
    const drawn = new Map<string, number>();
    const expected = new Map<string, number>();
    const runs = 1_500;
    for (let seed = 0; seed < runs; seed++) {
      for (const { chainId, start, probability } of planOf(small, 25, seed).sentences) {
        drawn.set(`${chainId} ${start}`, (drawn.get(`${chainId} ${start}`) ?? 0) + 1);
        expected.set(`${chainId} ${start}`, probability);
      }
    }
    for (const [name, probability] of expected) {
      // Five standard errors of a share of 1,500 draws.
      const error = 5 * Math.sqrt((probability * (1 - probability)) / runs) + 1e-9;
      expect(Math.abs((drawn.get(name) ?? 0) / runs - probability), name).toBeLessThanOrEqual(error);
    }
  });

  test('of sampled chains includes the probability of the chains', () => {
    const options = { size: 10, seed: 1, id: 'an-id-of-a-plan', reviewer: 'r', createdAt: '', chains: 400, read: 40 };
    const total = drawPlan(frame, options).sentences.reduce((sum, { probability }) => sum + 1 / probability, 0);
    expect(total).toBeGreaterThan(2_000 * 5);
    expect(() => drawPlan([], options)).toThrow('There is no sentence to label.');
  });
});

describe('the marks of a sentence', () => {
  const text = 'First, find x. Then x = 4. Check: 3 · 4 = 12. So it holds. Good.';
  const offline = { detector: 'rule' as const, spans: [span('rule', 'backward', 0, 14)] };

  test('come from spans that cover half of it or lie in it, except those of a person', () => {
    const spans = [
      span('piece', 'verification', text.indexOf('Check'), text.indexOf(' Good')),
      span('model', 'subgoal', 0, 5),
      span('human', 'backward', 0, text.length),
    ];
    const sentences = frameSentences({ id: 'c', text }, 'hash', readingsOf({ spans }, offline));
    expect(sentences.map(({ marks }) => marks)).toEqual([
      { piece: [], rule: ['backward'], model: ['subgoal'] },
      { piece: [], rule: [], model: [] },
      { piece: ['verification'], rule: [], model: [] },
      { piece: ['verification'], rule: [], model: [] },
      { piece: [], rule: [], model: [] },
    ]);
    expect(sentences.map(({ start, end }) => text.slice(start, end)).join(' ')).toBe(text);
    expect(sentences.map(({ near }) => near)).toEqual([false, true, false, false, true]);
  });

  test('come from the offline classifier as it is now, not from its stored spans', () => {
    const readings = readingsOf({ spans: [span('rule', 'subgoal', 0, 14)] }, offline);
    const [first] = frameSentences({ id: 'c', text }, 'hash', readings);
    expect(first?.marks).toEqual({ rule: ['backward'] });
  });

  test('come from the judge too, except where the judge gave no answer', () => {
    const judgement = {
      labels: [{ n: 1, start: 0, end: 14, kinds: ['subgoal' as const, 'backward' as const] }],
      failed: [{ from: 3, to: 5, start: text.indexOf('Check'), end: text.length, reason: 'no JSON' }],
    };
    const sentences = frameSentences({ id: 'c', text }, 'hash', readingsOf({ spans: [] }, offline, judgement));
    expect(sentences.map(({ marks }) => marks)).toEqual([
      { rule: ['backward'], model: ['subgoal', 'backward'] },
      { rule: [], model: [] },
      { rule: [] },
      { rule: [] },
      { rule: [] },
    ]);
  });
});

describe('an excerpt', () => {
  const words = fc.stringMatching(/^[a-z ]{3,40}$/).map((part) => `${part}. `);
  const texts = fc.array(fc.oneof(words, fc.constant('$x = 2.5$ holds.\n\n'), fc.constant('No. ')), {
    minLength: 1,
    maxLength: 60,
  });

  test('is the text around the sentence, with at most the requested number of sentences before it', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (parts, pick) => {
        const text = parts.join('');
        const frame = frameSentences({ id: 'c', text }, 'h', []);
        const chosen = frame[pick % Math.max(1, frame.length)];
        if (chosen === undefined) return;
        const { before, sentence, after, cut } = excerpt(text, chosen.start, chosen.end, { sentences: 3, units: 200 });
        expect(sentence).toBe(text.slice(chosen.start, chosen.end));
        const at = chosen.start - before.length;
        expect(text.slice(at, at + before.length + sentence.length + after.length)).toBe(before + sentence + after);
        expect(cut).toBe(at > 0);
        expect(before.length).toBeLessThanOrEqual(200);
        expect(frame.filter(({ start }) => start >= at && start < chosen.start).length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
