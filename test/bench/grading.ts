// Agreement of the grader with labelled pairs, answers and traces of ../shared/data, its speed on one thread, and the same pairs through Math-Verify.
// Run: npm run bench:grading [-- --misses] [-- --no-math-verify]. It prints numbers and fails on none.
import { loadEngine } from '../../src/core/grading/engine.ts';
import { answersAgree, extractAnswer, resolvePolicy, type SymbolicEngine } from '../../src/core/grading/index.ts';
import { findMathVerify, judgeWithMathVerify } from './grading/math-verify.ts';
import { judge } from './grading/ours.ts';
import { DATA, type Pair, policyOf, readPairs, rowsOf } from './grading/pairs.ts';
import {
  agreementTable,
  confusionTable,
  type Judgement,
  missList,
  perSecond,
  quantile,
  short,
  speedLine,
} from './grading/report.ts';

const misses = process.argv.includes('--misses');
const withMathVerify = !process.argv.includes('--no-math-verify');
/** A worker grades thousands of answers; the time of the first ones is reported separately. */
const WARM_PASSES = 5;

async function mathVerify(pairs: readonly Pair[]): Promise<Judgement[]> {
  if (!withMathVerify) return [];
  const found = await findMathVerify();
  if (typeof found === 'string') {
    console.log(`Math-Verify is skipped: ${found}`);
    return [];
  }
  return [{ name: 'Math-Verify', judged: await judgeWithMathVerify(found.python, pairs) }];
}

function pass(pairs: readonly Pair[], engine: SymbolicEngine): Judgement {
  return { name: 'Longhand', judged: pairs.map((pair) => judge(pair.gold, pair.prediction, policyOf(pair), engine)) };
}

async function equivalence(pairs: readonly Pair[], engine: SymbolicEngine): Promise<void> {
  const first = pass(pairs, engine);
  const graders = [first, ...(await mathVerify(pairs))];
  console.log(`\n${agreementTable('source', pairs, graders, ({ source }) => source)}`);
  console.log(`\n${agreementTable('policy', pairs, graders, (pair) => policyOf(pair).name ?? '')}`);
  console.log(`\n${agreementTable('shape', pairs, graders, ({ shape }) => shape)}`);
  console.log(
    `\n${agreementTable('gold', pairs, graders, ({ gold, shape }) => (isNumeric(gold) ? `numeric, ${shape}` : 'other'))}`,
  );
  console.log(`\n${confusionTable(pairs, graders)}\n`);
  for (let i = 1; i < WARM_PASSES; i += 1) pass(pairs, engine);
  const times = pass(pairs, engine).judged.map(({ ms }) => ms);
  for (const { name, judged } of graders)
    console.log(
      speedLine(
        `${name}, first pass`,
        judged.map(({ ms }) => ms),
      ),
    );
  console.log(speedLine('Longhand, warm', times));
  const theirs = graders[1]?.judged.map(({ ms }) => ms);
  if (theirs) {
    // Its slowest pairs reach its limit of 5 s and raise the mean; the medians show the usual answer.
    const ours = first.judged.map(({ ms }) => ms);
    const ratio = (perSecond(ours) / perSecond(theirs)).toFixed(0);
    const medians = (quantile(theirs, 0.5) / quantile(ours, 0.5)).toFixed(0);
    const warm = (perSecond(times) / perSecond(theirs)).toFixed(0);
    console.log(
      `Longhand / Math-Verify, first pass: ${ratio} times as many a second, median ${medians} times as fast; warm: ${warm} times as many a second`,
    );
  }
  if (misses) console.log(`\n${missList(pairs, graders).join('\n')}`);
}

function extraction(): void {
  const policy = resolvePolicy('default');
  const cases = rowsOf<{ id: string; input: string; expected: string }>('pairs/extraction.jsonl') ?? [];
  const missed = cases.filter((row) => {
    const found = extractAnswer(row.input, { bare: true })?.answer ?? '';
    return found !== row.expected && !answersAgree(row.expected, found, policy);
  });
  console.log(`\nextraction: ${cases.length - missed.length} of ${cases.length} agree`);
  if (!misses) return;
  for (const { id, input, expected } of missed) {
    const found = extractAnswer(input, { bare: true });
    console.log(
      `${id} ${short(input)}\n    found ${short(found?.answer)} (${found?.how ?? 'nothing'}), expected ${short(expected)}`,
    );
  }
}

function traces(engine: SymbolicEngine): void {
  const policy = resolvePolicy('default');
  const rows = rowsOf<{ id: string; gold: unknown; trace: string; correct: boolean }>(
    'traces/sky_t1_aime24_8runs.jsonl',
  );
  if (rows === undefined) return;
  const judged = rows.map((row) => ({ row, ...judge(String(row.gold), row.trace, policy, engine) }));
  const wrong = judged.filter(({ row, correct }) => row.correct !== correct);
  const characters = rows.reduce((sum, { trace }) => sum + trace.length, 0);
  console.log(
    `traces: ${rows.length - wrong.length} of ${rows.length} verdicts agree, ${(characters / rows.length / 1000).toFixed(0)}k characters each`,
  );
  console.log(
    speedLine(
      'traces',
      judged.map(({ ms }) => ms),
    ),
  );
  if (misses)
    for (const { row } of wrong)
      console.log(`${row.id}: gold ${short(row.gold)}, labelled ${row.correct ? 'right' : 'wrong'}`);
}

const pairs = readPairs();
if (pairs === undefined) console.log(`skipped: ${DATA} is absent`);
else {
  const began = performance.now();
  const engine = await loadEngine();
  console.log(
    `compute engine loaded in ${Math.round(performance.now() - began)} ms (once a worker, when first needed)`,
  );
  await equivalence(pairs, engine);
  extraction();
  traces(engine);
}

/** A plain number, a fraction of two, a percentage or a sum of money, as most gold answers are. */
function isNumeric(gold: string): boolean {
  const bare = gold.replace(/\\[dt]?frac\{(-?\d+)\}\{(-?\d+)\}/, '$1/$2').replace(/[$\s,{}]|\\%|%|\\boxed/g, '');
  return /^[-+−]?(?:\d+\.?\d*|\.\d+)(?:\/[-+−]?\d+)?$/.test(bare);
}
