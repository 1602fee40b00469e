import { z } from 'zod';
import { extractAnswer } from '../../core/grading/extract.ts';
import type { Chain, Problem, StepPlace } from '../../core/schemas/index.ts';
import type { StepAccuracy, StepValues } from '../../protocol/step-values.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { SourceFile } from '../../store/source/index.ts';

/** A chain of a file whose first wrong step people labelled. */
export interface LabelledChain {
  chain: Chain;
  problem: Problem;
  steps: StepPlace[];
  /** From 1; 0 where no step is wrong. */
  label: number;
}

/** A row of ProcessBench (arXiv 2412.06559), with the gold answer that it lacks where it is known. `label`: from 0, −1 where no step is wrong. */
const BenchRow = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  problem: z.string().min(1),
  steps: z.array(z.string()).min(1),
  label: z.number().int().min(-1),
  answer: z.union([z.string(), z.number()]).optional(),
  final_answer_correct: z.boolean().optional(),
});
type BenchRow = z.infer<typeof BenchRow>;

/** A row of PRM800K (arXiv 2305.20050). */
const PrmRow = z.object({
  question: z.object({
    problem: z.string().min(1),
    ground_truth_answer: z.string().nullish(),
    pre_generated_steps: z.array(z.string()).nullish(),
  }),
  label: z.object({
    steps: z.array(
      z.object({
        completions: z.array(z.object({ text: z.string(), rating: z.number().nullish() })).nullable(),
        chosen_completion: z.number().int().nullish(),
      }),
    ),
    finish_reason: z.string(),
  }),
});

/** Of ProcessBench as it is, of PRM800K as the other; undefined where the first wrong step is unknown. */
function benchRow(value: unknown): BenchRow | undefined {
  const bench = BenchRow.safeParse(value).data;
  if (bench !== undefined) return bench;
  const prm = PrmRow.safeParse(value).data;
  if (prm === undefined) return undefined;
  const labelled = prm.label.steps.map(({ completions, chosen_completion: at }) => completions?.[at ?? 0]);
  const label = labelled.findIndex((step) => step?.rating === -1);
  if (label < 0 && prm.label.finish_reason !== 'solution') return undefined;
  const { problem, ground_truth_answer: answer, pre_generated_steps: whole } = prm.question;
  const steps = whole?.length ? whole : labelled.map((step) => step?.text ?? '');
  return BenchRow.safeParse({ problem, steps, label, ...(answer && { answer }) }).data;
}

const BETWEEN_STEPS = '\n\n';

/**
 * Reads rows of ProcessBench or PRM800K. A gold answer is that of the row, or the final answer of a solution of the same problem that is marked as right.
 * @param limit chains that are read, at most
 */
export async function readLabelledChains(
  source: Pick<SourceFile, 'rows'>,
  limit: number,
  signal: AbortSignal,
): Promise<{ chains: LabelledChain[]; skipped: number }> {
  const rows: BenchRow[] = [];
  let skipped = 0;
  for await (const read of source.rows({ signal })) {
    const row = 'row' in read ? benchRow(read.row) : undefined;
    if (row !== undefined && row.label < row.steps.length) rows.push(row);
    else skipped++;
  }
  const golds = new Map<string, string>();
  for (const { problem, steps, answer, final_answer_correct: isRight } of rows) {
    const gold = answer ?? (isRight ? extractAnswer(steps.join(BETWEEN_STEPS), { bare: true })?.answer : undefined);
    if (gold !== undefined && String(gold).trim() !== '') golds.set(problem, String(gold));
  }
  const ids = new Set<string>();
  const graded = rows.flatMap((row, index) => {
    const answer = golds.get(row.problem);
    if (answer === undefined) return [];
    // Files that were joined may repeat ids.
    const own = String(row.id ?? index);
    const id = ids.has(own) ? `${own}-row-${index + 1}` : own;
    ids.add(id);
    return [labelledChain(row, answer, id)];
  });
  return { chains: graded.slice(0, limit), skipped: skipped + rows.length - graded.length };
}

function labelledChain({ problem, steps: texts, label }: BenchRow, answer: string, id: string): LabelledChain {
  const steps: StepPlace[] = [];
  let text = '';
  for (const step of texts) {
    if (text !== '') text += BETWEEN_STEPS;
    const start = text.length;
    text += step.trim() === '' ? '…' : step.trim();
    steps.push({ start, end: text.length });
  }
  const problemId = `labelled/${textHash(problem)}`;
  const chain: Chain = {
    ...{ id: `labelled/${id}`, round: 'labelled', problemId, origin: 'imported', text },
    ...{ segments: [{ piece: 'trace', start: 0, end: text.length, train: true }], spans: [] },
    ...{ verdict: { outcome: 'unknown', method: 'none' }, pieces: [], filters: [], passed: true, model: '' },
    ...{ tokens: { count: Math.ceil(text.length / 4), estimated: true }, createdAt: new Date(0).toISOString() },
  };
  return { chain, problem: { id: problemId, problem, answer }, steps, label: label + 1 };
}

/** Continuations of a full scan at each place. */
const OF_A_SCAN = 8;

/** How well the found steps agree with the labels. @param labels by id of the chain */
export function stepAccuracy(
  values: readonly StepValues[],
  labels: ReadonlyMap<string, number | undefined>,
  skipped: number,
): StepAccuracy {
  const found = values.flatMap(({ chainId, firstWrong }) => {
    const label = labels.get(chainId);
    return label === undefined ? [] : [{ label, step: firstWrong?.step ?? 0 }];
  });
  const wrong = found.filter(({ label }) => label > 0);
  const right = found.filter(({ label }) => label === 0);
  const exact = wrong.filter(({ label, step }) => step === label).length;
  const none = right.filter(({ step }) => step === 0).length;
  const [a, b] = [exact / wrong.length, none / right.length];
  return {
    ...{ wrong: wrong.length, exact, right: right.length, none, skipped },
    near: wrong.filter(({ label, step }) => step > 0 && Math.abs(step - label) <= 1).length,
    f1: wrong.length === 0 || right.length === 0 ? null : a + b === 0 ? 0 : (2 * a * b) / (a + b),
    samples: values.reduce((sum, { samples }) => sum + samples, 0),
    scan: values.reduce((sum, { steps }) => sum + OF_A_SCAN * steps, 0),
  };
}
