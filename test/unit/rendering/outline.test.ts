import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PhaseRun, phaseRuns } from '../../../src/core/review/phase-runs.ts';
import { PHASES, type Span } from '../../../src/core/schemas/index.ts';
import { filterRows, outlineRows } from '../../../webview/review/outline/outline-rows.ts';

describe('runs of phases', () => {
  test('cover the sentences in order, and neighbours differ', () => {
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(...PHASES)));
    fc.assert(
      fc.property(lengths, (list) => {
        let at = 0;
        const sentences = list.map(([length, phase]) => {
          at += length;
          return { start: at - length, end: at, phase };
        });
        const runs = phaseRuns(sentences);
        expect(runs.reduce((sum, run) => sum + run.sentences, 0)).toBe(sentences.length);
        expect(runs.at(-1)?.end ?? 0).toBe(at);
        runs.forEach((run, index) => {
          expect(run.start).toBe(runs[index - 1]?.end ?? 0);
          expect(run.phase).not.toBe(runs[index - 1]?.phase);
          const first = sentences.find(({ start }) => start === run.start);
          expect([run.phase, run.firstEnd]).toEqual([first?.phase, first?.end]);
        });
      }),
    );
  });
});

describe('the rows of an outline', () => {
  const text = 'We add. So it is 12.\nLet me check. 6 + 6 is 12. Yes.';
  const second = text.indexOf('Let');
  const runs: PhaseRun[] = [
    { phase: 'implement', start: 0, end: second, firstEnd: 8, sentences: 2 },
    { phase: 'verify', start: second, end: text.length, firstEnd: second + 14, sentences: 3 },
  ];
  const place = (words: string) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length });
  const from = { source: 'classifier', confidence: 0.9 } as const;
  const spans: Span[] = [
    {
      id: 'a',
      kind: 'verification',
      ...from,
      start: second,
      end: text.length,
      acts: [place('Let me check.'), place('Yes.')],
    },
    { id: 'b', kind: 'subgoal', ...from, ...place('We add.') },
  ];
  const rows = outlineRows(runs, {
    text,
    spans,
    segments: [
      { piece: 'answer[1]', start: 0, end: second, train: true },
      { piece: 'check[1]', start: second, end: text.length, train: true },
    ],
  });

  test('have the words of their first sentence, their piece, and the acts that begin in them', () => {
    expect(rows.map(({ words, piece, acts }) => ({ words, piece, acts }))).toEqual([
      { words: 'We add.', piece: 'answer 1', acts: [{ kind: 'subgoal', count: 1 }] },
      { words: 'Let me check.', piece: 'check 1', acts: [{ kind: 'verification', count: 2 }] },
    ]);
  });

  test('are filtered by every typed word, in any of their parts', () => {
    const found = (typed: string) => filterRows(rows, typed).map(({ phase }) => phase);
    expect(found(' ')).toEqual(['implement', 'verify']);
    expect(found('VERIFY let')).toEqual(['verify']);
    expect(found('subgoal')).toEqual(['implement']);
    expect(found('answer check')).toEqual([]);
  });
});
