import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineChoice } from '../core/model/index.ts';
import { type Engine, EngineError } from '../engines/engine.ts';
import { isKnownEngine, placesOf, rememberEngine } from '../engines/known.ts';
import { openEngine } from '../engines/open.ts';
import { cacheFolder } from '../models/starter/cache.ts';
import type { RunReport } from '../protocol/training.ts';
import { StoreError } from '../store/errors.ts';
import type { StoredRun } from '../store/runs.ts';
import type { LogSeen } from '../trainers/read-log.ts';
import { endedReport, readRunState, unaskedReport, unreachedReport } from '../trainers/report.ts';
import type { VerbContext } from './context.ts';

const EVERY_MS = 1_000;

/** Whether a run in that state may still say something. */
export function isOpen(state: RunReport['state']): boolean {
  return state === 'pending' || state === 'running' || state === 'unreachable';
}

/** The engine of a run, as this process may use it. @throws EngineError */
export function engineOf(choice: EngineChoice, dataset: string, { distFolder, env }: VerbContext): Promise<Engine> {
  return openEngine(choice, { dataset, distFolder, env });
}

/**
 * The engine that a job is sent to: from now on, this person has used it.
 * @throws EngineError
 */
export async function engineForJob(choice: EngineChoice, dataset: string, context: VerbContext): Promise<Engine> {
  const engine = await engineOf(choice, dataset, context);
  await rememberEngine(choice, cacheFolder(context.env), context.env);
  return engine;
}

/**
 * How a run stands, for whoever asks after all of them. A dataset may be a stranger's: nobody is asked at a place that only the dataset names, unless
 * `askAll`; what has ended is not asked again.
 */
export async function reportInList(
  run: StoredRun,
  dataset: string,
  askAll: boolean,
  context: VerbContext,
): Promise<RunReport> {
  const { engine } = run.record;
  try {
    const ended = await endedReport(run, dataset);
    if (ended) return ended;
  } catch (error) {
    if (error instanceof StoreError) return unreachedReport(run, error);
    throw error;
  }
  if (askAll || (await isKnownEngine(engine, cacheFolder(context.env), context.env))) {
    return reportOrWhyNot(run, dataset, context);
  }
  const message = `${placesOf(engine).join(' and ')} was not asked: no job was ever sent there from here. Ask with “longhand runs DATASET --ask”.`;
  return unaskedReport(run, message);
}

/** How a run stands; `unreachable` where its engine can't be asked, such as for a token that is not here, which is no reason to tell nothing of others. */
export async function reportOrWhyNot(run: StoredRun, dataset: string, context: VerbContext): Promise<RunReport> {
  try {
    const engine = await engineOf(run.record.engine, dataset, context);
    return (await readRunState(run, dataset, engine, context.signal)).report;
  } catch (error) {
    if (error instanceof EngineError || error instanceof StoreError) return unreachedReport(run, error);
    throw error;
  }
}

/**
 * Tells the steps of a run until it is over. Whoever stops listening, by a signal or a kill, ends nothing but the listening; an engine that does not
 * answer is asked again. One that ends without success makes the process end as failed.
 */
export async function followRun(
  run: StoredRun,
  dataset: string,
  engine: Engine,
  { signal, progress, endsBadly }: VerbContext,
): Promise<RunReport> {
  const seen: LogSeen = {};
  for (let told = 0; ; ) {
    const { report, attempt: lines } = await readRunState(run, dataset, engine, signal, seen);
    for (const line of lines.slice(told)) {
      const { step, total, loss, event } = line;
      progress({
        done: step ?? report.step ?? 0,
        ...((total ?? report.total) ? { total: total ?? report.total } : {}),
        unit: 'steps',
        message: loss === undefined ? event : `loss ${loss.toFixed(4)}`,
        training: line,
      });
    }
    told = lines.length;
    if (!isOpen(report.state)) {
      const why = whyNoSuccess(report);
      if (why !== undefined) endsBadly(why);
      return report;
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
}

/** Why a run that is over did not succeed, and what to do; undefined where it did. */
function whyNoSuccess({ run, kind, state, failure, message }: RunReport): string | undefined {
  const resume = kind === 'train' ? ` Go on with it by “longhand resume-run DATASET ${run}”.` : '';
  const words = message === undefined ? '' : ` ${message}`;
  switch (state) {
    case 'failed':
      return `Run ${run} failed.${failure === undefined ? words : ` ${ended(failure.message)} ${failure.advice}`}`;
    case 'stopped':
      return `Run ${run} was stopped before its end.${resume}`;
    case 'lost':
      return `Run ${run} is lost: its engine does not know how it ended.${words}${resume}`;
    case 'prepared':
      return `Run ${run} was never started.${resume}`;
    default:
      return undefined;
  }
}

/** Last words of a log end as they please. */
const ended = (words: string): string => (/[.!?…]$/.test(words) ? words : `${words}.`);
