import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { adviceOf, messageOf } from '../../core/errors.ts';
import { type Problem, Problem as ProblemSchema } from '../../core/schemas/index.ts';
import { SelectionsPlan, SelectionsResult, stepCount } from '../../core/selections/index.ts';
import { CANCEL_FILE } from '../../protocol/runner.ts';
import { ComparisonFailure, type ComparisonProgress } from '../../protocol/selections.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { isHeld, type Lock, lockHolder } from '../../system/lock.ts';
import { StoreError } from '../errors.ts';
import { problemsHash } from '../evaluations.ts';
import { allLinesOf, readdirIfExists, readJson, readText } from '../lines/files.ts';
import { refuseLinksIn } from '../links.ts';
import { LOCK_FILE, lockRound } from '../lock.ts';
import { createWhole, nextNumber, numberedNames, plainName } from '../names.ts';
import { parseFile, writeJson } from '../settings.ts';
import { Steps } from './steps.ts';

const FOLDER = 'comparisons';
const PLAN_FILE = 'plan.json';
const RESULT_FILE = 'result.json';
const REPORT_FILE = 'report.md';
const FAILURE_FILE = 'failure.json';
/** The held-out problems of a set, by its place in the plan. */
const problemsFile = (place: number): string => `problems-${place + 1}.jsonl`;
const PROMPT_FILE = 'base-prompt.md';

/** A comparison of selections on disk; without a result it has not ended. */
export interface StoredComparison {
  folder: string;
  plan: SelectionsPlan;
  result?: SelectionsResult;
}

/** The readable comparisons of a dataset, by number. */
export async function listComparisons(root: string): Promise<StoredComparison[]> {
  const found: StoredComparison[] = [];
  for (const name of await numberedNames(join(root, FOLDER))) {
    const folder = join(root, FOLDER, name);
    const plan = await readJson(join(folder, PLAN_FILE), SelectionsPlan);
    if (plan) found.push(await stored(folder, { ...plan, comparison: name }));
  }
  return found;
}

/** @throws StoreError `bad-name`, `unknown-comparison` or `bad-plan` */
export async function readComparison(root: string, name: string): Promise<StoredComparison> {
  const folder = join(root, FOLDER, plainName(name, 'a comparison'));
  const path = join(folder, PLAN_FILE);
  const text = await readText(path);
  if (text === undefined) {
    const names = (await listComparisons(root)).map(({ plan }) => plan.comparison);
    const existing = names.length === 0 ? 'It has none yet.' : `It has ${names.join(', ')}.`;
    throw new StoreError('unknown-comparison', `The dataset has no comparison “${name}”.`, existing);
  }
  return stored(folder, { ...parseFile(path, text, SelectionsPlan, 'bad-plan'), comparison: name });
}

async function stored(folder: string, plan: SelectionsPlan): Promise<StoredComparison> {
  const result = await readJson(join(folder, RESULT_FILE), SelectionsResult);
  return { folder, plan, ...defined({ result }) };
}

/** One more than the highest number of a comparison, from 1. */
export async function nextComparisonNumber(root: string): Promise<number> {
  return nextNumber(await readdirIfExists(join(root, FOLDER)));
}

/** Creates the folder of a comparison with its plan, its held-out problems and the prompt of its own. @throws StoreError `symbolic-link` or `round-exists` */
export async function createComparison(
  root: string,
  plan: SelectionsPlan,
  { problems, basePrompt }: { problems: readonly (readonly Problem[])[]; basePrompt?: string },
): Promise<StoredComparison> {
  const folder = join(root, FOLDER, plan.comparison);
  await createWhole(root, folder, `Comparison “${plan.comparison}”`, async (draft) => {
    for (const [place, of] of problems.entries())
      await writeAtomic(join(draft, problemsFile(place)), of.map((one) => `${JSON.stringify(one)}\n`).join(''));
    if (basePrompt !== undefined) await writeAtomic(join(draft, PROMPT_FILE), basePrompt);
    await writeJson(join(draft, PLAN_FILE), SelectionsPlan.parse(plan));
  });
  return { folder, plan };
}

/** Locks a comparison for this process. @throws StoreError `locked` or `symbolic-link` */
export async function lockComparison(root: string, folder: string): Promise<Lock> {
  await refuseLinksIn(root, folder);
  return lockRound(folder, 'comparison');
}

/** How far a comparison is, by its files. */
export async function progressOf({
  folder,
  plan,
}: {
  folder: string;
  plan: Parameters<typeof stepCount>[0];
}): Promise<ComparisonProgress> {
  const { times } = await Steps.open(folder, () => undefined);
  // The port is no work.
  const done = times.filter(({ step }) => step.includes(' ')).length;
  const failure = await readJson(join(folder, FAILURE_FILE), ComparisonFailure);
  return { isRunning: await isRunning(folder), steps: { done, total: stepCount(plan) }, ...defined({ failure }) };
}

/** Stores why a comparison ended before its end; without an error, removes what an earlier start stored. */
export async function writeFailure(folder: string, error?: unknown): Promise<void> {
  const path = join(folder, FAILURE_FILE);
  if (error === undefined) await rm(path, { force: true });
  else await writeJson(path, { message: messageOf(error), advice: adviceOf(error) ?? '' });
}

/** Whether a process runs a comparison now. */
export const isRunning = (folder: string): Promise<boolean> => isHeld(join(folder, LOCK_FILE));

/** Whether this process runs a comparison. */
export const isRunBy = async (folder: string, pid: number): Promise<boolean> =>
  (await lockHolder(join(folder, LOCK_FILE)))?.pid === pid;

/** Lets the process that runs a comparison cancel it. @throws StoreError `symbolic-link` */
export async function requestCancel(root: string, folder: string): Promise<void> {
  await refuseLinksIn(root, folder);
  await writeFile(join(folder, CANCEL_FILE), '');
}

/** The prompt that only the base model is asked with; undefined without one. */
export function basePromptOf({ folder, plan }: StoredComparison): string | undefined {
  return plan.basePrompt ? join(folder, PROMPT_FILE) : undefined;
}

/** The file of a set of held-out problems. @throws StoreError `bad-plan` when they differ from the plan */
export async function heldOutFile({ folder, plan }: StoredComparison, place: number): Promise<string> {
  const path = join(folder, problemsFile(place));
  if (problemsHash(await allLinesOf(path, ProblemSchema)) === plan.sets[place]?.hash) return path;
  throw new StoreError('bad-plan', `${path} differs from the plan.`, 'Restore it from git or a backup.');
}

/** Writes report and result; the result marks the comparison as ended. @returns the path of the report */
export async function writeComparison(folder: string, report: string, result: SelectionsResult): Promise<string> {
  const path = reportOf(folder);
  await writeAtomic(path, report);
  await writeJson(join(folder, RESULT_FILE), SelectionsResult.parse(result));
  return path;
}

export const reportOf = (folder: string): string => join(folder, REPORT_FILE);
