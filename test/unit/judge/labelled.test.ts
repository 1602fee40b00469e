import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BEHAVIOUR_OF_PHASE,
  type BehaviourLabels,
  type Compared,
  measureAllPhases,
  measureBehaviours,
  measureByPhases,
  measurePhases,
  readLabelledText,
} from '../../../src/core/review/judge/index.ts';
import { PHASES, type Phase } from '../../../src/core/schemas/index.ts';

const text = 'Let x be 3. Is it right? It is.';
const place = (words: string) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length });
const [first, second, third] = [place('Let x be 3.'), place('Is it right?'), place('It is.')];

function read(row: unknown) {
  const found = readLabelledText(row, 7);
  if ('reason' in found) throw new Error(found.reason);
  return found.text;
}

describe('a row of labels by people', () => {
  it('is read by phases, in the sentences of the people', () => {
    const spans = [
      { ...second, label: 'verify', part: 'think' },
      { ...first, label: 'analyze' },
    ];
    const row = read({ id: 'a', model: 'm', text, spans });
    expect(row).toMatchObject({ id: 'a', form: 'phases', labels: ['analyze', 'verify'] });
    expect(row.sentences.map(({ n, shown }) => [n, shown])).toEqual([
      [1, 'Let x be 3.'],
      [2, 'Is it right?'],
    ]);
  });

  it('is read by episodes and acts, without labels that no person made', () => {
    const spans = [
      { kind: 'verification', start: second.start, end: third.end, acts: [third] },
      { kind: 'subgoal', ...first, source: 'classifier' },
    ];
    expect(read({ text, problem: 'P', spans })).toMatchObject({
      id: '7',
      problem: 'P',
      form: 'behaviours',
      hasActs: true,
      labels: [
        { kinds: [], acts: [] },
        { kinds: ['verification'], acts: [] },
        { kinds: ['verification'], acts: ['verification'] },
      ],
    });
  });

  it.each([
    ['a phase that is none', { text, spans: [{ ...first, label: 'think' }] }, /spans\.0\.label/],
    ['a behaviour that is none', { text, spans: [{ ...first, kind: 'hope' }] }, /spans\.0\.kind/],
    [
      'a span past the end of the text',
      { text, spans: [{ start: 0, end: 99, label: 'read' }] },
      /extends past the end of the text/,
    ],
    ['an empty span', { text, spans: [{ start: 3, end: 3, kind: 'subgoal' }] }, /is empty/],
    [
      'a blank sentence',
      { text: `${text}  `, spans: [{ start: text.length, end: text.length + 1, label: 'read' }] },
      /blank/,
    ],
    [
      'sentences that overlap',
      {
        text,
        spans: [
          { ...first, label: 'read' },
          { start: 2, end: 20, label: 'plan' },
        ],
      },
      /overlap/,
    ],
    ['no text', { spans: [] }, /text/],
    ['no object', 'x', /./],
  ])('is refused with %s', (_, row, reason) => {
    const found = readLabelledText(row, 1);
    expect('reason' in found ? found.reason : 'it was read').toMatch(reason);
  });

  it('of any form is read or refused', () => {
    fc.assert(
      fc.property(
        fc.object({ withNullPrototype: true, key: fc.constantFrom('text', 'spans', 'start', 'end', 'label') }),
        (row) => {
          expect(Object.keys(readLabelledText(row, 1))).toHaveLength(1);
        },
      ),
    );
  });
});

describe('agreement', () => {
  const phase = fc.constantFrom(...PHASES);
  const texts = fc.array(fc.array(fc.tuple(phase, phase), { maxLength: 6 }), { minLength: 1, maxLength: 4 });

  it('of equal labels is complete', () => {
    const same: Compared<Phase, Phase>[] = [[['read', 'read']], [['verify', 'verify']]];
    const verify = measurePhases(same).find(({ name }) => name === 'verify');
    for (const one of [verify?.f1, verify?.kappa, verify?.precision, verify?.recall]) expect(one?.value).toBe(1);
    expect(measureAllPhases(same)).toMatchObject({ accuracy: { value: 1 }, kappa: { value: 1 } });
  });

  it('counts every sentence once, and lies in its interval', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const classes = measurePhases(all);
        const size = all.flat().length;
        expect(classes.reduce((sum, { people }) => sum + people, 0)).toBe(size);
        expect(classes.reduce((sum, { judge }) => sum + judge, 0)).toBe(size);
        for (const { precision, recall, f1 } of classes) {
          for (const one of [precision, recall, f1]) {
            if (one === null || one.low === null || one.high === null) continue;
            expect(one.low).toBeLessThanOrEqual(one.high);
            expect(one.low).toBeGreaterThanOrEqual(0);
            expect(one.high).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it('of a worked example is as computed by hand', () => {
    // 2 found, 1 false, 1 missed, 6 neither: precision 2/3, recall 2/3, κ = (0.8 − 0.58) / (1 − 0.58).
    const judge: Phase[] = ['verify', 'verify', 'verify', 'read', 'read', 'read', 'read', 'read', 'read', 'read'];
    const people: Phase[] = ['verify', 'verify', 'read', 'verify', 'read', 'read', 'read', 'read', 'read', 'read'];
    const pairs = judge.map((one, i) => [one, people[i] ?? 'read'] as const);
    const [verify] = measurePhases([pairs]).filter(({ name }) => name === 'verify');
    expect(verify?.f1?.value).toBeCloseTo(2 / 3, 12);
    expect(verify?.kappa?.value).toBeCloseTo(0.22 / 0.42, 12);
    expect(verify?.f1?.low).toBeNull();
    expect(measureAllPhases([pairs])?.kappa?.value).toBeCloseTo(0.22 / 0.42, 12);
    expect(measurePhases([pairs]).find(({ name }) => name === 'plan')).toMatchObject({ f1: null, people: 0, judge: 0 });
  });

  it('of behaviours with phases is by the sentences that people label for them', () => {
    expect(BEHAVIOUR_OF_PHASE).toEqual({ verify: 'verification', plan: 'subgoal' });
    const act: BehaviourLabels = { kinds: ['verification'], acts: ['verification'] };
    const working: BehaviourLabels = { kinds: ['verification'], acts: [] };
    const classes = measureByPhases([
      [
        [act, 'verify'],
        [working, 'implement'],
        [{ kinds: [], acts: [] }, 'plan'],
      ],
    ]);
    expect(classes.map(({ name, layer, against, people, judge }) => [name, layer, against, people, judge])).toEqual([
      ['subgoal', 'act', 'plan', 1, 0],
      ['subgoal', 'episode', 'plan', 1, 0],
      ['verification', 'act', 'verify', 1, 1],
      ['verification', 'episode', 'verify', 1, 2],
    ]);
    expect(measureBehaviours([[[act, working]]], false)).toHaveLength(4);
    expect(measureBehaviours([[[act, working]]], true).find(({ layer }) => layer === 'act')).toMatchObject({
      people: 0,
      judge: 1,
    });
  });
});
