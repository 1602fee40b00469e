import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  comparePasses,
  disagreements,
  joinWindows,
  judgeWindows,
  numberSentences,
  spansWithJudgement,
  type WindowResult,
  withJudgement,
} from '../../../src/core/review/judge/index.ts';
import { BEHAVIOURS, type Behaviour, type Span } from '../../../src/core/schemas/index.ts';

const text = Array.from({ length: 12 }, (_, i) => `Here stands sentence ${i + 1} of twelve.`).join(' ');
const sentences = numberSentences(text);
const at = (from: number, to: number) => ({ start: sentences[from - 1]?.start ?? 0, end: sentences[to - 1]?.end ?? 0 });
const span = (id: string, kind: Behaviour, from: number, to: number, source: Span['source']): Span => {
  return { id, kind, ...at(from, to), source, confidence: 0.5 };
};

/** A judgement by kinds of the twelve sentences; `failed` windows of three. */
function judged(
  kinds: Readonly<Record<number, readonly Behaviour[]>>,
  failed: readonly number[] = [],
  acts: Readonly<Record<number, readonly Behaviour[]>> = {},
) {
  const windows = judgeWindows(sentences, { sentences: 3, context: 1 });
  return joinWindows(
    windows.map((window, i): { window: typeof window; result: WindowResult } => {
      if (failed.includes(i)) return { window, result: { reason: 'no usable answer' } };
      const labels = window.asked.map(({ n }) => [n, { kinds: kinds[n] ?? [], acts: acts[n] ?? [] }] as const);
      return { window, result: { labels: new Map(labels) } };
    }),
  );
}

const kindList = fc.subarray([...BEHAVIOURS]);
const anyKinds = fc.dictionary(fc.integer({ min: 1, max: 12 }).map(String), kindList, { maxKeys: 12 });
const anyFailed = fc.subarray([0, 1, 2, 3]);
const anySpans = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...BEHAVIOURS),
      from: fc.integer({ min: 1, max: 12 }),
      length: fc.integer({ min: 0, max: 5 }),
      source: fc.constantFrom<Span['source']>('piece', 'rule', 'model', 'human'),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map(({ kind, from, length, source }, i) => span(`s${i}`, kind, from, Math.min(12, from + length), source)),
  );

describe('labels of windows', () => {
  it('are on the sentence that they were given for, for any windows', () => {
    fc.assert(
      fc.property(anyKinds, anyFailed, (kinds, failed) => {
        const { labels, failed: lost } = judged(kinds, failed);
        for (const { n, start, end, kinds: labelled } of labels) {
          expect(text.slice(start, end)).toBe(`Here stands sentence ${n} of twelve.`);
          expect(labelled).toEqual(kinds[n]);
        }
        const inFailed = (n: number) => lost.some(({ from, to }) => from <= n && n <= to);
        const expected = sentences.map(({ n }) => n).filter((n) => (kinds[n] ?? []).length > 0 && !inFailed(n));
        expect(labels.map(({ n }) => n)).toEqual(expected);
        expect(lost.map(({ from }) => from)).toEqual([...failed].sort().map((i) => 3 * i + 1));
      }),
    );
  });
});

