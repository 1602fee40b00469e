import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type JobSpec } from '../engine.ts';
import { shellWords } from '../shell.ts';
import { Job, Submitted } from './answers.ts';
import { type RayHttp, words } from './http.ts';
import { packFiles } from './package.ts';

/** A head that has just begun has no agent yet, which takes some seconds. */
const WAITS_MS = [250, 500, 1000, 2000, 4000, 4000, 8000, 8000];
/** Between the programs' chance to end by themselves and their end, where a job has a time limit. */
const GRACE_SECONDS = 30;

export interface RaySubmission {
  spec: JobSpec;
  id: string;
  metadata: Record<string, string>;
  /** Under which the metadata says what the job is: the same id with another digest is another job. */
  digestKey: string;
  /** Folder from which files may come. */
  dataset: string;
}

/** SHA-256 of a value's JSON, in hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * Uploads the files and starts the job, unless it is there already. The upload comes right before: Ray throws away what no job uses
 * within ten minutes.
 * @throws EngineError `refused` for what Ray says no to, and where another job has the id; as RayHttp.
 */
export async function submitJob(http: RayHttp, submission: RaySubmission, signal: AbortSignal): Promise<void> {
  const { spec, id, digestKey, dataset } = submission;
  const files = await packFiles(spec.files, dataset);
  const digest = digestOf([files.name, spec.command, spec.env, spec.resources]);
  const isThere = (): Promise<boolean> => known(http, id, digestKey, digest, signal);
  if (await isThere()) return;
  const path = `/api/packages/gcs/${files.name}`;
  // Also tells Ray to keep it a little longer, where it is there.
  if (spec.files.length > 0 && (await http.ask(path, signal)).status !== 200) {
    const put = await http.ask(path, signal, { method: 'PUT', bytes: files.bytes });
    if (put.status !== 200) throw refused(`the files of the job (${put.status})`, put.text);
  }
  const body = {
    entrypoint: entrypointOf(spec),
    submission_id: id,
    runtime_env: { ...(spec.files.length > 0 ? { working_dir: files.uri } : {}), env_vars: spec.env },
    metadata: { ...submission.metadata, [digestKey]: digest },
    ...resourcesOf(spec),
  };
  for (const wait of [...WAITS_MS, undefined]) {
    const problem = await post(http, body, signal);
    if (problem === undefined) return;
    // Of an earlier try whose answer did not arrive, or of another process in the same moment.
    if (await isThere()) return;
    if (wait === undefined || !problem.again) throw problem.error;
    await sleep(wait, undefined, { signal });
  }
}

async function post(
  http: RayHttp,
  json: object,
  signal: AbortSignal,
): Promise<{ error: EngineError; again: boolean } | undefined> {
  try {
    const answer = await http.ask('/api/jobs/', signal, { method: 'POST', json });
    if (answer.status === 200) {
      http.parse(answer, Submitted);
      return undefined;
    }
    return { error: refused(`the job (${answer.status})`, answer.text), again: answer.status >= 500 };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { error, again: error.kind === 'unreachable' };
  }
}

/** @throws EngineError `refused` when the id belongs to another job. */
async function known(
  http: RayHttp,
  id: string,
  digestKey: string,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/api/jobs/${encodeURIComponent(id)}`;
  if ((await http.ask(path, signal)).status === 404) return false;
  const { metadata } = await http.read(path, Job, signal);
  if (metadata?.[digestKey] === digest) return true;
  throw new EngineError(
    'refused',
    `Ray has a job ${id} already, and it is another one.`,
    'Start the run again as its next attempt, or under another name.',
  );
}

/** Ray gives it to a shell of the node. */
function entrypointOf({ command, resources: { timeLimit } }: JobSpec): string {
  const limit = timeLimit === undefined ? [] : ['timeout', `--kill-after=${GRACE_SECONDS}s`, `${timeLimit}m`];
  return `exec ${shellWords([...limit, ...command])}`;
}

/** A job of several nodes asks for its GPUs itself, from where it was started: what the start holds, its workers could not have. */
function resourcesOf({ resources: { cpus, gpus, nodes, memory } }: JobSpec): object {
  return {
    entrypoint_num_cpus: cpus,
    ...(gpus > 0 && nodes === 1 ? { entrypoint_num_gpus: gpus } : {}),
    ...(memory > 0 ? { entrypoint_memory: memory } : {}),
  };
}

function refused(what: string, text: string): EngineError {
  const said = words(text.split('\n').findLast((line) => line.trim() !== '' && line.trim() !== '.') ?? '');
  const tooMuch = /no available agent/i.test(text);
  return new EngineError(
    'refused',
    `Ray does not take ${what}: ${said}`,
    tooMuch
      ? 'Its head has no agent that could start jobs: see dashboard_agent.log on it.'
      : 'Change the job, or see the log of the dashboard on the head.',
  );
}
