import { Dataset } from '../store/index.ts';
import { attemptsOf, readRun } from '../store/runs.ts';
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
  const { report: after } = await readRunState(stored, dataset.folder, engine, context.signal);
  return { run: id, state: after.state, offset };
};