describe('the spans of a judged chain', () => {
  it('join consecutive sentences of one kind, also across windows', () => {
    const result = judged({
      2: ['verification'],
      3: ['verification'],
      4: ['verification', 'subgoal'],
      6: ['verification'],
    });
    const spans = spansWithJudgement([], result);
    expect(spans.map(({ kind, start, end }) => [kind, start, end])).toEqual([
      ['verification', at(2, 4).start, at(2, 4).end],
      ['subgoal', at(4, 4).start, at(4, 4).end],
      ['verification', at(6, 6).start, at(6, 6).end],
    ]);
    expect(spans.every(({ source }) => source === 'model')).toBe(true);
  });

  it('have the sentences of their acts, or none if the judge named no act of an episode', () => {
    const episode = { 2: ['verification'], 3: ['verification'], 4: ['verification'], 8: ['verification'] } as const;
    const spans = spansWithJudgement([], judged(episode, [], { 2: ['verification'], 4: ['verification'] }));
    expect(spans.map(({ acts }) => acts)).toEqual([[at(2, 2), at(4, 4)], undefined]);
  });

  it('keep those of people and pieces, and those of the classifier only in windows that were not judged', () => {
    fc.assert(
      fc.property(anySpans, anyKinds, anyFailed, (spans, kinds, failed) => {
        const result = judged(kinds, failed);
        const after = spansWithJudgement(spans, result);
        const kept = spans.filter(({ source }) => source === 'human' || source === 'piece');
        expect(after).toEqual(expect.arrayContaining(kept));
        expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
        for (const one of after) {
          expect(one.start).toBeLessThan(one.end);
          if (kept.includes(one) || one.id.startsWith('m-')) continue;
          const touched = sentences.filter(({ start, end }) => one.start < end && start < one.end);
          expect(touched.filter(({ n }) => !result.failed.some(({ from, to }) => from <= n && n <= to))).toEqual([]);
        }
        // Each judged label is on its sentence, in a span of the judge or an existing one of that kind.
        for (const { start, end, kinds: labelled } of result.labels) {
          for (const kind of labelled) {
            expect(after.some((one) => one.kind === kind && one.start <= start && one.end >= end)).toBe(true);
          }
        }
      }),
    );
  });

  it('keep the span of a person where the judge gives the same kind', () => {
    const human = span('h1', 'verification', 3, 4, 'human');
    const after = spansWithJudgement(
      [human],
      judged({ 2: ['verification'], 3: ['verification'], 4: ['verification'], 5: ['verification'] }),
    );
    expect(after.map(({ id, start, end }) => [id.slice(0, 2), start, end])).toEqual([
      ['m-', at(2, 2).start, at(2, 2).end],
      ['h1', at(3, 4).start, at(3, 4).end],
      ['m-', at(5, 5).start, at(5, 5).end],
    ]);
  });

  it('are those of the chain when no window was judged', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const byPlace = (a: Span, b: Span) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1);
        const after = spansWithJudgement(spans, judged({}, [0, 1, 2, 3]));
        expect(after.toSorted(byPlace)).toEqual(spans.toSorted(byPlace));
      }),
    );
  });

  it('are those of the chain without a judgement', () => {
    const chain = { text, spans: [span('r1', 'subgoal', 1, 1, 'rule')] };
    expect(withJudgement(chain, undefined)).toBe(chain);
  });
});

describe('two passes', () => {
  const label = (...kinds: Behaviour[]) => ({ kinds, acts: [] });
  const [one, two, three, four] = judgeWindows(sentences, { sentences: 3, context: 0 });
  if (!one || !two || !three || !four) throw new Error('there are four windows');

  it('are compared only where both have labels', () => {
    const judgement = joinWindows([
      {
        window: one,
        result: {
          first: new Map([
            [1, label('verification')],
            [2, label('verification')],
          ]),
          labels: new Map([
            [2, label('verification')],
            [3, label('verification', 'subgoal')],
          ]),
        },
      },
      { window: two, result: { labels: new Map([[4, label('verification')]]), unconfirmed: 'no JSON' } },
      { window: three, result: { reason: 'refused' } },
      { window: four, result: { first: new Map(), labels: new Map() } },
    ]);
    expect(judgement.labels.map(({ n }) => n)).toEqual([2, 3, 4]);
    expect(judgement.unconfirmed).toMatchObject([{ from: 4, to: 6, reason: 'no JSON' }]);
    expect(comparePasses({ sentences: 12, ...judgement })).toMatchObject({
      verification: { kept: 1, removed: 1, added: 1, neither: 3 },
      subgoal: { kept: 0, removed: 0, added: 1, neither: 5 },
    });
  });

  it('have nothing to compare without a second', () => {
    expect(comparePasses({ sentences: 12, ...judged({ 2: ['verification'] }) })).toBeUndefined();
  });
});

describe('disagreements', () => {
  const rules = [span('r1', 'verification', 2, 3, 'rule'), span('h1', 'subgoal', 8, 8, 'human')];

  it('are the sentences whose kinds differ between judge and classifier, without spans of people', () => {
    const result = judged({ 3: ['verification'], 5: ['backtracking'], 8: ['subgoal'] });
    expect(disagreements({ text, spans: rules }, result)).toEqual([
      { ...at(2, 2), judge: [], classifier: ['verification'] },
      { ...at(5, 5), judge: ['backtracking'], classifier: [] },
      { ...at(8, 8), judge: ['subgoal'], classifier: [] },
    ]);
  });

  it('are not in windows that were not judged, and are empty when judge and classifier agree', () => {
    expect(disagreements({ text, spans: rules }, judged({}, [0, 2]))).toEqual([]);
    fc.assert(
      fc.property(anyKinds, (kinds) => {
        const result = judged(kinds);
        const detected = spansWithJudgement([], result);
        expect(disagreements({ text, spans: detected }, result)).toEqual([]);
      }),
    );
  });
});
