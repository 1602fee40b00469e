import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { checkOf, goldOf } from '../../scripts/sample/checks/index.ts';
import { ROUND, sampleFiles } from '../../scripts/sample/dataset.ts';
import { parseChain, takeTags } from '../../scripts/sample/parse.ts';
import { findCandidates } from '../../src/core/behaviours/index.ts';
import { gradeAnswer, resolvePolicy } from '../../src/core/grading/index.ts';
import { BEHAVIOURS, Chain, DatasetSettings, Problem, RoundPlan, RoundSummary } from '../../src/core/schemas/index.ts';
import { findBoxes } from '../../src/core/text/boxes.ts';
import { findMaths } from '../../src/core/text/maths.ts';
import { ngrams } from '../../src/core/text/ngrams.ts';

const folder = resolve(import.meta.dirname, '../../media/sample');
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const lines = (path: string): unknown[] =>
  read(path)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const settings = DatasetSettings.parse(JSON.parse(read('longhand.json')));
const problems = lines('problems/sample.jsonl').map((line) => Problem.parse(line));
const chains = lines(`rounds/${ROUND}/chains.jsonl`).map((line) => Chain.parse(line));
const plan = RoundPlan.parse(JSON.parse(read(`rounds/${ROUND}/plan.json`)));
const summary = RoundSummary.parse(JSON.parse(read(`rounds/${ROUND}/summary.json`)));

const passing = chains.filter((chain) => chain.passed);
const countOf = (chainClass: string): number => chains.filter((chain) => chain.class === chainClass).length;
/** Published problem sets for the test of originality. They are not part of the project. */
const benchmarks = resolve(import.meta.dirname, '../../../shared/data/problems');
/** The same answer with its first digit changed. */
const changed = (answer: string): string => answer.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));

describe('the sample dataset on disk', () => {
  it('equals the output of the build script', () => {
    const onDisk = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      // Prompt files belong to the prompt sets and are copied from there.
      .filter((path) => !path.startsWith('prompts/'));
    const built = sampleFiles();
    expect(onDisk.sort()).toEqual([...built.keys()].sort());
    for (const [path, text] of built) expect(read(path), path).toBe(text);
  });

  it('has one handwritten round, whose plan and summary match its chains', () => {
    expect(plan.kind).toBe('handwritten');
    expect(plan.round).toBe(ROUND);
    expect(new Set(plan.problemIds)).toEqual(new Set(chains.map((chain) => chain.problemId)));
    expect(summary).toMatchObject({ round: ROUND, calls: 0, chains: chains.length, chainsPassed: passing.length });
    expect(summary.pairs).toEqual(Object.fromEntries(['FT', 'TT', 'TF', 'FF'].map((name) => [name, countOf(name)])));
  });
});

describe('the problems', () => {
  it('range from one step to contest level, each with gold, level, topic, source and licence', () => {
    const atLevel = (...levels: number[]): number => problems.filter((p) => levels.includes(Number(p.level))).length;
    expect(problems.length).toBeGreaterThanOrEqual(66);
    expect([atLevel(1), atLevel(2), atLevel(3, 4), atLevel(5)]).toEqual([24, 14, 20, 10]);
    for (const problem of problems) {
      expect(problem).toMatchObject({ topic: expect.any(String), source: 'longhand sample', licence: 'MIT' });
    }
  });

  it('have distinct ids and distinct texts', () => {
    const normal = problems.map((problem) => problem.problem.toLowerCase().replace(/\W+/g, ' ').trim());
    expect(new Set(problems.map((problem) => problem.id)).size).toBe(problems.length);
    expect(new Set(normal).size).toBe(problems.length);
    for (const { id } of problems) expect(id).toMatch(/^(?:arith|word|alg|contest)-\d\d$/);
  });

  it.each(problems)('$id is solved by its gold and not by a changed one', (problem) => {
    const check = checkOf(problem);
    expect(check?.(goldOf(problem.answer))).toBe(true);
    expect(check?.(goldOf(changed(problem.answer)))).toBe(false);
  });

  it.each(problems)('the gold of $id grades as correct against itself, a changed one as incorrect', ({ answer }) => {
    const outcome = (prediction: string) =>
      gradeAnswer(answer, `\\boxed{${prediction}}`, resolvePolicy(settings.grading)).outcome;
    expect(outcome(answer)).toBe('correct');
    expect(outcome(changed(answer))).toBe('incorrect');
  });

  it.skipIf(!existsSync(benchmarks))('share no eight consecutive words with a benchmark (needs ../shared/data)', () => {
    const grams = (text: string): string[] => ngrams(text.replace(/[^\p{L}\p{N}]+/gu, ' '), 8);
    const own = new Map(problems.flatMap(({ id, problem }) => grams(problem).map((gram) => [gram, id] as const)));
    const shared: string[] = [];
    let rows = 0;
    for (const file of readdirSync(benchmarks).filter((name) => name.endsWith('.jsonl'))) {
      for (const line of readFileSync(join(benchmarks, file), 'utf8').trimEnd().split('\n')) {
        const gram = grams(String(JSON.parse(line).problem)).find((candidate) => own.has(candidate));
        if (gram) shared.push(`${own.get(gram)} and ${file}: ${gram}`);
        rows++;
      }
    }
    expect(rows).toBeGreaterThan(9000);
    expect(shared).toEqual([]);
  });

  it('have worked solutions with the gold in the box', () => {
    const solved = problems.filter((problem) => problem.solution !== undefined);
    expect(solved.length).toBeGreaterThanOrEqual(10);
    for (const { id, answer, solution = '' } of solved) {
      expect(gradeAnswer(answer, solution, resolvePolicy(settings.grading)).outcome, id).toBe('correct');
    }
  });
});

