import { join } from 'node:path';
import {
  byProblem,
  compareEvaluations,
  comparisonPicture,
  comparisonReport,
  type EvaluatedSample,
  type EvaluationResult,
  evaluationScores,
  formatDifference,
  inOrder,
} from '../../core/evaluation/index.ts';
import type { Problem } from '../../core/schemas/index.ts';
import { formatCount, formatPercent, plural } from '../../core/text/format.ts';
import { evaluatedProblems, evaluatedSamples, readEvaluation, type StoredEvaluation } from '../../store/evaluations.ts';
import { Dataset } from '../../store/index.ts';
import { refuseLinks } from '../../store/links.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';

/** One evaluation with what a comparison needs of it. */
interface Side {
  stored: StoredEvaluation;
  result: EvaluationResult;
  problems: Problem[];
  samples: EvaluatedSample[];
}

export const run: Run<'compare-evaluations'> = async ({ dataset: folder, a, b, common }) => {
  if (a === b) throw new VerbError('Both names are the same evaluation.', 'Name two different ones.');
  const dataset = await Dataset.open(folder, { index: false });
  const [before, after] = [await sideOf(dataset.folder, a), await sideOf(dataset.folder, b)];
  const shared = gradedInBoth(before, after, inBoth(before, after, common ?? false));
  const [samplesA, samplesB] = [samplesOf(before, shared), samplesOf(after, shared)];
  const comparison = {
    ...compareEvaluations(samplesA, samplesB),
    onlyBefore: before.problems.length - shared.length,
    onlyAfter: after.problems.length - shared.length,
  };
  const { contamination } = after.result;
  const sides = {
    before: { plan: before.stored.plan, scores: evaluationScores(samplesA) },
    after: { plan: after.stored.plan, scores: evaluationScores(samplesB) },
  };
  const among = new Set(shared);
  const facts = {
    ...sides,
    comparison,
    contamination: { ...contamination, hits: contamination.hits.filter(({ problemId }) => among.has(problemId)) },
  };
  const name = `compared-with-${a}`;
  const [report, picture] = [join(after.stored.folder, `${name}.md`), join(after.stored.folder, `${name}.svg`)];
  for (const path of [report, picture]) await refuseLinks(dataset.folder, path);
  await writeAtomic(picture, comparisonPicture(sides));
  // The name may contain spaces if the folder was renamed.
  await writeAtomic(report, comparisonReport(facts, encodeURIComponent(`${name}.svg`)));
  return { a, b, comparison, words: formatDifference(comparison), report, picture };
};

export const print: Print<'compare-evaluations'> = ({ a, b, comparison, words, report }) =>
  lines(
    `${a}: ${formatPercent(comparison.before)}, ${b}: ${formatPercent(comparison.after)} over ${plural(comparison.test.problems, 'problem')}.`,
    words,
    `Report: ${report}`,
  );

async function sideOf(root: string, name: string): Promise<Side> {
  const stored = await readEvaluation(root, name);
  if (!stored.result) {
    throw new VerbError(
      `Evaluation ${name} has not ended.`,
      `Resume it first: “longhand evaluate DATASET --resume ${name}”.`,
    );
  }
  const [problems, samples] = [await evaluatedProblems(stored), await evaluatedSamples(stored.folder)];
  return { stored, result: stored.result, problems, samples };
}

/** Ids of the problems that both sides have with the same text and the same gold answer. */
function inBoth(before: Side, after: Side, common: boolean): string[] {
  const key = ({ problem, answer }: Problem): string => JSON.stringify([problem, answer]);
  const there = new Map(after.problems.map((problem) => [problem.id, key(problem)]));
  const same = before.problems.filter((problem) => there.get(problem.id) === key(problem)).map(({ id }) => id);
  const [a, b] = [before.problems.length, after.problems.length];
  const names = `${before.stored.plan.evaluation} has ${plural(a, 'problem')} and ${after.stored.plan.evaluation} ${formatCount(b)}`;
  if (same.length === 0) {
    throw new VerbError(`${names}: no problem is in both.`, 'Evaluate both models on the same problems.');
  }
  if (!common && (same.length < a || same.length < b)) {
    throw new VerbError(
      `${names}; ${formatCount(same.length)} are in both.`,
      'Evaluate both models on the same problems, or compare those in common with --common.',
    );
  }
  return same;
}

/** Those of which each side has an answer that could be graded. */
function gradedInBoth(before: Side, after: Side, shared: readonly string[]): string[] {
  const [a, b] = [before, after].map(
    ({ samples }) => new Set(byProblem(samples).problems.map(({ problemId }) => problemId)),
  );
  const graded = shared.filter((id) => a?.has(id) && b?.has(id));
  if (graded.length > 0) return graded;
  throw new VerbError(
    'No problem has a gradable answer in both evaluations.',
    'Check the gold answers, and samples.jsonl of each evaluation.',
  );
}

function samplesOf({ samples }: Side, shared: readonly string[]): EvaluatedSample[] {
  const among = new Set(shared);
  return inOrder(
    samples.filter(({ problemId }) => among.has(problemId)),
    shared,
  );
}
