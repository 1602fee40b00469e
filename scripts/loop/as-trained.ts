// The arms of a finished experiment, asked as they were trained, on new problems. See docs/design/closed-loop-smollm-2.md.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { normaliseProblemText } from '../../src/core/dataset/index.ts';
import { ngrams } from '../../src/core/text/ngrams.ts';
import { listEvaluations } from '../../src/store/evaluations.ts';
import { writeAtomic } from '../../src/system/atomic-write.ts';
import type { VerbResult } from '../../src/verbs/index.ts';
import { freePort } from '../lib/net.ts';
import { writeRows } from './base-model.ts';
import { type CheckCounts, countChecks, repliesOf } from './checks.ts';
import type { Surroundings } from './experiment.ts';
import type { LoopProblem } from './families.ts';
import { isNamed } from './rows.ts';
import { Serving } from './serving.ts';
import { drawSets, GRAM } from './splits.ts';
import { longhand, loopComparison } from './verbs.ts';

const PROBLEMS = 400;
const PREFIX = 'new';

/** An arm: who answers, and the prompt; without one, that of all arms of the experiment. */
interface Asked {
  model: 'base' | 'a' | 'b' | 'control';
  prompt?: 'as-trained' | 'best';
}

const ARMS = {
  base: { model: 'base' },
  'base-best': { model: 'base', prompt: 'best' },
  'base-as-trained': { model: 'base', prompt: 'as-trained' },
  treated: { model: 'a', prompt: 'as-trained' },
  ablation: { model: 'b', prompt: 'as-trained' },
  control: { model: 'control', prompt: 'as-trained' },
} as const satisfies Record<string, Asked>;
type ArmName = keyof typeof ARMS;

/** The first is the main test. */
const PAIRS: readonly (readonly [ArmName, ArmName])[] = [
  ['base', 'treated'],
  ['base-best', 'treated'],
  ['control', 'treated'],
  ['ablation', 'treated'],
  ['base', 'ablation'],
  ['base-best', 'ablation'],
  ['control', 'ablation'],
  ['base', 'control'],
  ['base', 'base-as-trained'],
];

type Evaluated = VerbResult<'evaluate'>;

export interface AsTrained {
  experiment: string;
  seed: number;
  /** SHA-256 of the file of new problems. */
  problems: { count: number; sha256: string };
  arms: Record<string, Pick<Evaluated, 'result'> & { checks: CheckCounts }>;
  comparisons: Record<string, VerbResult<'compare-evaluations'>['comparison']>;
  seconds: Record<string, number>;
}

/** Problems of the same families and of held-out operands that are no held-out problems of the experiment, and share no eight words with its training. */
export function newProblems({ experiment, seed }: Pick<Surroundings, 'experiment' | 'seed'>): LoopProblem[] {
  const { sizes, scale, baseSeed } = experiment;
  const { train, heldOut } = drawSets(sizes, seed, scale, baseSeed);
  const known = new Set([...train, ...heldOut].map(({ problem }) => normaliseProblemText(problem)));
  const grams = new Set(train.flatMap(({ problem }) => ngrams(problem, GRAM)));
  const drawn: LoopProblem[] = [];
  for (let other = seed + 1; drawn.length < PROBLEMS && other < seed + 50; other++) {
    for (const { id, problem, answer, topic } of drawSets(sizes, other, scale, baseSeed).heldOut) {
      const form = normaliseProblemText(problem);
      if (known.has(form) || ngrams(problem, GRAM).some((gram) => grams.has(gram))) continue;
      known.add(form);
      drawn.push({ id, problem, answer, topic });
    }
  }
  if (drawn.length < PROBLEMS) throw new Error(`There are only ${drawn.length} new problems.`);
  return drawn.slice(0, PROBLEMS);
}

/** Evaluates and compares the arms. The experiment must have ended: its models are those of its comparison. */
export async function askAsTrained(surroundings: Surroundings): Promise<AsTrained> {
  const { experiment, seed, places, runner, python, steps } = surroundings;
  const { dataset } = places;
  const problems = join(places.root, 'problems', 'new.jsonl');
  await steps.step('new problems', z.number(), async () => {
    const rows = newProblems(surroundings);
    writeRows(problems, rows);
    return rows.length;
  });
  const prompts = { best: places.bestPrompt, 'as-trained': join(places.root, 'as-trained.md') };
  await writeAtomic(prompts['as-trained'], `## user\n\n{{problem}}\n\n${experiment.marker}\n`);
  const compared = await loopComparison(dataset);
  const pathOf = (model: Asked['model']): string =>
    model === 'base'
      ? places.base
      : join(dataset, 'runs', `compare-${compared.plan.id}-${model}-${seed}`, 'out', 'final');
  const serving = new Serving(runner, dataset, {
    python,
    sequences: experiment.concurrency,
    batched: experiment.batched ?? false,
  });
  const arms: AsTrained['arms'] = {};
  try {
    for (const [name, { model, ...asked }] of Object.entries(ARMS) as [ArmName, Asked][]) {
      const role = model === 'base' ? 'base' : 'fine-tuned';
      const evaluation = await steps.step(`ask ${name}`, z.string(), async () => {
        await serving.use(
          { path: pathOf(model), role },
          await steps.step(`port of new ${model}`, z.number(), freePort),
        );
        const begun = (await listEvaluations(dataset)).find(({ plan }) =>
          isNamed(plan.evaluation, `${PREFIX}-${name}`),
        );
        const prompt = asked.prompt && prompts[asked.prompt];
        const { plan } = await longhand(
          runner,
          'evaluate',
          begun
            ? { dataset, resume: begun.plan.evaluation }
            : { dataset, name: `${PREFIX}-${name}`, problems, role, k: experiment.k, ...(prompt && { prompt }) },
        );
        return plan.evaluation;
      });
      const stored = (await listEvaluations(dataset)).find(({ plan }) => plan.evaluation === evaluation);
      arms[name] = { result: stored?.result, checks: countChecks(await repliesOf(dataset, evaluation)) };
    }
  } finally {
    await serving.stop();
  }
  const evaluated = new Map(
    (await listEvaluations(dataset)).map(({ plan }) => [plan.evaluation.replace(/^\d+-/, ''), plan.evaluation]),
  );
  const comparisons: AsTrained['comparisons'] = {};
  for (const [a, b] of PAIRS) {
    const [before, after] = [evaluated.get(`${PREFIX}-${a}`), evaluated.get(`${PREFIX}-${b}`)];
    const { comparison } = await longhand(runner, 'compare-evaluations', { dataset, a: before, b: after });
    comparisons[`${a} to ${b}`] = comparison;
  }
  const sha256 = createHash('sha256').update(readFileSync(problems)).digest('hex');
  const seconds = Object.fromEntries(
    steps.times.filter(({ step }) => step.startsWith('ask ')).map((one) => [one.step, one.seconds]),
  );
  return { experiment: experiment.name, seed, problems: { count: PROBLEMS, sha256 }, arms, comparisons, seconds };
}
