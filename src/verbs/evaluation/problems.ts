import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import { mapRow } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { type HubOrigin, inScope, type Problem } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import type { EvaluateArgs } from '../../protocol/evaluation.ts';
import type { ProblemSet } from '../../runner/evaluation/plan-evaluation.ts';
import { chooseProblems } from '../../runner/plan-round.ts';
import { problemHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { ImportIds } from '../dataset/import-ids.ts';
import { columnsOfRows, openRows } from '../rows/source.ts';

/** Bad rows that are named in the log. */
const NAMED = 5;
const NAME_COLUMNS =
  'Import it with “longhand import --benchmark”, naming the columns with --problem and --answer, and evaluate the file in benchmarks/.';

type Wanted = Pick<EvaluateArgs, 'problems' | 'levels' | 'topics'>;

/**
 * The problems that an evaluation asks for, with how many rows of their file could not be used.
 * @throws UserError `round` when no problem of the dataset fits; UserError `source` and HubError for what is not read or can't be had; VerbError when it holds no problem with an answer.
 */
export async function problemSet(
  dataset: Dataset,
  { problems: file, levels, topics }: Wanted,
  context: VerbContext,
): Promise<ProblemSet & { bad: number }> {
  const filter = { ...(levels?.length ? { levels } : {}), ...(topics?.length ? { topics } : {}) };
  if (file === undefined) {
    const rows = chooseProblems(dataset, filter, 0, () => 0);
    const ids = new Set(rows.map(({ id }) => id));
    const problems: Problem[] = [];
    // In the order of the files, not of the lot.
    for (const { id } of dataset.index.problems()) if (ids.has(id)) problems.push(await dataset.problem(id));
    return { set: { from: 'dataset', ...filter, size: problems.length }, problems, bad: 0 };
  }
  const { problems: all, bad, hub } = await readProblems(file, context);
  const problems = all.filter(inScope({ levels, topics }));
  if (problems.length === 0) {
    throw new VerbError(`No problem of ${file} has that level and topic.`, 'Choose other levels and topics.');
  }
  const size = problems.length;
  if (hub !== undefined) return { set: { from: 'hub', hub, ...filter, size }, problems, bad };
  return { set: { from: 'file', file: placeOf(dataset, file), ...filter, size }, problems, bad };
}

/** Each problem once, with the ids that an import would give: the same file gives the same ids each time. */
async function readProblems(
  file: string,
  context: VerbContext,
): Promise<{ problems: Problem[]; bad: number; hub?: HubOrigin }> {
  const { signal, log } = context;
  const rows = await openRows(file, context);
  const { source, stem, hub } = rows;
  const columns = await columnsOfRows(rows, NAME_COLUMNS, context);
  const ids = new ImportIds(slug(stem, 'problem'), () => false);
  const seen = new Set<string>();
  const problems: Problem[] = [];
  let bad = 0;
  for await (const read of source.rows({ signal })) {
    signal.throwIfAborted();
    const mapped = 'row' in read ? mapRow(read.row, columns) : read;
    if ('reason' in mapped) {
      bad += 1;
      if (bad <= NAMED) log(`Line ${read.line}: ${mapped.reason}; skipped.`);
      continue;
    }
    const hash = problemHash(mapped.problem.problem);
    if (seen.has(hash)) continue;
    seen.add(hash);
    const licence = mapped.problem.licence ?? hub?.licence;
    problems.push({
      ...(hub === undefined ? {} : { source: hub.name }),
      ...mapped.problem,
      ...defined({ licence }),
      id: ids.take(mapped.problem.id, hash),
    });
  }
  if (bad > NAMED) log(`${plural(bad, 'row')} could not be used.`);
  if (problems.length > 0) return { problems, bad, ...defined({ hub }) };
  throw new VerbError(`${file} has no problem with an answer.`, 'Check that it is the right file.');
}

/** A file of the dataset by its path there; any other by its bare name, since a plan is shared and a path is not. */
function placeOf({ folder }: Dataset, file: string): string {
  const inside = relative(folder, resolve(file));
  return inside.startsWith('..') || isAbsolute(inside) ? parse(file).base : inside.split(sep).join('/');
}
