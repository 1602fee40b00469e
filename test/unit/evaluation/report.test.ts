import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareEvaluations,
  comparisonPicture,
  comparisonReport,
  type EvaluatedSample,
  EvaluationPlan,
  type EvaluationResult,
  evaluationPicture,
  evaluationReport,
  evaluationScores,
  inOrder,
  otherSettings,
  TransitionCounts,
} from '../../../src/core/evaluation/index.ts';
import { sample } from './samples.ts';

const NO_STEPS = TransitionCounts.parse(Object.fromEntries(TransitionCounts.keyof().options.map((kind) => [kind, 0])));

function plan(changes: Partial<EvaluationPlan> = {}): EvaluationPlan {
  return EvaluationPlan.parse({
    version: 1,
    evaluation: '1-base',
    createdAt: '2026-11-26T09:00:00.000Z',
    set: { from: 'file', file: 'benchmarks/two.jsonl', size: 2 },
    problemIds: ['a', 'b'],
    problemsHash: 'f00d',
    k: 2,
    model: { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'base' },
    role: 'base',
    promptSet: 'full',
    promptsHash: 'beef',
    prompts: {},
    response: { temperature: 1, topP: 0.95, maxTokens: 100 },
    samplesPerRequest: 1,
    concurrency: 4,
    idleTimeoutSeconds: 60,
    grading: { name: 'default' },
    seed: 1,
    expected: { requests: 4, promptTokens: 1, completionTokens: 1, completionTokensMax: 400, from: 'guess' },
    ...changes,
  });
}

const SAMPLES = [
  sample({ problemId: 'a' }),
  sample({ problemId: 'a', index: 1 }),
  sample({ problemId: 'b', outcome: 'incorrect', answer: '2' }),
  sample({ problemId: 'b', index: 1 }),
];

function result(samples: readonly EvaluatedSample[], changes: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    version: 1,
    evaluation: '1-base',
    finishedAt: '2026-11-26T09:10:00.000Z',
    scores: evaluationScores(samples),
    calls: samples.length,
    promptTokens: 40,
    completionTokens: 40,
    cost: null,
    unanswered: 0,
    contamination: { trained: 0, exports: [], runs: [], unread: [], hits: [] },
    ...changes,
  };
}

