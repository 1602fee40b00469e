import { resolve } from 'node:path';
import { foldProgress, type RunCurve, withKept } from '../core/training/curve.ts';
import { type DrawnRun, lossPicture, MOST_RUNS } from '../core/training/loss-picture.ts';
import { lossTable } from '../core/training/loss-table.ts';
import { isKnownEngine } from '../engines/known.ts';
import { cacheFolder } from '../models/starter/cache.ts';
import { writeAtomic } from '../store/files.ts';
import { Dataset } from '../store/index.ts';
import { listRuns, progressOf, readRun, type StoredRun } from '../store/runs.ts';
import { readRunState, wholeSteps } from '../trainers/report.ts';
import { type Verb, VerbError } from './context.ts';
import { engineOf } from './run-context.ts';

export const loss: Verb<'loss'> = async ({ dataset: folder, runs: names, svg, csv }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await chosen(dataset.folder, names);
  if (svg !== undefined && stored.length > MOST_RUNS) {
    throw new VerbError(`A picture shows ${MOST_RUNS} runs at most.`, 'Name fewer runs.');
  }
  const drawn: DrawnRun[] = [];
  for (const run of stored) {
    const own = await progressOf(run);
    // Whoever names no run did not ask for what a stranger's newest one would reach.
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

async function chosen(root: string, names: readonly string[] | undefined): Promise<StoredRun[]> {
  if (names !== undefined) return Promise.all([...new Set(names)].map((name) => readRun(root, name)));
  const newest = (await listRuns(root)).filter(({ record }) => record.kind === 'train').at(-1);
  if (newest === undefined) throw new VerbError('The dataset has no training yet.', 'Start one with train.');
  return [newest];
}

function inBrief({ points, step, total, checkpoints, resumes }: RunCurve) {
  const told = points.filter(({ loss: value }) => value !== undefined);
  const first = told[0]?.loss;
  const last = told.at(-1);
  return {
    points: told.length,
    ...(step === undefined ? {} : { step }),
    ...(total === undefined ? {} : { total }),
    ...(first === undefined ? {} : { first }),
    ...(last?.loss === undefined ? {} : { last: last.loss }),
    ...(last?.smoothed === undefined ? {} : { smoothed: last.smoothed }),
    checkpoints: checkpoints.flatMap(({ step: at, gone }) => (gone ? [] : [at])),
    resumes,
  };
}
