import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EvaluatedSample, EvaluationPlan, EvaluationResult } from '../core/evaluation/index.ts';
import { JournalLine, Problem } from '../core/model/index.ts';
import { byRoundNumber } from './dataset-index.ts';
import { StoreError } from './errors.ts';
import { errorCode, readdirOrNothing, readJson, readText, temporaryPath, writeAtomic } from './files.ts';
import { linesOf } from './lines.ts';
import { refuseLinks, refuseLinksIn } from './links.ts';
import { lockRound, type RoundLock } from './lock.ts';
import { plainName } from './names.ts';
import { parseFile, writeJson } from './settings.ts';

const FOLDER = 'evaluations';
const PLAN_FILE = 'plan.json';
const SCORES_FILE = 'scores.json';
const PROBLEMS_FILE = 'problems.jsonl';
export const EVALUATION_JOURNAL = 'journal.jsonl';
export const SAMPLES_FILE = 'samples.jsonl';
export const REPORT_FILE = 'report.md';
export const PICTURE_FILE = 'report.svg';

/** An evaluation as it stands on disk; without a result it has not ended. */
export interface StoredEvaluation {
  folder: string;
  plan: EvaluationPlan;
  result?: EvaluationResult;
}

/** The readable evaluations of a dataset, by number. */
export async function listEvaluations(root: string): Promise<StoredEvaluation[]> {
  const found: StoredEvaluation[] = [];
  for (const name of (await readdirOrNothing(join(root, FOLDER)))
    .filter((each) => !each.startsWith('.'))
    .sort(byRoundNumber)) {
    const plan = await readJson(join(root, FOLDER, name, PLAN_FILE), EvaluationPlan);
    if (plan) found.push(await stored(join(root, FOLDER, name), { ...plan, evaluation: name }));
  }
  return found;
}

/** Throws StoreError `bad-name`, `unknown-evaluation` or `bad-plan`. */
export async function readEvaluation(root: string, name: string): Promise<StoredEvaluation> {
  const folder = join(root, FOLDER, plainName(name, 'an evaluation'));
  const path = join(folder, PLAN_FILE);
  const text = await readText(path);
  if (text === undefined) {
    const names = (await listEvaluations(root)).map(({ plan }) => plan.evaluation);
    const there = names.length === 0 ? 'It has none yet.' : `It has ${names.join(', ')}.`;
    throw new StoreError('unknown-evaluation', `The dataset has no evaluation “${name}”.`, there);
  }
  // A folder that was copied or renamed is another evaluation.
  return stored(folder, { ...parseFile(path, text, EvaluationPlan, 'bad-plan'), evaluation: name });
}

async function stored(folder: string, plan: EvaluationPlan): Promise<StoredEvaluation> {
  const result = await readJson(join(folder, SCORES_FILE), EvaluationResult);
  return { folder, plan, ...(result ? { result } : {}) };
}

/** One more than the highest number of an evaluation, from 1. */
export async function nextEvaluationNumber(root: string): Promise<number> {
  const numbers = (await readdirOrNothing(join(root, FOLDER)))
    .map((name) => Number.parseInt(name, 10))
    .filter(Number.isInteger);
  return Math.max(0, ...numbers) + 1;
}

/** Makes the folder of an evaluation with its plan and its problems, whole or not at all. Throws StoreError `symbolic-link` or `round-exists`. */
export async function createEvaluation(
  root: string,
  plan: EvaluationPlan,
  problems: readonly Problem[],
): Promise<StoredEvaluation> {
  const parent = join(root, FOLDER);
  await refuseLinks(root, parent);
  await mkdir(parent, { recursive: true });
  const folder = join(parent, plan.evaluation);
  const draft = temporaryPath(folder);
  try {
    await writeAtomic(join(draft, PROBLEMS_FILE), problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    await writeJson(join(draft, PLAN_FILE), EvaluationPlan.parse(plan));
    await rename(draft, folder);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    throw new StoreError('round-exists', `There is an evaluation “${plan.evaluation}” already.`, 'Start it again.');
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { folder, plan };
}

/** Takes an evaluation for this process. Throws StoreError `locked` or `symbolic-link`. */
export async function lockEvaluation(root: string, folder: string): Promise<RoundLock> {
  await refuseLinksIn(root, folder);
  return lockRound(folder, 'evaluation');
}

/** The evaluated problems, as they were when it was planned. Throws StoreError `bad-plan` where they are not those of the plan. */
export async function evaluatedProblems({ folder, plan }: StoredEvaluation): Promise<Problem[]> {
  const problems: Problem[] = [];
  for await (const problem of linesOf(join(folder, PROBLEMS_FILE), Problem)) problems.push(problem);
  if (problemsHash(problems) === plan.problemsHash) return problems;
  const path = join(folder, PROBLEMS_FILE);
  throw new StoreError('bad-plan', `${path} is not what was planned.`, 'Restore it from git or a backup.');
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

/** Writes report and picture, and last the scores, which say that the evaluation has ended. */
export async function writeEvaluation(
  folder: string,
  { report, picture, result }: { report: string; picture: string; result: EvaluationResult },
): Promise<void> {
  await writeAtomic(join(folder, PICTURE_FILE), picture);
  await writeAtomic(join(folder, REPORT_FILE), report);
  await writeJson(join(folder, SCORES_FILE), EvaluationResult.parse(result));
}
