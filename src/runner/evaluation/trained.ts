import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Contamination, ContaminationHit } from '../../core/evaluation/index.ts';
import { isSelected, ROW_FILES } from '../../core/export/index.ts';
import { BenchmarkIndex } from '../../core/filters/index.ts';
import type { Problem } from '../../core/model/index.ts';
import { errorCode, readdirOrNothing } from '../../store/files.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines.ts';
import { problemHash } from '../../store/rows.ts';
import { JOB_FOLDER, listRuns } from '../../store/runs.ts';

/** What of an exported row tells its problem, in the forms that trainers are given. */
const ExportedRow = z.object({
  problem_id: z.string(),
  messages: z
    .array(z.object({ role: z.string(), content: z.string() }))
    .min(1)
    .optional(),
  prompt: z.string().optional(),
});

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
  const trained = new Map<string, string>();
  for (const id of keptProblemIds(dataset)) {
    signal.throwIfAborted();
    if (dataset.index.problem(id)) trained.set(id, (await dataset.problem(id)).problem);
  }
  const runs = (await listRuns(dataset.folder)).filter(({ record }) => record.training !== undefined);
  const files = exports.map((name) => join(dataset.exportsFolder, name, ROW_FILES.messages));
  for (const { folder } of runs) files.push(...(await rowFilesOf(folder)));
  for (const path of files) {
    for await (const row of linesOf(path, ExportedRow)) {
      signal.throwIfAborted();
      if (trained.has(row.problem_id)) continue;
      // The dataset's own text lacks the sentence that an export of both stages puts behind it.
      const own = dataset.index.problem(row.problem_id) ? await dataset.problem(row.problem_id) : undefined;
      trained.set(row.problem_id, own?.problem ?? row.messages?.[0]?.content ?? row.prompt ?? '');
    }
  }
  return {
    trained: trained.size,
    exports,
    runs: runs.map(({ record }) => record.id),
    hits: hitsOf(evaluated, trained),
  };
}

function hitsOf(evaluated: readonly Problem[], trained: ReadonlyMap<string, string>): ContaminationHit[] {
  const byHash = new Map([...trained].map(([id, problem]) => [problemHash(problem), id]));
  const index = new BenchmarkIndex([...trained].map(([id, problem]) => ({ id, problem })));
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
  return (await readdirOrNothing(folder)).filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name));
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
