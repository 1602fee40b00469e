import { expect, it, vi } from 'vitest';
import { randomSource } from '../../../src/core/maths/random.ts';
import { GradingPolicy } from '../../../src/core/schemas/index.ts';
import { GradingPool } from '../../../src/grading/pool.ts';

const workerPath = new URL('../../../src/grading/worker.ts', import.meta.url);
const policy = GradingPolicy.parse({});
vi.setConfig({ testTimeout: 120_000 });

const COUNT = 10_000;
const GOLDS = [
  '1',
  '42',
  '\\frac{1}{2}',
  'x^2+1',
  '\\{1,2\\}',
  '(0,1]',
  '\\sqrt{2}',
  '\\begin{pmatrix}1\\\\2\\end{pmatrix}',
  'x=3',
  'yes',
];

type Make = (random: (below: number) => number) => string;

/** Kinds of answers that have hung or crashed graders, each with random sizes. */
const KINDS: readonly Make[] = [
  (r) => `${2 + r(9)}${'^{9'.repeat(1 + r(30))}${'}'.repeat(1 + r(30))}`,
  (r) => `10^{10^{10${r(3) === 0 ? '^{10}' : ''}}}`,
  (r) => `((${r(99)}!)!)!^{${r(9999)}}`,
  (r) => `${r(9)}`.repeat(1 + r(4000)),
  (r) => `1e${r(99_999)}`,
  (r) => `${'('.repeat(r(5000))}1${')'.repeat(r(5000))}`,
  (r) => `${'\\frac{1}{'.repeat(r(600))}2${'}'.repeat(r(600))}`,
  (r) => `${'\\sqrt{'.repeat(r(600))}2${'}'.repeat(r(600))}`,
  (r) => `${'\\left('.repeat(r(900))}x`,
  (r) => String.fromCharCode(0xd800 + r(0x800), 0xd800 + r(0x800), 0x31, 0xdc00 + r(0x400)),
  (r) => `__import__("os").system("rm -rf ${r(99)}")`,
  (r) => `(function(){while(${r(9)}+1){}})()`,
  (r) => `<img src=x onerror=alert(${r(9)})><script>for(;;){}</script>`,
  (r) => `\0${r(9)}\0\u0001\u0007${'\0'.repeat(r(50))}`,
  (r) => `${'a'.repeat(r(4000))}!`,
  (r) => `${' '.repeat(r(4000))}5`,
  (r) => `${'a'.repeat(30)}${'\\ '.repeat(r(900))}b`,
  (r) => '1,'.repeat(r(2000)),
  (r) => `${'x+'.repeat(r(1000))}x`,
  (r) => `x${'^9'.repeat(r(300))}`,
  (r) => `\\prod_{i=1}^{\\infty} i^{${r(99)}}`,
  (r) => '\\pm'.repeat(r(900)),
  (r) => 'a=b'.repeat(r(1000)),
  (r) => '\\text{and}'.repeat(r(300)),
  (r) => `\\begin{pmatrix}${'1&'.repeat(r(900))}1\\end{pmatrix}`,
  (r) => `\\{${Array.from({ length: r(300) }, (_, i) => i).join(',')}\\}`,
  (r) => `0.${'3'.repeat(r(300))}(${'7'.repeat(r(300))})`,
];

/** Only the time limit of the pool stops these: each costs a second and the start of a worker, so there are few. */
const ENDLESS: readonly string[] = [
  '999999999!',
  '\\binom{10^{9}}{5\\cdot 10^{8}}',
  '\\sum_{k=1}^{10^{12}} k^k',
  '\\int_0^{10^9} x^{x^x} dx',
  '((((9!)!)!)!)!',
  '\\prod_{i=1}^{\\infty} i!',
];

/** Whole responses with a hundred thousand characters and no answer. */
const LONG: readonly string[] = [
  'x'.repeat(100_000),
  '{'.repeat(100_000),
  '\\boxed{'.repeat(14_000),
  '$'.repeat(100_000),
  '<think>'.repeat(14_000),
  'the answer is '.repeat(7_000),
  '\n'.repeat(100_000),
  '1'.repeat(100_000),
  '**'.repeat(50_000),
];

it('keeps working under 10,000 hostile answers', async () => {
  const rejections: unknown[] = [];
  const hear = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', hear);
  const pool = new GradingPool({ workerPath, workers: 2, timeoutMs: 1_000 });
  try {
    const next = randomSource(20_261_124);
    const random = (below: number): number => Math.floor(next() * below);
    const work = Array.from({ length: COUNT }, (_, i) => {
      const answer = KINDS[i % KINDS.length]?.(random) ?? '';
      const endless = i % 1500 === 11 ? ENDLESS[Math.floor(i / 1500)] : undefined;
      const long = i % 400 === 7 ? LONG[random(LONG.length)] : undefined;
      const text = long ?? (random(2) === 0 ? answer : `So it is \\boxed{${endless ?? answer}}.`);
      return { gold: GOLDS[random(GOLDS.length)] ?? '', text };
    });
    await pool.grade('1', '1', policy);
    const before = process.memoryUsage().heapUsed;
    const outcomes = new Map<string, number>();
    for (let from = 0; from < COUNT; from += 1000) {
      const graded = await Promise.all(
        work.slice(from, from + 1000).map(({ gold, text }) => pool.grade(gold, text, policy)),
      );
      for (const { outcome } of graded) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // Enough for every thread, so that a worker that was killed last is started again.
    const honest = await Promise.all(
      Array.from({ length: 20 }, (_, i) => pool.grade('12', i % 2 === 0 ? 'The answer is \\boxed{12}.' : '13', policy)),
    );
    expect(honest.map(({ outcome }) => outcome)).toEqual(honest.map((_, i) => (i % 2 === 0 ? 'correct' : 'incorrect')));
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    // A digit, `yes` and the like may be right by chance; hostile forms are not.
    expect(outcomes.get('correct') ?? 0).toBeLessThan(COUNT / 100);
    expect(pool.threads).toBe(2);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
  } finally {
    await pool.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', hear);
  }
  expect(pool.threads).toBe(0);
  expect(rejections).toEqual([]);
});
