import { join } from 'node:path';
import { z } from 'zod';
import { BenchmarkIndex, type FilterContext } from '../core/filters/index.ts';
import type { FilterSettings } from '../core/schemas/index.ts';
import { readdirIfExists, readLines } from './lines/files.ts';
import { skippedLines } from './lines/skipped.ts';

/** Folder of the benchmark problems that must not be trained on: `benchmarks/*.jsonl` with one problem per line. */
export const BENCHMARKS_FOLDER = 'benchmarks';

/** The text of a problem is in `problem` or `question`. */
export const BenchmarkLine = z
  .object({
    id: z.union([z.string(), z.number()]).optional(),
    problem: z.string().optional(),
    question: z.string().optional(),
  })
  .transform(({ id, problem, question }) => ({ id, problem: problem ?? question ?? '' }))
  .refine(({ problem }) => problem.trim() !== '', 'it has no “problem”');

/** A benchmark problem with the id that a finding names. */
export interface BenchmarkProblem {
  id: string;
  problem: string;
}

/**
 * The index of the dataset's benchmark problems for the filters. It is read each time; 10,000 problems take about a second. Lines without a problem are
 * skipped and logged.
 */
export async function filterContextOf(
  folder: string,
  settings: FilterSettings,
  log: (text: string) => void,
): Promise<FilterContext> {
  if (settings.off.includes('decontaminated')) return {};
  const problems = await benchmarkProblems(folder, log);
  return problems.length === 0 ? {} : { benchmarks: new BenchmarkIndex(problems) };
}

/** The benchmark problems of a dataset; lines without a problem are skipped and logged. */
export async function benchmarkProblems(folder: string, log: (text: string) => void): Promise<BenchmarkProblem[]> {
  const files = await benchmarkFiles(folder);
  const read = files.map((name) => readBenchmark(join(folder, BENCHMARKS_FOLDER, name), name, log));
  return (await Promise.all(read)).flat();
}

async function readBenchmark(path: string, name: string, log: (text: string) => void): Promise<BenchmarkProblem[]> {
  const problems: BenchmarkProblem[] = [];
  const bad: number[] = [];
  let line = 0;
  for await (const read of readLines(path)) {
    line += 1;
    const row = 'error' in read ? undefined : BenchmarkLine.safeParse(read.value).data;
    if (!row) bad.push(line);
    else problems.push({ id: String(row.id ?? `${name}:${line}`), problem: row.problem });
  }
  if (bad.length > 0) {
    const advice = `The filter “decontaminated” does not compare with ${bad.length === 1 ? 'it' : 'them'}. Each line must be JSON with “problem”: correct or remove the damaged ones.`;
    log(skippedLines(`${BENCHMARKS_FOLDER}/${name}`, bad, advice));
  }
  return problems;
}

async function benchmarkFiles(folder: string): Promise<string[]> {
  const names = await readdirIfExists(join(folder, BENCHMARKS_FOLDER));
  return names.filter((name) => name.endsWith('.jsonl') && !name.startsWith('.')).sort();
}
