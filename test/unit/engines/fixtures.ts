import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import type { JobHandle, JobStatus } from '../../../src/core/schemas/index.ts';
import type { Engine, EngineContext, JobSpec } from '../../../src/engines/engine.ts';
import { LocalEngine } from '../../../src/engines/local/engine.ts';
import { LocalState, stateFileOf } from '../../../src/engines/local/state.ts';
import { attemptFolder } from '../../../src/store/runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const NEVER = new AbortController().signal;

const opened: { engine: Engine; handles: JobHandle[] }[] = [];

// No test leaves a process behind, even if it fails.
afterEach(async () => {
  for (const { engine, handles } of opened.splice(0)) {
    for (const handle of handles) await engine.stop(handle, NEVER).catch(() => {});
  }
});

export interface LocalPlace {
  engine: LocalEngine;
  context: EngineContext;
  dataset: string;
  submit(rest: Partial<JobSpec>): Promise<JobHandle>;
}

export async function localPlace(rest: Partial<EngineContext> = {}): Promise<LocalPlace> {
  const dataset = rest.dataset ?? (await temporaryFolder());
  const context = { dataset, distFolder: join(ROOT, 'dist'), env: process.env, graceSeconds: 1, ...rest };
  const engine = new LocalEngine(context);
  const handles: JobHandle[] = [];
  opened.push({ engine, handles });
  return {
    engine,
    context,
    dataset,
    submit: async (given) => {
      const spec = jobSpec(given);
      handles.push(engine.handle(spec));
      return engine.submit(spec, NEVER);
    },
  };
}

export function jobSpec(rest: Partial<JobSpec>): JobSpec {
  return {
    runId: 'run-1',
    attempt: 1,
    kind: 'train',
    command: [process.execPath, '-e', ''],
    files: [],
    env: {},
    resources: { cpus: 1, gpus: 0, nodes: 1, memory: 0 },
    metadata: {},
    ...rest,
  };
}

/** Waits for the end of a job. @returns its last status. */
export async function ended(engine: Engine, handle: JobHandle): Promise<JobStatus> {
  for (;;) {
    const status = await engine.status(handle, NEVER);
    if (status.state !== 'running' && status.state !== 'pending') return status;
    await sleep(30);
  }
}

export async function logOf(engine: Engine, handle: JobHandle, offset = 0): Promise<string> {
  let text = '';
  for await (const part of engine.tail(handle, offset, NEVER)) text += part.text;
  return text;
}

export async function stateOf(dataset: string, { runId, attempt }: JobHandle): Promise<LocalState> {
  const text = await readFile(stateFileOf(attemptFolder(dataset, runId, attempt)), 'utf8');
  return LocalState.parse(JSON.parse(text));
}

/** Pids of the living processes whose environment holds this; Linux only. */
export function processesWith(entry: string): number[] {
  return ofAllProcesses('environ')
    .filter(([, text]) => text.includes(entry))
    .map(([pid]) => pid);
}

/** Command lines of all running processes; Linux only. */
export function commandLines(): string[] {
  return ofAllProcesses('cmdline').map(([, text]) => text);
}

function ofAllProcesses(what: 'environ' | 'cmdline'): [number, string][] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid): [number, string][] => {
      try {
        return [[pid, readFileSync(`/proc/${pid}/${what}`, 'utf8')]];
      } catch {
        return [];
      }
    });
}

export async function folder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return path;
}
