import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defined } from '../core/defined.ts';
import type { JobHandle, ServingRecord } from '../core/schemas/index.ts';
import type { Engine } from '../engines/engine.ts';
import type { ServePlan } from '../protocol/serving.ts';
import { appendAttempt, attemptFolder, attemptsOf, createRun, LOG_FILE, listRuns, runNames } from '../store/runs.ts';

export interface ServeRun {
  id: string;
  handle: JobHandle;
  serving: ServingRecord;
  logFile: string;
}

export interface RunningServer extends ServeRun {
  command: string[];
}

interface Servers {
  dataset: string;
  engine: Engine;
  signal: AbortSignal;
}

/** Running servers of the dataset. */
export async function runningServers({ dataset, engine, signal }: Servers): Promise<RunningServer[]> {
  const found: RunningServer[] = [];
  for (const run of await listRuns(dataset)) {
    const { kind, serving, id, command } = run.record;
    const handle = (await attemptsOf(run)).at(-1)?.handle;
    if (kind !== 'serve' || !serving || handle?.engine !== engine.name) continue;
    const { state } = await engine.status(handle, signal);
    if (state !== 'running' && state !== 'pending') continue;
    found.push({ id, handle, serving, command, logFile: logOf(dataset, handle) });
  }
  return found;
}

/** Whether a running server is the one that a plan would start, apart from its port. That of a comparison is never one for another purpose. */
export function isSame({ command, serving }: RunningServer, plan: ServePlan, comparison?: string): boolean {
  if (serving.comparison !== comparison) return false;
  const port = (url: string) => new URL(url).port;
  const moved = plan.command.map((arg) => (arg === port(plan.baseURL) ? port(serving.baseURL) : arg));
  return serving.server === plan.server && isDeepStrictEqual(moved, command);
}

/** Starts a server as a run of the dataset. @param comparison for which it is started. @throws EngineError; StoreError */
export async function startServer(
  { dataset, engine, signal }: Servers,
  plan: ServePlan,
  jobFiles: ReadonlyMap<string, string>,
  comparison?: string,
): Promise<ServeRun> {
  const id = await freeRunId(dataset);
  const { server, model, baseURL, modelName, command, env } = plan;
  const serving: ServingRecord = {
    server,
    model,
    ...defined({ run: plan.run }),
    baseURL,
    modelName,
    ...defined({ comparison }),
  };
  const resources = { cpus: 1, gpus: 0, nodes: 1, memory: 0 };
  const createdAt = new Date().toISOString();
  const run = await createRun(
    dataset,
    { version: 1, id, kind: 'serve', createdAt, engine: { engine: 'local' }, command, env, resources, serving },
    jobFiles,
  );
  const handle = engine.handle({ runId: id, attempt: 1 });
  await appendAttempt(run, { handle, at: createdAt });
  const files = [...jobFiles].map(([path, content]) => ({ path, content }));
  const metadata = { kind: 'serve' };
  await engine.submit({ runId: id, attempt: 1, kind: 'serve', command, files, env, resources, metadata }, signal);
  return { id, handle, serving, logFile: logOf(dataset, handle) };
}

async function freeRunId(dataset: string): Promise<string> {
  const taken = new Set(await runNames(dataset));
  for (let number = 1; ; number++) if (!taken.has(`serve-${number}`)) return `serve-${number}`;
}

function logOf(dataset: string, { runId, attempt }: JobHandle): string {
  return join(attemptFolder(dataset, runId, attempt), LOG_FILE);
}