describe('the handwritten chains', () => {
  it('have a grade for every candidate answer', () => {
    for (const chain of chains) {
      const problem = problems.find(({ id }) => id === chain.problemId);
      const found = findCandidates(chain.text, { problem: problem?.problem ?? '', gold: problem?.answer ?? '' });
      const grades = new Map(Object.entries(chain.candidates ?? {}));
      for (const { answer } of found) expect(grades.get(answer), `${chain.id}: ${answer}`).toBeDefined();
    }
  });

  it('cover the classes and the four behaviours', () => {
    const minimum = { FT: 5, TT: 3, TF: 2, FF: 2 };
    for (const [name, least] of Object.entries(minimum)) expect(countOf(name), name).toBeGreaterThanOrEqual(least);
    for (const kind of BEHAVIOURS) {
      expect(chains.filter((chain) => chain.spans.some((span) => span.kind === kind)).length, kind).toBeGreaterThan(5);
    }
    const kindsOf = (chain: Chain): number => new Set(chain.spans.map((span) => span.kind)).size;
    for (const chain of chains) {
      if (chain.class === 'FT') expect(kindsOf(chain), `${chain.id} turns back`).toBe(4);
    }
  });

  it('are long chains of thought', () => {
    for (const chain of chains) expect(chain.text.length, chain.id).toBeGreaterThanOrEqual(1200);
    expect(chains.filter((chain) => chain.text.length >= 6000).length).toBeGreaterThanOrEqual(2);
  });

  it('are marked as handwritten', () => {
    for (const chain of chains) {
      expect(chain).toMatchObject({ origin: 'handwritten', model: 'handwritten', round: ROUND });
      expect(chain.tokens).toEqual({ count: Math.ceil(chain.text.length / 4), estimated: true });
      expect(chain.pieces.every((piece) => piece.call === undefined)).toBe(true);
      expect(problems.map((problem) => problem.id)).toContain(chain.problemId);
    }
  });

  it.each(chains)('$id: segments cover the text, and only the first answer is not trained', ({ text, segments }) => {
    expect(segments.map((segment) => segment.piece)).toEqual(['answer[1]', 'check[1]', 'answer[2]', 'summary']);
    expect(segments.map((segment) => segment.train)).toEqual([false, true, true, true]);
    expect(segments.map((segment) => segment.start)).toEqual([0, ...segments.slice(0, -1).map((s) => s.end)]);
    expect(segments.at(-1)?.end).toBe(text.length);
    for (const { piece, start, end } of segments) {
      const gap = piece === 'summary' ? '' : '\n\n';
      expect(text.slice(start, end)).toBe(`${text.slice(start, end).trim()}${gap}`);
    }
  });

  it.each(chains)('$id: spans are from a person, cover text and are inside one piece', ({ text, segments, spans }) => {
    expect(spans.map((span) => span.id)).toEqual(spans.map((_, index) => `s${index + 1}`));
    for (const span of spans) {
      const covered = text.slice(span.start, span.end);
      expect(covered).not.toBe('');
      expect(covered).toBe(covered.trim());
      expect(segments.some((segment) => segment.start <= span.start && span.end <= segment.end)).toBe(true);
      expect(span).toMatchObject({ source: 'human', confidence: 1 });
    }
    expect(text).not.toMatch(/<\/?(?:verification|backtracking|subgoal|backward)>/);
  });

  it('have one box, in the summary, unless the one-box filter fails', () => {
    for (const { id, text, segments, filters } of chains) {
      const boxes = findBoxes(text);
      const start = segments.at(-1)?.start ?? 0;
      expect(boxes.every((box) => box.start >= start)).toBe(true);
      const caught = filters.some((filter) => filter.id === 'one-box' && !filter.passed);
      expect(boxes.length === 1, id).toBe(!caught);
    }
  });

  it('include failures of several filters, each with a reason', () => {
    const rejections = new Map(
      chains
        .filter((chain) => !chain.passed)
        .map((chain) => [chain.problemId, chain.filters.filter((f) => !f.passed && f.reason).map((f) => f.id)]),
    );
    expect(Object.fromEntries(rejections)).toEqual({
      'word-10': ['final-correct', 'verdict-consistent'],
      'alg-03': ['repetition'],
      'alg-04': ['no-leak'],
      'contest-08': ['one-box'],
      'contest-09': ['final-correct'],
    });
  });

  it('have the verdict of their class', () => {
    const expected = { FT: 'correct', TT: 'correct', TF: 'correct', FF: 'incorrect' };
    for (const chain of chains) expect(chain.verdict.outcome, chain.id).toBe(expected[chain.class ?? 'FF']);
  });
});