describe('the report of an evaluation', () => {
  it('tells the score, what is left out, and the hardest problem first', () => {
    const cut = [
      ...SAMPLES,
      sample({ problemId: 'b', index: 2, truncated: true }),
      sample({ problemId: 'a', index: 2, outcome: 'unknown' }),
    ];
    const text = evaluationReport(plan(), result(cut, { unanswered: 3 }), cut, 'report.svg');
    expect(text).toContain('**avg@2 to 3 = 66.7 %');
    expect(text).toContain('1 answer could not be graded');
    expect(text).toContain('refused 3 answers');
    expect(text.indexOf('| `b` | 1 of 3 | 1 |')).toBeGreaterThan(0);
    expect(text.indexOf('| `b` |')).toBeLessThan(text.indexOf('| `a` |'));
    expect(text).toContain('nothing to compare with');
  });

  it('names what stands in the training data, and says when nothing does', () => {
    const hits = [{ problemId: 'a', trainedId: 't', how: 'words' as const, words: 'eight shared words' }];
    const some = result(SAMPLES, {
      contamination: { trained: 9, runs: ['7-sft'], unread: [], exports: ['first'], hits },
    });
    expect(evaluationReport(plan(), some, SAMPLES, 'p.svg')).toContain('| `a` | `t` | `eight shared words` |');
    const unread = result(SAMPLES, {
      contamination: { trained: 9, exports: [], runs: [], unread: ['8-sft'], hits: [] },
    });
    expect(evaluationReport(plan(), unread, SAMPLES, 'p.svg')).toContain('**Not looked at:** 1 training run (`8-sft`)');
    const none = result(SAMPLES, { contamination: { trained: 9, exports: [], runs: [], unread: [], hits: [] } });
    expect(evaluationReport(plan(), none, SAMPLES, 'p.svg')).toContain('None of the 2 evaluated problems');
  });

  it('keeps the words of strangers in their cells, whatever they are', () => {
    const found = result(SAMPLES);
    const hostile = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const marked = fc.constantFrom('</code><img src=x onerror=alert(1)>', '`|\n# x', '![x](http://h/x.png)', '``');
    fc.assert(
      fc.property(fc.oneof(hostile, marked), (id) => {
        const samples = SAMPLES.map((one) => (one.problemId === 'a' ? { ...one, problemId: id } : one));
        const text = evaluationReport(plan(), found, samples, 'p.svg');
        const rows = text.split('\n').filter((line) => line.startsWith('| `') && line.includes(' of 2 |'));
        // Each is one line of four cells, and nothing of a stranger's stands outside of code.
        expect(rows).toHaveLength(2);
        for (const row of rows) expect(row).toMatch(/^\| `[^`|]+` \| \d of 2 \| 0 \| 10 \|$/);
      }),
    );
  });

  it('has a picture that is well formed whatever a model is called', () => {
    const named = plan({ model: { kind: 'starter', model: '<script>&"' } });
    const picture = evaluationPicture(named, evaluationScores(SAMPLES));
    expect(picture).not.toContain('<script');
    expect(picture).toContain('avg@k: 75.0 %');
    expect(picture).toMatch(/<\/svg>\n$/);
  });
});

describe('the report of a comparison', () => {
  const after = plan({ evaluation: '2-tuned', k: 4, role: 'fine-tuned' });
  const better = SAMPLES.map((one) => ({ ...one, outcome: 'correct' as const }));
  const sides = {
    before: { plan: plan(), scores: evaluationScores(SAMPLES) },
    after: { plan: after, scores: evaluationScores(better) },
  };

  it('says what but the model differs, and nothing of an evaluation beside itself', () => {
    expect(otherSettings(plan(), after)).toEqual([{ setting: 'samples a problem', before: '2', after: '4' }]);
    expect(otherSettings(after, after)).toEqual([]);
    const comparison = compareEvaluations(SAMPLES, better);
    const contamination = { trained: 0, exports: [], runs: [], unread: [], hits: [] };
    const text = comparisonReport({ ...sides, comparison, contamination }, 'c.svg');
    expect(text).toContain('**This difference is 0.5 problems of 2');
    expect(text).toContain('| samples a problem | `2` | `4` |');
    expect(text).not.toContain('Not all problems are compared');
    expect(text).toContain('avg@k rose by');
  });

  it('says that a score did not change, and not that it rose by nothing', () => {
    const same = { before: sides.before, after: sides.before };
    const contamination = { trained: 0, exports: [], runs: [], unread: [], hits: [] };
    const text = comparisonReport(
      { ...same, comparison: compareEvaluations(SAMPLES, SAMPLES), contamination },
      'c.svg',
    );
    expect(text).toContain('avg@k did not change (95 % interval of the change: 0.0 to 0.0)');
  });

  it('says that a score fell, and how often a candidate answer gave way to another', () => {
    const stepping = SAMPLES.map((one, i) => ({
      ...one,
      transitions: { ...NO_STEPS, 'wrong-right': i === 0 ? 3 : 0, 'right-wrong': i === 0 ? 1 : 0 },
    }));
    const turned = { before: { ...sides.after }, after: { ...sides.before, scores: evaluationScores(stepping) } };
    const contamination = { trained: 0, exports: [], runs: [], unread: [], hits: [] };
    const comparison = compareEvaluations(better, stepping);
    const text = comparisonReport({ ...turned, comparison, contamination }, 'c.svg');
    expect(text).toMatch(/avg@k fell by [\d.]+ points \(95 % interval of the change: -/);
    expect(text).toContain('| wrong → right | none | 3 (75.0 %) |');
    expect(text).toContain('| right → wrong | none | 1 (25.0 %) |');
  });

  it('shows both, and a missing score as unknown', () => {
    const picture = comparisonPicture(sides);
    expect(picture.match(/class="ring"/g)?.length).toBe(picture.match(/class="dot"/g)?.length);
    expect(picture).toContain('unknown');
  });
});

it('samples in order are the same whatever order the replies came in', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(SAMPLES, { minLength: SAMPLES.length }), (shuffled) => {
      expect(evaluationScores(inOrder(shuffled, ['b', 'a']))).toEqual(evaluationScores(inOrder(SAMPLES, ['b', 'a'])));
    }),
    { numRuns: 5 },
  );
});
