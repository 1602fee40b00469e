import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchmarkIndex, type FilterContext } from '../core/filters/index.ts';
import type { FilterSettings } from '../core/model/index.ts';
import { errorCode, readLines } from './files.ts';

/** Folder of the benchmark problems that must not be trained on: `benchmarks/*.jsonl` with one problem a line. */
export const BENCHMARKS_FOLDER = 'benchmarks';

/** Datasets call the text of a problem one or the other. */
const BenchmarkLine = z
  .object({
    id: z.union([z.string(), z.number()]).optional(),
    problem: z.string().optional(),
    question: z.string().optional(),
  })
  .transform(({ id, problem, question }) => ({ id, problem: problem ?? question ?? '' }));

/**
 * What the filters need of the dataset's other texts, for a round: the index of its benchmark problems. Read anew each time; 10,000 problems take
 * about a second. Lines without a problem are passed over, and said in the log.
 */
export async function filterContextOf(
  folder: string,
  settings: FilterSettings,
  log: (text: string) => void,
): Promise<FilterContext> {
  if (settings.off.includes('decontaminated')) return {};
  const problems: { id: string; problem: string }[] = [];
  for (const name of await benchmarkFiles(folder)) {
    const bad: number[] = [];
    let line = 0;
    for await (const read of readLines(join(folder, BENCHMARKS_FOLDER, name))) {
      line += 1;
      const row = 'error' in read ? undefined : BenchmarkLine.safeParse(read.value).data;
      if (!row || row.problem.trim() === '') bad.push(line);
      else problems.push({ id: String(row.id ?? `${name}:${line}`), problem: row.problem });
    }
    if (bad.length > 0) {
      log(
        `${BENCHMARKS_FOLDER}/${name}: ${bad.length} lines have no “problem” (first: line ${bad[0]}) and guard nothing.`,
      );
    }
  }
  return problems.length === 0 ? {} : { benchmarks: new BenchmarkIndex(problems) };
}

async function benchmarkFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(join(folder, BENCHMARKS_FOLDER));
    return names.filter((name) => name.endsWith('.jsonl') && !name.startsWith('.')).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