describe('the maths', () => {
  const texts = [
    ...problems.flatMap((p) => [
      { id: `${p.id} problem`, text: p.problem },
      { id: `${p.id} gold`, text: `$${p.answer}$` },
      { id: `${p.id} solution`, text: p.solution ?? '' },
    ]),
    ...chains.map((chain) => ({ id: chain.id, text: chain.text })),
  ];

  it('is LaTeX that KaTeX accepts', () => {
    let formulas = 0;
    for (const { id, text } of texts) {
      for (const { innerStart, innerEnd, display } of findMaths(text)) {
        const tex = text.slice(innerStart, innerEnd);
        const render = () => katex.renderToString(tex, { throwOnError: true, displayMode: display, strict: 'error' });
        expect(render, `${id}: ${tex}`).not.toThrow();
        formulas++;
      }
    }
    expect(formulas).toBeGreaterThan(600);
  });

  it('has no delimiter or command outside formulas, and includes amounts of money', () => {
    for (const { id, text } of texts) {
      let outside = '';
      let from = 0;
      for (const range of findMaths(text)) {
        outside += `${text.slice(from, range.start)}\u0000`;
        from = range.end;
      }
      outside += text.slice(from);
      expect(outside, id).not.toMatch(/\\|\$(?!\d)/);
    }
    const money = problems.filter((problem) => /\$\d/.test(problem.problem) && findMaths(problem.problem).length === 0);
    expect(money.length).toBeGreaterThanOrEqual(4);
    expect(chains.find((chain) => chain.problemId === 'word-07')?.text).toMatch(/marked at \$80, there/);
  });

  it('includes displays, aligned lines, cases, matrices, determinants and tables', () => {
    const all = chains.map((chain) => chain.text).join('\n');
    for (const name of ['aligned', 'cases', 'pmatrix', 'vmatrix']) expect(all).toContain(`\\begin{${name}}`);
    expect(all).toMatch(/^\|(?:---\|)+$/m);
    expect(all).toMatch(/\\\[/);
    expect(all).toMatch(/\$\$/);
  });
});

describe('the source of a chain', () => {
  const source = (body: string, head = 'problem: alg-01\nclass: FT\nverdict: wrong'): string =>
    `---\n${head}\n---\n\n${body}`;

  it('returns each tagged text at any position', () => {
    const part = fc.record({
      before: fc.stringMatching(/^[a-z $\\{}]{0,12}$/),
      kind: fc.constantFrom(...BEHAVIOURS),
      inner: fc.stringMatching(/^[a-z0-9\\${}|<]{1,20}$/),
    });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const tagged = parts.map((p) => `${p.before}<${p.kind}> ${p.inner}\n</${p.kind}>`).join('');
        const { text, spans } = takeTags(`x${tagged}x`, 'here');
        expect(text).toBe(`x${parts.map((p) => `${p.before} ${p.inner}\n`).join('')}x`);
        expect(spans.map((span) => [span.kind, text.slice(span.start, span.end)])).toEqual(
          parts.map((p) => [p.kind, p.inner]),
        );
      }),
    );
  });

  it('allows spans of different kinds to overlap', () => {
    const { text, spans } = takeTags('<backward>a <verification>b</backward> c</verification>', 'here');
    expect(spans.map((span) => text.slice(span.start, span.end))).toEqual(['a b', 'b c']);
  });

  it.each([
    ['# answer[1]\n\n<subgoal>never closed', /<subgoal> is never closed/],
    ['# answer[1]\n\nclosed</subgoal>', /<\/subgoal> without <subgoal>/],
    ['# answer[1]\n\na <subgoal> </subgoal> b', /<subgoal> holds no text/],
    ['# answer[1]\n\n<subgoal>a <subgoal>b</subgoal></subgoal>', /<subgoal> inside <subgoal>/],
    ['no heading', /no piece headings/],
  ])('refuses %j with the error and the file', (body, message) => {
    expect(() => parseChain(source(body), 'some-file.md')).toThrow(message);
    expect(() => parseChain(source(body), 'some-file.md')).toThrow(/some-file\.md/);
  });

  it('refuses a front matter without its three fields', () => {
    const body = '# summary\n\ntext';
    expect(() => parseChain(body, 'f.md')).toThrow(/no front matter/);
    expect(() => parseChain(source(body, 'class: FT\nverdict: wrong'), 'f.md')).toThrow(/no problem/);
    expect(() => parseChain(source(body, 'problem: a\nclass: XY\nverdict: wrong'), 'f.md')).toThrow(/class must be/);
    expect(() => parseChain(source(body, 'problem: a\nclass: FT'), 'f.md')).toThrow(/verdict must be/);
  });
});
