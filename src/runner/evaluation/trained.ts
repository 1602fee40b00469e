import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Contamination, ContaminationHit } from '../../core/evaluation/index.ts';
import { FORM_FILES, isSelected, ROW_FILES } from '../../core/export/index.ts';
import { BenchmarkIndex } from '../../core/filters/index.ts';
import type { Problem } from '../../core/schemas/index.ts';
import { problemHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { errorCode, linesOf, readdirIfExists } from '../../store/lines/files.ts';
import { JOB_FOLDER, listRuns } from '../../store/runs.ts';

const Turns = z.array(z.object({ role: z.string(), content: z.string() }));

/** What of a row tells its problem, in all forms that exports have and trainers are given; most of them leave the id out. */
const TrainedRow = z
  .object({
    problem_id: z.string().optional(),
    messages: Turns.optional(),
    prompt: z.union([z.string(), Turns]).optional(),
  })
  .transform(({ problem_id: id, messages, prompt }) => ({
    id,
    asked: typeof prompt === 'string' ? prompt : (messages ?? prompt)?.find(({ role }) => role === 'user')?.content,
  }));

/** Files of rows with questions. The other two of supervised fine-tuning have the same. */
const QUESTION_FILES = FORM_FILES.filter((file) => file !== ROW_FILES.prompt_completion && file !== ROW_FILES.prefix);

/** Texts by a name that tells where they come from: the whole one first, then those that are the same problem too. */
type Trained = Map<string, string[]>;

/**
 * Which of the evaluated problems stand among those of the training data: of every export, of the rows that each training run was given (its export may be gone, or
 * written anew), and of the chains that an export would take now.
 * Eight words in a row count, by the index of the filter `decontaminated`, and so does the same text to a reader, however short.
 */
export async function contaminationOf(
  dataset: Dataset,
  evaluated: readonly Problem[],
  signal: AbortSignal,
): Promise<Contamination> {
  const exports = await exportNames(dataset);
  const found = new TrainedProblems(dataset, signal);
  for (const id of keptProblemIds(dataset)) await found.add({ id, asked: undefined }, id);
  for (const name of exports) {
    for (const file of QUESTION_FILES) await found.addRows(join(dataset.exportsFolder, name, file), name);
  }
  const runs: string[] = [];
  const unread: string[] = [];
  for (const { folder, record } of await listRuns(dataset.folder)) {
    if (record.training === undefined) continue;
    let rows = 0;
    for (const path of await rowFilesOf(folder)) rows += await found.addRows(path, record.id);
    (rows > 0 ? runs : unread).push(record.id);
  }
  return { trained: found.texts.size, exports, runs, unread, hits: hitsOf(evaluated, found.texts) };
}

/** As above, among the problems of some chains. @param ids of problems of the dataset */
export async function contaminationAmong(
  dataset: Dataset,
  evaluated: readonly Problem[],
  ids: Iterable<string>,
  signal: AbortSignal,
): Promise<ContaminationHit[]> {
  const found = new TrainedProblems(dataset, signal);
  for (const id of ids) await found.add({ id, asked: undefined }, id);
  return hitsOf(evaluated, found.texts);
}

class TrainedProblems {
  readonly texts: Trained = new Map();
  readonly #hashes = new Set<string>();
  readonly #dataset: Dataset;
  readonly #signal: AbortSignal;

  constructor(dataset: Dataset, signal: AbortSignal) {
    this.#dataset = dataset;
    this.#signal = signal;
  }

  /** @returns the number of rows with a question */
  async addRows(path: string, from: string): Promise<number> {
    let rows = 0;
    let line = 0;
    for await (const row of linesOf(path, TrainedRow)) {
      line++;
      if (await this.add(row, `${from}, row ${line}`)) rows++;
    }
    return rows;
  }

  /** @returns whether the row tells its problem. */
  async add({ id, asked }: z.infer<typeof TrainedRow>, otherwise: string): Promise<boolean> {
    this.#signal.throwIfAborted();
    if (id !== undefined && this.texts.has(id)) return true;
    // The dataset's own text lacks what an export puts behind it.
    const own = id !== undefined && this.#dataset.index.problem(id) ? await this.#dataset.problem(id) : undefined;
    const texts = own ? [own.problem] : beginningsOf(asked ?? '');
    if (texts.length === 0) return false;
    const hashes = texts.map(problemHash);
    const isKnown = id === undefined && hashes.some((hash) => this.#hashes.has(hash));
    if (!isKnown) this.texts.set(id ?? otherwise, texts);
    for (const hash of hashes.slice(0, isKnown ? 0 : 1)) this.#hashes.add(hash);
    return true;
  }
}

/** So many paragraphs of a question are taken for what could be all of it. */
const BEGINNINGS = 32;

/** A question, and each part of it before an empty line: behind one stand the text that is not trained, and the words of an export of both stages. */
function beginningsOf(asked: string): string[] {
  const ends = [...asked.matchAll(/\n\s*\n/g)].slice(0, BEGINNINGS).map(({ index }) => index);
  return [asked, ...ends.map((end) => asked.slice(0, end))].filter((text) => text.trim() !== '');
}

function hitsOf(evaluated: readonly Problem[], trained: Trained): ContaminationHit[] {
  const byHash = new Map([...trained].flatMap(([id, texts]) => texts.map((text) => [problemHash(text), id] as const)));
  const index = new BenchmarkIndex([...trained].map(([id, [problem = '']]) => ({ id, problem })));
  return evaluated.flatMap(({ id: problemId, problem }): ContaminationHit[] => {
    const same = byHash.get(problemHash(problem));
    if (same !== undefined) return [{ problemId, trainedId: same, how: 'same' }];
    const hit = index.find(problem);
    if (!hit) return [];
    return [{ problemId, trainedId: hit.id, how: 'words', words: problem.slice(hit.start, hit.end).slice(0, 200) }];
  });
}

/** Problems of chains that an export of either selection would take. */
function keptProblemIds({ index }: Dataset): Set<string> {
  const kept = index.chains().filter((chain) => {
    const [decision, override] = [index.decision(chain.id), index.override(chain.id)];
    return isSelected(chain, decision, override, 'passed') || isSelected(chain, decision, override, 'accepted');
  });
  return new Set(kept.map(({ problemId }) => problemId));
}

/** The rows that were sent with a training job; each trainer calls its file otherwise. */
async function rowFilesOf(run: string): Promise<string[]> {
  const folder = join(run, JOB_FOLDER);
  return (await readdirIfExists(folder)).filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
}

async function exportNames({ exportsFolder }: Dataset): Promise<string[]> {
  try {
    const entries = await readdir(exportsFolder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    return folders.map(({ name }) => name).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
