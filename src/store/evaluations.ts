import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EvaluatedSample, EvaluationPlan, EvaluationResult } from '../core/evaluation/index.ts';
import { JournalLine, Problem } from '../core/schemas/index.ts';
import { writeAtomic } from '../system/atomic-write.ts';
import { isHeld, type Lock } from '../system/lock.ts';
import { StoreError } from './errors.ts';
import { allLinesOf, linesOf, readdirIfExists, readJson, readText } from './lines/files.ts';
import { refuseLinksIn } from './links.ts';
import { LOCK_FILE, lockRound } from './lock.ts';
import { createWhole, nextNumber, numberedNames, plainName } from './names.ts';
import { parseFile, writeJson } from './settings.ts';

const FOLDER = 'evaluations';
const PLAN_FILE = 'plan.json';
const SCORES_FILE = 'scores.json';
const PROBLEMS_FILE = 'problems.jsonl';
export const EVALUATION_JOURNAL = 'journal.jsonl';
export const SAMPLES_FILE = 'samples.jsonl';
export const REPORT_FILE = 'report.md';
export const PICTURE_FILE = 'report.svg';
/** The answers to which the rows of the report link. */
export const ANSWERS_FILE = 'answers.md';

/** An evaluation on disk; without a result it has not ended. */
export interface StoredEvaluation {
  folder: string;
  plan: EvaluationPlan;
  result?: EvaluationResult;
  /** A process of this computer runs it now. */
  isRunning?: boolean;
}

/** The readable evaluations of a dataset, by number. */
export async function listEvaluations(root: string): Promise<StoredEvaluation[]> {
  const found: StoredEvaluation[] = [];
  for (const name of await numberedNames(join(root, FOLDER))) {
    const plan = await readJson(join(root, FOLDER, name, PLAN_FILE), EvaluationPlan);
    if (plan) found.push(await stored(join(root, FOLDER, name), { ...plan, evaluation: name }));
  }
  return found;
}

/** @throws StoreError `bad-name`, `unknown-evaluation` or `bad-plan`. */
export async function readEvaluation(root: string, name: string): Promise<StoredEvaluation> {
  const folder = join(root, FOLDER, plainName(name, 'an evaluation'));
  const path = join(folder, PLAN_FILE);
  const text = await readText(path);
  if (text === undefined) {
    const names = (await listEvaluations(root)).map(({ plan }) => plan.evaluation);
    const existing = names.length === 0 ? 'It has none yet.' : `It has ${names.join(', ')}.`;
    throw new StoreError('unknown-evaluation', `The dataset has no evaluation “${name}”.`, existing);
  }
  // A copied or renamed folder is another evaluation.
  return stored(folder, { ...parseFile(path, text, EvaluationPlan, 'bad-plan'), evaluation: name });
}

async function stored(folder: string, plan: EvaluationPlan): Promise<StoredEvaluation> {
  const result = await readJson(join(folder, SCORES_FILE), EvaluationResult);
  if (result) return { folder, plan, result };
  return { folder, plan, isRunning: await isHeld(join(folder, LOCK_FILE)) };
}

/** One more than the highest number of an evaluation, from 1. */
export async function nextEvaluationNumber(root: string): Promise<number> {
  return nextNumber(await readdirIfExists(join(root, FOLDER)));
}

/** Creates the folder of an evaluation with its plan and problems. @throws StoreError `symbolic-link` or `round-exists` */
export async function createEvaluation(
  root: string,
  plan: EvaluationPlan,
  problems: readonly Problem[],
): Promise<StoredEvaluation> {
  const folder = join(root, FOLDER, plan.evaluation);
  await createWhole(root, folder, `Evaluation “${plan.evaluation}”`, async (draft) => {
    await writeAtomic(join(draft, PROBLEMS_FILE), problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    await writeJson(join(draft, PLAN_FILE), EvaluationPlan.parse(plan));
  });
  return { folder, plan };
}

/** Locks an evaluation for this process. @throws StoreError `locked` or `symbolic-link` */
export async function lockEvaluation(root: string, folder: string): Promise<Lock> {
  await refuseLinksIn(root, folder);
  return lockRound(folder, 'evaluation');
}

/** The evaluated problems as planned. @throws StoreError `bad-plan` when they differ from the plan */
export async function evaluatedProblems({ folder, plan }: StoredEvaluation): Promise<Problem[]> {
  const path = join(folder, PROBLEMS_FILE);
  const problems = await allLinesOf(path, Problem);
  if (problemsHash(problems) === plan.problemsHash) return problems;
  throw new StoreError('bad-plan', `${path} differs from the plan.`, 'Restore it from git or a backup.');
}

/** SHA-256 over ids, texts and gold answers, in the order of the ids. */
export function problemsHash(problems: readonly Problem[]): string {
  const hash = createHash('sha256');
  const sorted = [...problems].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  for (const { id, problem, answer } of sorted) hash.update(JSON.stringify([id, problem, answer]));
  return hash.digest('hex');
}

/** The graded samples, each once. */
export async function evaluatedSamples(folder: string): Promise<EvaluatedSample[]> {
  const samples = new Map<string, EvaluatedSample>();
  for await (const sample of linesOf(join(folder, SAMPLES_FILE), EvaluatedSample)) {
    samples.set(JSON.stringify([sample.problemId, sample.index]), sample);
  }
  return [...samples.values()];
}

/** The paid calls. */
export function evaluationCalls(folder: string): AsyncGenerator<JournalLine> {
  return linesOf(join(folder, EVALUATION_JOURNAL), JournalLine);
}

/** Writes report, answers and picture, and last the scores, which mark the evaluation as ended. */
export async function writeEvaluation(
  folder: string,
  { report, answers, picture, result }: { report: string; answers: string; picture: string; result: EvaluationResult },
): Promise<void> {
  await writeAtomic(join(folder, PICTURE_FILE), picture);
  await writeAtomic(join(folder, ANSWERS_FILE), answers);
  await writeAtomic(join(folder, REPORT_FILE), report);
  await writeJson(join(folder, SCORES_FILE), EvaluationResult.parse(result));
}
