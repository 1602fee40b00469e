import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobHandle } from '../core/model/index.ts';
import type { Engine } from '../engines/engine.ts';
import { Dataset } from '../store/index.ts';
import { attemptFolder, attemptsOf, LOG_FILE, readRun } from '../store/runs.ts';
import { readRunState } from '../trainers/report.ts';
import { type Verb, VerbError } from './context.ts';
import { engineOf, isOpen } from './run-context.ts';

/** A log of a job that still runs and says nothing for so long has said all there is for now. */
const QUIET_MS = 1_500;

export const runLog: Verb<'run-log'> = async ({ dataset: folder, run: id, follow, offset: from = 0 }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  const engine = await engineOf(stored.record.engine, dataset.folder, context);
  const handle = (await attemptsOf(stored)).at(-1)?.handle;
  if (!handle) throw new VerbError(`Run ${id} was never submitted.`, 'Resume it.');
  const { report } = await readRunState(stored, dataset.folder, engine, context.signal);
  if (handle.engine === 'local') refuseBeyond(id, from, await localLogSize(dataset.folder, handle));
  const out = context.rows();
  const enough = new AbortController();
  const quiet = !follow && isOpen(report.state) ? setTimeout(() => enough.abort(), QUIET_MS) : undefined;
  let offset = from;
  try {
    for await (const part of engine.tail(handle, from, AbortSignal.any([context.signal, enough.signal]))) {
      offset = part.offset;
      quiet?.refresh();
      if (!out.write(part.text)) await new Promise((resolve) => out.once('drain', resolve));
    }
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(quiet);
  }
  // A log of a cluster tells its length only to whoever reads it.
  if (from > 0 && offset === from && handle.engine !== 'local') {
    refuseBeyond(id, from, await lengthOf(engine, handle, context.signal));
  }
  const { report: after } = await readRunState(stored, dataset.folder, engine, context.signal);
  return { run: id, state: after.state, offset };
};

function refuseBeyond(run: string, offset: number, size: number): void {
  if (offset <= size) return;
  const message = `The log of run ${run} has ${size} bytes so far; --offset ${offset} is beyond its end.`;
  throw new VerbError(message, `Give a number from 0 to ${size}, or leave it out.`);
}

async function localLogSize(dataset: string, { runId, attempt }: JobHandle): Promise<number> {
  return (await stat(join(attemptFolder(dataset, runId, attempt), LOG_FILE)).catch(() => undefined))?.size ?? 0;
}

async function lengthOf(engine: Engine, handle: JobHandle, signal: AbortSignal): Promise<number> {
  const enough = new AbortController();
  const quiet = setTimeout(() => enough.abort(), QUIET_MS);
  let length = 0;
  try {
    for await (const part of engine.tail(handle, 0, AbortSignal.any([signal, enough.signal]))) {
      length = part.offset;
      quiet.refresh();
    }
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(quiet);
  }
  return length;
}
