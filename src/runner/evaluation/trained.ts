import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Contamination, ContaminationHit } from '../../core/evaluation/index.ts';
import { isSelected, ROW_FILES } from '../../core/export/index.ts';
import { BenchmarkIndex } from '../../core/filters/index.ts';
import type { Problem } from '../../core/model/index.ts';
import { errorCode } from '../../store/files.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines.ts';
import { problemHash } from '../../store/rows.ts';

/** What of an exported row tells its problem. */
const ExportedRow = z.object({
  problem_id: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
});

/**
 * Which of the evaluated problems stand among those of the training data: of every export, and of the chains that an export would take now.
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
  for (const name of exports) {
    for await (const row of linesOf(join(dataset.exportsFolder, name, ROW_FILES.messages), ExportedRow)) {
      signal.throwIfAborted();
      if (trained.has(row.problem_id)) continue;
      // The dataset's own text lacks the sentence that an export of both stages puts behind it.
      const own = dataset.index.problem(row.problem_id) ? await dataset.problem(row.problem_id) : undefined;
      trained.set(row.problem_id, own?.problem ?? row.messages[0]?.content ?? '');
    }
  }
  return { trained: trained.size, exports, hits: hitsOf(evaluated, trained) };
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
