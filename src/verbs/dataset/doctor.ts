import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { isHubName, mapRow, recogniseColumns } from '../../core/dataset/index.ts';
import { countFrom, formatReport } from '../../core/examine/format.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { FilterSettings, type GradingPolicy } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { type ExamineOptions, examine } from '../../runner/examine/examine.ts';
import { BenchmarkLine, type BenchmarkProblem, benchmarkProblems } from '../../store/benchmarks.ts';
import { EXAMINATION_FOLDER, examinationOf, REPORT_PAGE } from '../../store/examination.ts';
import { refuseLinksIn } from '../../store/links.ts';
import { SETTINGS_FILE } from '../../store/settings.ts';
import { firstRows, RECOGNISE_ROWS } from '../../store/source/index.ts';
import { exists } from '../../system/regular-file.ts';
import { EXIT, UsageError, type VerbContext, VerbError } from '../context.ts';
import { policyOf } from '../grading/grade-rows.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { openRows } from '../rows/source.ts';
import { withDataset } from '../with-dataset.ts';
import { datasetSource, fileSource } from './examined-source.ts';

type Args = VerbArgs<'doctor'>;

export const run: Run<'doctor'> = async (args, context) => {
  const result = (await isDataset(args.source)) ? await ofDataset(args, context) : await ofFile(args, context);
  const { failOn } = args;
  const found = failOn === 'never' ? 0 : countFrom(result.report, failOn);
  if (found > 0) context.endsBadly(`${plural(found, 'finding')} of severity ${failOn} or worse.`, EXIT.found);
  return result;
};

export const print: Print<'doctor'> = ({ report, folder }) =>
  `${formatReport(report)}\nWritten to ${join(folder, REPORT_PAGE)}.`;

async function isDataset(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return false;
  if (await exists(join(path, SETTINGS_FILE))) return true;
  throw new UsageError(`${path} is a folder, but no dataset: it has no ${SETTINGS_FILE}.`, 'doctor');
}

function ofDataset(args: Args, context: VerbContext): Promise<VerbResult<'doctor'>> {
  return withDataset(args.source, context, async (dataset) => {
    const folder = args.out ?? join(dataset.folder, EXAMINATION_FOLDER);
    if (args.out === undefined) await refuseLinksIn(dataset.folder, folder);
    const { filters, grading } = dataset.settings;
    const own = await benchmarkProblems(dataset.folder, context.log);
    const benchmarks = [...own, ...(await benchmarksOf(args, context))];
    const source = await datasetSource(dataset);
    return work(args, { source, folder, filters, policy: chosen(args, resolvePolicy(grading)), benchmarks }, context);
  });
}

async function ofFile(args: Args, context: VerbContext): Promise<VerbResult<'doctor'>> {
  const { source: file, mapping } = args;
  if (args.out === undefined && isHubName(file))
    throw new UsageError(`Give --out for ${file}: a set of the hub has no folder of its own.`, 'doctor');
  const source = await fileSource(file, mapping, context);
  const benchmarks = await benchmarksOf(args, context);
  const folder = args.out ?? examinationOf(file);
  // The folder may have come with the file.
  if (args.out === undefined) await refuseLinksIn(dirname(folder), folder);
  const filters = FilterSettings.parse({});
  return work(args, { source, folder, filters, policy: chosen(args, resolvePolicy('default')), benchmarks }, context);
}

async function work(
  { workers = availableParallelism() }: Args,
  options: Omit<ExamineOptions, 'workers'>,
  context: VerbContext,
): Promise<VerbResult<'doctor'>> {
  const { report, resumed } = await examine({ ...options, workers }, context);
  return { report, resumed, folder: options.folder };
}

function chosen({ policy }: Args, own: GradingPolicy): GradingPolicy {
  const found = policy === undefined ? own : policyOf(policy);
  if (typeof found !== 'string') return found;
  throw new VerbError(found, 'docs/reference/grading.md describes each policy.');
}

/** The problems of the files and sets that the user named as benchmarks. */
async function benchmarksOf({ benchmarks = [] }: Args, context: VerbContext): Promise<BenchmarkProblem[]> {
  const problems: BenchmarkProblem[] = [];
  for (const named of benchmarks) {
    const { source, origin } = await openRows(named, context);
    const mapping = recogniseColumns(await firstRows(source, RECOGNISE_ROWS, context));
    const before = problems.length;
    for await (const read of source.rows({ signal: context.signal })) {
      const row = 'row' in read ? read.row : undefined;
      const mapped = 'reason' in mapping ? undefined : mapRow(row, mapping);
      const found = mapped && 'problem' in mapped ? mapped.problem : BenchmarkLine.safeParse(row).data;
      if (found) problems.push({ id: String(found.id ?? `${origin}:${read.line}`), problem: found.problem });
    }
    if (problems.length === before)
      throw new VerbError(`${named} has no problems.`, 'Each row needs “problem” or “question”.');
  }
  return problems;
}
