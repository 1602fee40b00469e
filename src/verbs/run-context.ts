import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineChoice } from '../core/model/index.ts';
import { type Engine, EngineError } from '../engines/engine.ts';
import { openEngine } from '../engines/open.ts';
import type { RunReport } from '../protocol/training.ts';
import { StoreError } from '../store/errors.ts';
import type { StoredRun } from '../store/runs.ts';
import { type LogSeen, readRunState, unreachedReport } from '../trainers/report.ts';
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
 * answer is asked again.
 */
export async function followRun(
  run: StoredRun,
  dataset: string,
  engine: Engine,
  { signal, progress }: VerbContext,
): Promise<RunReport> {
  const seen: LogSeen = {};
  for (let told = 0; ; ) {
    const { report, progress: lines } = await readRunState(run, dataset, engine, signal, seen);
    // After a resume there may be fewer lines than before.
    for (const line of lines.slice(Math.min(told, lines.length))) {
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
    if (!isOpen(report.state)) return report;
    await sleep(EVERY_MS, undefined, { signal });
  }
}
