import { resolve } from 'node:path';
import { defined, present } from '../../core/defined.ts';
import { formatLoss, formatNumbers, plural } from '../../core/text/format.ts';
import { foldProgress, type RunCurve, withKept } from '../../core/training/curve.ts';
import { type DrawnRun, lossPicture, MOST_RUNS } from '../../core/training/loss-picture.ts';
import { lossTable } from '../../core/training/loss-table.ts';
import { isKnownEngine } from '../../engines/known.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { Dataset } from '../../store/index.ts';
import { listRuns, progressOf, readRun, type StoredRun } from '../../store/runs.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { readRunState, wholeSteps } from '../../trainers/runs/report.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';
import { formatSteps } from './print.ts';
import { engineOf } from './run-context.ts';

export const run: Run<'loss'> = async ({ dataset: folder, runs: names, svg, csv }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await chosen(dataset.folder, names);
  if (svg !== undefined && stored.length > MOST_RUNS) {
    throw new VerbError(`A picture shows at most ${plural(MOST_RUNS, 'run')}.`, 'Name fewer runs.');
  }
  const drawn: DrawnRun[] = [];
  for (const run of stored) {
    const own = await progressOf(run);
    // Without a name, the newest run is not queried at a place that only a stranger's dataset names.
    const may = names !== undefined || (await isKnownEngine(run.record.engine, cacheFolder(context.env), context.env));
    const asks = own.length === 0 && may;
    const engine = asks ? await engineOf(run.record.engine, dataset.folder, context) : undefined;
    // A trainer without our callback speaks in its log or a file of its own.
    const lines =
      engine === undefined ? own : (await readRunState(run, dataset.folder, engine, context.signal)).progress;
    drawn.push({ name: run.record.id, curve: withKept(foldProgress(lines), await wholeSteps(run)) });
  }
  const files = {
    ...(svg === undefined ? {} : { svg: resolve(svg) }),
    ...(csv === undefined ? {} : { csv: resolve(csv) }),
  };
  const title = `Loss of ${drawn.map(({ name }) => name).join(', ')}`;
  if (files.svg) await writeAtomic(files.svg, lossPicture(title, drawn));
  if (files.csv) await writeAtomic(files.csv, lossTable(drawn));
  return { runs: drawn.map(({ name, curve }) => ({ run: name, ...inBrief(curve) })), ...files };
};

export const print: Print<'loss'> = ({ runs, svg, csv }) =>
  present(
    ...runs.flatMap(({ run, step, total, first, last, smoothed, checkpoints, resumes }) => {
      const at = present(run, formatSteps({ step, total }) || undefined).join(', ');
      if (first === undefined || last === undefined) return [`${at}: no loss reported.`];
      return present(
        `${at}: loss ${formatLoss(first)} at first, ${formatLoss(last)} now${smoothed === undefined ? '' : `, ${formatLoss(smoothed)} smoothed`}.`,
        checkpoints.length !== 0 && `  Checkpoints at steps ${formatNumbers(checkpoints)}.`,
        resumes.length !== 0 && `  Resumed at steps ${formatNumbers(resumes)}.`,
      );
    }),
    svg !== undefined && `Picture: ${svg}`,
    csv !== undefined && `Table: ${csv}`,
  ).join('\n');

async function chosen(root: string, names: readonly string[] | undefined): Promise<StoredRun[]> {
  if (names !== undefined) return Promise.all([...new Set(names)].map((name) => readRun(root, name)));
  const newest = (await listRuns(root)).filter(({ record }) => record.kind === 'train').at(-1);
  if (newest === undefined) throw new VerbError('The dataset has no training yet.', 'Start one with train.');
  return [newest];
}

function inBrief({ points, step, total, checkpoints, resumes }: RunCurve) {
  const reported = points.filter(({ loss: value }) => value !== undefined);
  const first = reported[0]?.loss;
  const last = reported.at(-1);
  return {
    points: reported.length,
    ...defined({ step, total, first, last: last?.loss, smoothed: last?.smoothed }),
    checkpoints: checkpoints.flatMap(({ step: at, gone }) => (gone ? [] : [at])),
    resumes,
  };
}
