import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answersDocument,
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
  namedProblems,
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
  it('shows the score, what is excluded, and the hardest problem first', () => {
    const samples = [
      ...SAMPLES,
      sample({ problemId: 'b', index: 2, reply: 'truncated' }),
      sample({ problemId: 'a', index: 2, outcome: 'unknown' }),
    ];
    const text = evaluationReport(plan(), result(samples, { unanswered: 3 }), samples, 'report.svg');
    expect(text).toContain('**avg@2 to 3 = 66.7 %');
    expect(text).toContain('1 answer could not be graded');
    expect(text).toContain('refused 3 answers');
    expect(text.indexOf('| `b` | 1 of 3 | 1 |')).toBeGreaterThan(0);
    expect(text.indexOf('| `b` |')).toBeLessThan(text.indexOf('| `a` |'));
    expect(text).toContain('nothing to compare with');
  });

  it('names problems that are in the training data, and reports when there are none', () => {
    const hits = [{ problemId: 'a', trainedId: 't', how: 'words' as const, words: 'eight shared words' }];
    const some = result(SAMPLES, {
      contamination: { trained: 9, runs: ['7-sft'], unread: [], exports: ['first'], hits },
    });
    expect(evaluationReport(plan(), some, SAMPLES, 'p.svg')).toContain('| `a` | `t` | `eight shared words` |');
    const unread = result(SAMPLES, {
      contamination: { trained: 9, exports: [], runs: [], unread: ['8-sft'], hits: [] },
    });
    expect(evaluationReport(plan(), unread, SAMPLES, 'p.svg')).toContain('**Not checked:** 1 training run (`8-sft`)');
    const none = result(SAMPLES, { contamination: { trained: 9, exports: [], runs: [], unread: [], hits: [] } });
    expect(evaluationReport(plan(), none, SAMPLES, 'p.svg')).toContain(
      ': 2 evaluated problems, compared as a whole and by eight words',
    );
  });

  it('keeps any problem id inside its table cell', () => {
    const found = result(SAMPLES);
    const hostile = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const marked = fc.constantFrom('</code><img src=x onerror=alert(1)>', '`|\n# x', '![x](http://h/x.png)', '``');
    fc.assert(
      fc.property(fc.oneof(hostile, marked), (id) => {
        const samples = SAMPLES.map((one) => (one.problemId === 'a' ? { ...one, problemId: id } : one));
        const text = evaluationReport(plan(), found, samples, 'p.svg');
        const rows = text.split('\n').filter((line) => line.startsWith('| `') && line.includes(' of 2 |'));
        // Each row is one line of four cells, with the id inside code.
        expect(rows).toHaveLength(2);
        for (const row of rows) expect(row).toMatch(/^\| `[^`|]+` \| \d of 2 \| 0 \| 10 \|$/);
      }),
    );
  });

  it('has a well-formed picture for any name of a model', () => {
    const named = plan({ model: { kind: 'starter', model: '<script>&"' } });
    const picture = evaluationPicture(named, evaluationScores(SAMPLES));
    expect(picture).not.toContain('<script');
    expect(picture).toContain('avg@k: 75.0 %');
    expect(picture).toMatch(/<\/svg>\n$/);
  });

  it('has a picture with an accessible name, and with enough contrast outside the editor', () => {
    const picture = evaluationPicture(plan(), evaluationScores(SAMPLES));
    const title = /<text[^>]*class="title">([^<]+)</.exec(picture)?.[1] ?? '';
    expect(title).not.toBe('');
    expect(/role="img" aria-label="([^"]+)"/.exec(picture)?.[1]?.startsWith(title)).toBe(true);
    const [, light = '', dark = ''] = /<style>(.*)@media \(prefers-color-scheme:dark\)\{(.*?)\}\}/.exec(picture) ?? [];
    const fallback = (style: string, name: string) => new RegExp(`--vscode-${name},(#\\w{6})`).exec(style)?.[1] ?? '';
    const dots = fallback(picture, 'charts-blue');
    for (const style of [light, dark]) {
      const ground = fallback(style, 'editor-background');
      expect(contrast(fallback(style, 'foreground'), ground)).toBeGreaterThan(4.5);
      expect(contrast(dots, ground)).toBeGreaterThan(3);
    }
  });
});

describe('the answers of an evaluation', () => {
  it('are linked from each row of the report, and show a hostile text as code', () => {
    const text = evaluationReport(plan(), result(SAMPLES), SAMPLES, 'report.svg', 'answers.md');
    const links = [...text.matchAll(/\]\(answers\.md(#[\w-]+)\)/g)].map(([, anchor]) => anchor);
    const { named } = namedProblems(SAMPLES);
    expect(links).toEqual(named.map((_, i) => `#problem-${i + 1}`));
    const hostile = '[x](command:evil)\n```\n# Problem 9\n````\n<img src=x>';
    const answers = answersDocument(
      '1-x',
      named,
      () => ({ problem: 'What is 1 + 1?', answer: '2' }),
      (_, index) => (index === 0 ? hostile : undefined),
    );
    for (const [i, { problemId }] of named.entries())
      expect(answers).toContain(`## Problem ${i + 1}\n\n\`${problemId}\``);
    // The fence around it is longer than any in it.
    expect(answers).toContain(`\`\`\`\`\`text\n${hostile}\n\`\`\`\`\``);
    expect(answers).toMatch(/more samples? (?:is|are) in `journal\.jsonl`/);
  });
});

describe('the report of a comparison', () => {
  const after = plan({ evaluation: '2-tuned', k: 4, role: 'fine-tuned' });
  const contamination = { trained: 0, exports: [], runs: [], unread: [], hits: [] };
  const better = SAMPLES.map((one) => ({ ...one, outcome: 'correct' as const }));
  const sides = {
    before: { plan: plan(), scores: evaluationScores(SAMPLES) },
    after: { plan: after, scores: evaluationScores(better) },
  };

  it('lists differences other than the model, and none between an evaluation and itself', () => {
    expect(otherSettings(plan(), after)).toEqual([{ setting: 'samples per problem', before: '2', after: '4' }]);
    expect(otherSettings(after, after)).toEqual([]);
    const comparison = compareEvaluations(SAMPLES, better);
    const text = comparisonReport({ ...sides, comparison, contamination }, 'c.svg');
    expect(text).toContain('**This difference is 0.5 problems of 2');
    expect(text).toContain('| samples per problem | `2` | `4` |');
    expect(text).not.toContain('Not all problems are compared');
    expect(text).toContain('avg@k rose by');
  });

  it('reports that a score did not change', () => {
    const same = { before: sides.before, after: sides.before };
    const text = comparisonReport(
      { ...same, comparison: compareEvaluations(SAMPLES, SAMPLES), contamination },
      'c.svg',
    );
    expect(text).toContain('avg@k did not change (95 % interval of the change: -84.2 to 84.2)');
  });

  it('reports that a score fell, and how often a candidate answer changed to another', () => {
    const stepping = SAMPLES.map((one, i) => ({
      ...one,
      transitions: { ...NO_STEPS, 'wrong-right': i === 0 ? 3 : 0, 'right-wrong': i === 0 ? 1 : 0 },
    }));
    const turned = { before: { ...sides.after }, after: { ...sides.before, scores: evaluationScores(stepping) } };
    const comparison = compareEvaluations(better, stepping);
    const text = comparisonReport({ ...turned, comparison, contamination }, 'c.svg');
    expect(text).toMatch(/avg@k fell by [\d.]+ points \(95 % interval of the change: -/);
    expect(text).toContain('| wrong → right | none | 3 (75.0 %) |');
    expect(text).toContain('| right → wrong | none | 1 (25.0 %) |');
  });

  it('shows both evaluations, and a missing score as unknown', () => {
    const picture = comparisonPicture(sides);
    expect(picture.match(/class="ring"/g)?.length).toBe(picture.match(/class="dot"/g)?.length);
    expect(picture).toContain('unknown');
  });
});

it('scores of ordered samples do not depend on the order of the replies', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(SAMPLES, { minLength: SAMPLES.length }), (shuffled) => {
      expect(evaluationScores(inOrder(shuffled, ['b', 'a']))).toEqual(evaluationScores(inOrder(SAMPLES, ['b', 'a'])));
    }),
    { numRuns: 5 },
  );
});

/** Contrast ratio of two colours such as `#1f1f1f`, as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
