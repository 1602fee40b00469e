import { join } from 'node:path';
import {
  byProblem,
  compareEvaluations,
  comparisonPicture,
  comparisonReport,
  differenceInWords,
  type EvaluatedSample,
  type EvaluationResult,
  evaluationScores,
  inOrder,
} from '../core/evaluation/index.ts';
import type { Problem } from '../core/model/index.ts';
import { evaluatedProblems, evaluatedSamples, readEvaluation, type StoredEvaluation } from '../store/evaluations.ts';
import { writeAtomic } from '../store/files.ts';
import { Dataset } from '../store/index.ts';
import { refuseLinks } from '../store/links.ts';
import { type Verb, VerbError } from './context.ts';

/** One evaluation with what a comparison needs of it. */
interface Side {
  stored: StoredEvaluation;
  result: EvaluationResult;
  problems: Problem[];
  samples: EvaluatedSample[];
}

export const compareEvaluationsVerb: Verb<'compare-evaluations'> = async ({ dataset: folder, a, b, common }) => {
  if (a === b) throw new VerbError('These are the same evaluation.', 'Name two.');
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
  // The name may hold spaces where somebody renamed the folder.
  await writeAtomic(report, comparisonReport(facts, encodeURIComponent(`${name}.svg`)));
  return { a, b, comparison, words: differenceInWords(comparison), report, picture };
};

async function sideOf(root: string, name: string): Promise<Side> {
  const stored = await readEvaluation(root, name);
  if (!stored.result) {
    throw new VerbError(
      `Evaluation ${name} has not ended.`,
      `Go on with it first: “longhand evaluate DATASET --resume ${name}”.`,
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
  const names = `${before.stored.plan.evaluation} has ${a} problems and ${after.stored.plan.evaluation} ${b}`;
  if (same.length === 0) {
    throw new VerbError(`${names}: none of them is in both.`, 'Evaluate both models on the same problems.');
  }
  if (!common && (same.length < a || same.length < b)) {
    throw new VerbError(
      `${names}; ${same.length} are in both.`,
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
    'Of no problem both evaluations have an answer that could be graded.',
    'Can the gold answers be read? samples.jsonl of each evaluation says more.',
  );
}

function samplesOf({ samples }: Side, shared: readonly string[]): EvaluatedSample[] {
  const among = new Set(shared);
  return inOrder(
    samples.filter(({ problemId }) => among.has(problemId)),
    shared,
  );
}
