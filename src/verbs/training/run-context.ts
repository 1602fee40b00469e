import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import type { EngineChoice } from '../../core/schemas/index.ts';
import { formatLoss } from '../../core/text/format.ts';
import { type Engine, EngineError } from '../../engines/engine.ts';
import { isKnownEngine, placesOf, rememberEngine } from '../../engines/known.ts';
import { openEngine } from '../../engines/open.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import type { RunReport } from '../../protocol/training.ts';
import { StoreError } from '../../store/errors.ts';
import type { StoredRun } from '../../store/runs.ts';
import type { LogSeen } from '../../trainers/runs/read-log.ts';
import { endedReport, readRunState, unaskedReport, unreachedReport } from '../../trainers/runs/report.ts';
import type { VerbContext } from '../context.ts';

const EVERY_MS = 1_000;

/** Whether a run in that state may still report something. */
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
 * The status of one of all runs. A dataset may be a stranger's: a place that only the dataset names is not contacted, unless `askAll`. A run that ended is
 * not asked for again.
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
  const message = `Status not requested: no job was sent to ${placesOf(engine).join(' and ')} from this machine. Request it with “longhand runs DATASET --ask”.`;
  return unaskedReport(run, message);
}

/** The status of a run; `unreachable` where its engine can't be contacted, such as for a missing token, so that other runs are still reported. */
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
 * Reports the steps of a run until it ends. The run does not depend on this process: a signal or a kill ends only the reporting. An engine that does not
 * answer is asked again. A run that ends without success makes the process fail.
 */
export async function followRun(
  run: StoredRun,
  dataset: string,
  engine: Engine,
  { signal, progress, endsBadly }: VerbContext,
): Promise<RunReport> {
  const seen: LogSeen = {};
  for (let shown = 0; ; ) {
    const { report, attempt: lines } = await readRunState(run, dataset, engine, signal, seen);
    for (const line of lines.slice(shown)) {
      const { step, total, loss, event } = line;
      progress({
        done: step ?? report.step ?? 0,
        ...defined({ total: total || report.total || undefined }),
        unit: 'steps',
        message: loss === undefined ? event : `loss ${formatLoss(loss)}`,
        training: line,
      });
    }
    shown = lines.length;
    if (!isOpen(report.state)) {
      const why = whyNoSuccess(report);
      if (why !== undefined) endsBadly(why);
      return report;
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
}

/** Why an ended run did not succeed, and what to do; undefined where it did. */
function whyNoSuccess({ run, kind, state, failure, message }: RunReport): string | undefined {
  const resume = kind === 'train' ? ` Resume it with “longhand resume-run DATASET ${run}”.` : '';
  const suffix = message === undefined ? '' : ` ${message}`;
  switch (state) {
    case 'failed':
      return `Run ${run} failed.${failure === undefined ? suffix : ` ${ended(failure.message)} ${failure.advice}`}`;
    case 'stopped':
      return `Run ${run} was stopped before its end.${resume}`;
    case 'lost':
      return `Run ${run} is lost: its engine has no record of how it ended.${suffix}${resume}`;
    case 'prepared':
      return `Run ${run} was never started.${resume}`;
    default:
      return undefined;
  }
}

/** Adds a full stop to the last line of a log if it has none. */
const ended = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
