import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobHandle } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { terminalLog } from '../../core/text/terminal.ts';
import type { Engine } from '../../engines/engine.ts';
import { Dataset } from '../../store/index.ts';
import { attemptFolder, attemptsOf, LOG_FILE, readRun } from '../../store/runs.ts';
import { readRunState } from '../../trainers/runs/report.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';
import { engineOf, isOpen } from './run-context.ts';

/** Milliseconds without output after which the log of a running job counts as read. */
const QUIET_MS = 1_500;

export const run: Run<'run-log'> = async ({ dataset: folder, run: id, follow, offset: from = 0 }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  const engine = await engineOf(stored.record.engine, dataset.folder, context);
  const handle = (await attemptsOf(stored)).at(-1)?.handle;
  if (!handle) throw new VerbError(`Run ${id} was never submitted.`, 'Resume it.');
  const { report } = await readRunState(stored, dataset.folder, engine, context.signal);
  if (handle.engine === 'local') refuseBeyond(id, from, await localLogSize(dataset.folder, handle));
  const out = context.rows();
  // A file or a program gets the log as it is.
  const isTerminal = 'isTTY' in out && out.isTTY === true;
  const enough = new AbortController();
  const quiet = !follow && isOpen(report.state) ? setTimeout(() => enough.abort(), QUIET_MS) : undefined;
  let offset = from;
  try {
    for await (const part of engine.tail(handle, from, AbortSignal.any([context.signal, enough.signal]))) {
      offset = part.offset;
      quiet?.refresh();
      const text = isTerminal ? terminalLog(part.text) : part.text;
      if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
    }
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(quiet);
  }
  // The length of a log on a cluster is known only after reading it.
  if (from > 0 && offset === from && handle.engine !== 'local') {
    refuseBeyond(id, from, await lengthOf(engine, handle, context.signal));
  }
  const { report: after } = await readRunState(stored, dataset.folder, engine, context.signal);
  return { run: id, state: after.state, offset };
};

export const print: Print<'run-log'> = ({ run, state, offset }) =>
  `Run ${run} is ${state}; its log has ${plural(offset, 'byte')} so far.`;

function refuseBeyond(run: string, offset: number, size: number): void {
  if (offset <= size) return;
  const message = `The log of run ${run} has ${plural(size, 'byte')} so far; --offset ${formatCount(offset)} is beyond its end.`;
  throw new VerbError(message, `Use a number from 0 to ${formatCount(size)}, or omit it.`);
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
