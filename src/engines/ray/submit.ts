import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, type JobSpec } from '../engine.ts';
import { quoteCommand } from '../shell.ts';
import { Job, Submitted } from './answers.ts';
import { excerpt, type RayHttp } from './http.ts';
import { packFiles } from './package.ts';

/** Waits between tries: a head that has just started has no agent for some seconds. */
const WAITS_MS = [250, 500, 1000, 2000, 4000, 4000, 8000, 8000];
/** Between SIGTERM and SIGKILL when a job exceeds its time limit. */
const GRACE_SECONDS = 30;

export interface RaySubmission {
  spec: JobSpec;
  id: string;
  metadata: Record<string, string>;
  /** Key of the digest in the metadata; the same id with another digest is another job. */
  digestKey: string;
  /** Folder of the dataset. */
  dataset: string;
}

/** SHA-256 of a value's JSON, in hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * Uploads the files and starts the job unless it exists. The upload comes immediately before the start, since Ray deletes packages that
 * no job uses within ten minutes.
 * @throws EngineError `refused` when Ray rejects the job or another job has the id; as RayHttp.
 */
export async function submitJob(http: RayHttp, submission: RaySubmission, signal: AbortSignal): Promise<void> {
  const { spec, id, digestKey, dataset } = submission;
  const files = await packFiles(spec.files, dataset);
  const digest = digestOf([files.name, spec.command, spec.env, spec.resources]);
  const isSubmitted = (): Promise<boolean> => hasJob(http, id, digestKey, digest, signal);
  if (await isSubmitted()) return;
  const path = `/api/packages/gcs/${files.name}`;
  // The request also makes Ray keep an existing package longer.
  if (spec.files.length > 0 && (await http.ask(path, signal)).status !== 200) {
    const put = await http.ask(path, signal, { method: 'PUT', bytes: files.bytes });
    if (put.status !== 200) throw refused(`the files of the job (${put.status})`, put.text);
  }
  const body = {
    entrypoint: entrypointOf(spec),
    submission_id: id,
    runtime_env: { ...(spec.files.length > 0 && { working_dir: files.uri }), env_vars: spec.env },
    metadata: { ...submission.metadata, [digestKey]: digest },
    ...resourcesOf(spec),
  };
  for (const wait of [...WAITS_MS, undefined]) {
    const problem = await post(http, body, signal);
    if (problem === undefined) return;
    // An earlier try without an answer, or another process, may have started it.
    if (await isSubmitted()) return;
    if (wait === undefined || !problem.retry) throw problem.error;
    await sleep(wait, undefined, { signal });
  }
}

async function post(
  http: RayHttp,
  json: object,
  signal: AbortSignal,
): Promise<{ error: EngineError; retry: boolean } | undefined> {
  try {
    const answer = await http.ask('/api/jobs/', signal, { method: 'POST', json });
    if (answer.status === 200) {
      http.parse(answer, Submitted);
      return undefined;
    }
    return { error: refused(`the job (${answer.status})`, answer.text), retry: answer.status >= 500 };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { error, retry: error.kind === 'unreachable' };
  }
}

/** @throws EngineError `refused` when the id belongs to another job. */
async function hasJob(
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
    `Ray already has a different job ${id}.`,
    'Start the run again as its next attempt, or under another name.',
  );
}

/** Ray runs it in a shell on the node. */
function entrypointOf({ command, resources: { timeLimit } }: JobSpec): string {
  const limit = timeLimit === undefined ? [] : ['timeout', `--kill-after=${GRACE_SECONDS}s`, `${timeLimit}m`];
  return `exec ${quoteCommand([...limit, ...command])}`;
}

/** A job on several nodes requests its GPUs itself: those reserved for the entrypoint are not available to its workers. */
function resourcesOf({ resources: { cpus, gpus, nodes, memory } }: JobSpec): object {
  return {
    entrypoint_num_cpus: cpus,
    ...(gpus > 0 && nodes === 1 && { entrypoint_num_gpus: gpus }),
    ...(memory > 0 && { entrypoint_memory: memory }),
  };
}

function refused(what: string, text: string): EngineError {
  const reason = excerpt(text.split('\n').findLast((line) => line.trim() !== '' && line.trim() !== '.') ?? '');
  const lacksAgent = /no available agent/i.test(text);
  return new EngineError(
    'refused',
    `Ray rejected ${what}: ${reason}`,
    lacksAgent
      ? 'Its head has no agent that could start jobs: see dashboard_agent.log on it.'
      : 'Change the job, or see the log of the dashboard on the head.',
  );
}
