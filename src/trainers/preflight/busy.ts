import { join, relative } from 'node:path';
import { z } from 'zod';
import { LocalEngine } from '../../engines/local/engine.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { appendLines, linesOf } from '../../store/lines/files.ts';
import { attemptsOf, listRuns, localAttempts, readRun } from '../../store/runs.ts';
import { TRAINERS } from '../index.ts';
import type { PlanContext } from '../plan-context.ts';

/** In Longhand's cache folder: datasets with trainings on this machine. */
const FILE = 'trainings.jsonl';
/** Older trainings have ended. */
const LOOKED_AT = 100;

const Started = z.object({ dataset: z.string().min(1), run: z.string().min(1), at: z.string() });

type Place = Pick<PlanContext, 'dataset' | 'cache' | 'distFolder' | 'env' | 'signal'>;

/** Called when a local training starts, so that other datasets can warn about it. */
export async function rememberTraining(cache: string, dataset: string, run: string): Promise<void> {
  await appendLines(join(cache, FILE), [{ dataset, run, at: new Date().toISOString() }]);
}

/** A warning for each other training on this machine, which shares memory and cores. */
export async function busyChecks(place: Place): Promise<PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  for (const { dataset, run } of await candidates(place)) {
    if (!(await runs(dataset, run, place))) continue;
    const where = relative(place.dataset, dataset) === '' ? '' : ` (of the dataset ${dataset})`;
    const message = `Training ${run}${where} is running on this machine. Both are slower, and memory may be too small for both.`;
    const advice = `Wait until it ends, or stop it with “longhand stop-run ${dataset} ${run}”.`;
    checks.push({ id: 'engine', state: 'warning', message, advice });
  }
  return checks;
}

async function candidates({ dataset, cache }: Place): Promise<{ dataset: string; run: string }[]> {
  const found = new Map<string, { dataset: string; run: string }>();
  const own = (await listRuns(dataset)).filter(({ record }) => record.engine.engine === 'local' && record.training);
  for (const { record } of own.slice(-LOOKED_AT)) found.set(`${dataset}\n${record.id}`, { dataset, run: record.id });
  const started: z.infer<typeof Started>[] = [];
  for await (const line of linesOf(join(cache, FILE), Started)) started.push(line);
  for (const one of started.slice(-LOOKED_AT)) found.set(`${one.dataset}\n${one.run}`, one);
  return [...found.values()];
}

async function runs(dataset: string, id: string, { distFolder, env }: Place): Promise<boolean> {
  // A moved or deleted dataset has no running training.
  const run = await readRun(dataset, id).catch(() => undefined);
  const trainer = TRAINERS.find(({ name }) => name === run?.record.training?.trainer);
  const handle = run && (await attemptsOf(run)).at(-1)?.handle;
  const attempt = (await localAttempts(dataset, id)).at(-1);
  // A hosted training does not use this machine.
  if (!handle || attempt === undefined || trainer?.hosted) return false;
  const { state } = await new LocalEngine({ dataset, distFolder, env }).status({ ...handle, attempt });
  return state === 'running' || state === 'pending';
}
