import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import type { RunAttempt, RunRecord } from '../../core/schemas/index.ts';
import type { Engine, JobSpec } from '../../engines/engine.ts';
import { appendAttempt, attemptsOf, createRun, jobFolderOf, type NewFile, type StoredRun } from '../../store/runs.ts';
import type { TrainingExport } from '../export-rows.ts';
import { trainerOf } from '../index.ts';
import type { PlannedTraining } from '../plan-training.ts';
import { renderedRows, writeRows } from '../rows.ts';
import type { TemplateContext } from '../template/thread.ts';
import { VALIDATION_FILE } from '../trainer.ts';

/** Under which key of a job's metadata its run stands. */
const RUN_KEY = 'longhand_run';

/**
 * Makes the run of a plan and submits its first attempt. The attempt is on disk before anything is sent.
 * @throws StoreError; EngineError: the run is there then, and can be resumed.
 */
export async function startTraining(
  planned: PlannedTraining,
  dataset: string,
  engine: Engine,
  context: TemplateContext,
): Promise<StoredRun> {
  const { plan, request, trainer } = planned;
  const files = new Map<string, NewFile>([
    [plan.configFile, plan.config],
    [request.rowsFile, rowsOf(planned, planned.source, context)],
  ]);
  if (planned.validation) files.set(VALIDATION_FILE, rowsOf(planned, planned.validation, context));
  for (const file of trainer.files?.(request) ?? []) {
    files.set(file.path, 'content' in file ? file.content : { source: file.source });
  }
  const run = await createRun(dataset, recordOf(planned), files);
  await submit(run, plan, engine, context.signal);
  return run;
}

/** Rows that the trainer reads as they are share their blocks with the export, where the file system can. */
function rowsOf(
  { trainer: { row, rendered }, renders }: PlannedTraining,
  { path }: TrainingExport,
  context: TemplateContext,
): NewFile {
  if (rendered && renders !== undefined) {
    return {
      make: async (target) => {
        const rows = await renderedRows(renders, rendered, context);
        await writeRows(path, target, rows.row).finally(rows.close);
      },
    };
  }
  return row ? { make: (target) => writeRows(path, target, row) } : { source: path };
}

function recordOf({ plan, rowsHash, templateHash }: PlannedTraining): RunRecord {
  const { lengths } = plan;
  return {
    version: 1,
    id: plan.run,
    kind: 'train',
    createdAt: new Date().toISOString(),
    engine: plan.engine,
    command: plan.command,
    env: plan.env,
    resources: plan.resources,
    training: {
      trainer: plan.trainer,
      objective: plan.objective,
      model: plan.model,
      ...defined({ modelPath: plan.modelPath }),
      export: plan.export,
      rows: plan.rows,
      rowsHash,
      ...defined({ templateHash }),
      rowCount: plan.rowCount,
      maxLength: lengths.maxLength,
      longestRow: lengths.longest,
      lengthsExact: lengths.exact,
      cutRows: lengths.cut,
      emptyRows: lengths.empty + lengths.emptied,
      steps: plan.steps,
      settings: plan.settings,
      device: plan.device,
      config: plan.configFile,
    },
  };
}

/**
 * Submits the next attempt of a run with all files of its job's folder.
 * @param after the checkpoint that it goes on from, relative to the run, and how many lines of progress were there before.
 * @throws EngineError, StoreError.
 */
export async function submit(
  run: StoredRun,
  { command, env }: { command: string[]; env: Record<string, string> },
  engine: Engine,
  signal: AbortSignal,
  after: Pick<RunAttempt, 'from' | 'told'> = {},
): Promise<void> {
  const { record } = run;
  const attempt = ((await attemptsOf(run)).at(-1)?.handle.attempt ?? 0) + 1;
  const spec: JobSpec = {
    runId: record.id,
    attempt,
    kind: record.kind,
    command,
    files: await jobFiles(run),
    env,
    resources: record.resources,
    metadata: { [RUN_KEY]: record.id },
    ...(record.training && trainerOf(record.training.trainer).hosted && { keys: true }),
  };
  const handle = engine.handle(spec);
  const at = new Date().toISOString();
  await appendAttempt(run, { handle, at, ...after });
  await engine.submit(spec, signal);
}

/** Every plain file of the job's folder, by its path in it. */
async function jobFiles(run: StoredRun): Promise<JobSpec['files']> {
  const folder = jobFolderOf(run);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('__pycache__'))
    .map((source) => ({ path: source.slice(folder.length + 1).replaceAll('\\', '/'), source }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
