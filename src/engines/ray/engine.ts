import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import type { JobHandle, JobStatus, Resources } from '../../core/schemas/index.ts';
import { parseJson } from '../../core/text/json.ts';
import {
  type Engine,
  type EngineContext,
  EngineError,
  type JobSpec,
  jobIdOf,
  type LogPart,
  type Probe,
} from '../engine.ts';
import { checkJob } from '../files.ts';
import { ClusterStatus, Job, Jobs, Stopped, statusOf, Version } from './answers.ts';
import { RayHttp } from './http.ts';
import { digestOf, submitJob } from './submit.ts';
import { tailLog } from './tail.ts';
import { addressWarning, rayTokenFromEnvironment } from './token.ts';

const POLL_MS = 500;
/** How long to wait before asking a job to stop again. */
const STOP_AGAIN_MS = 15_000;

/** Keys of a job's metadata. */
const RUN = 'longhand_run';
const ATTEMPT = 'longhand_attempt';
const DIGEST = 'longhand_digest';

/** Jobs on a Ray cluster, through the Jobs API of its dashboard. */
export class RayEngine implements Engine {
  readonly name = 'ray';
  readonly #address: string;
  readonly #token: string | undefined;
  readonly #http: RayHttp;
  readonly #dataset: string;
  /** Tells apart runs of the same name from different users or datasets on a shared cluster. */
  readonly #scope: string;

  constructor({ address }: { address: string }, { dataset, env }: Pick<EngineContext, 'dataset' | 'env'>) {
    this.#address = address;
    this.#token = rayTokenFromEnvironment(address, env);
    this.#http = new RayHttp(address, this.#token);
    this.#dataset = dataset;
    this.#scope = digestOf([hostname(), resolve(dataset)]).slice(0, 8);
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const warning = addressWarning(this.#address, this.#token);
    const warned = defined({ warning });
    try {
      const { ray_version: version } = await this.#http.read('/api/version', Version, signal);
      const resources = await this.#resources(signal);
      return { version, ...defined({ resources }), ...warned };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { problem: `${error.message} ${error.advice}`, ...warned };
    }
  }

  /** Of all nodes together; unknown shortly after the start, and when this version of Ray reports it differently. */
  async #resources(signal: AbortSignal): Promise<Partial<Resources> | undefined> {
    const answer = await this.#http.ask('/api/cluster_status', signal);
    const { CPU, GPU } =
      ClusterStatus.safeParse(parseJson(answer.text)).data?.data.clusterStatus.loadMetricsReport.usage ?? {};
    return CPU && { cpus: CPU[1], gpus: GPU?.[1] ?? 0 };
  }

  handle({ runId, attempt }: Pick<JobSpec, 'runId' | 'attempt'>): JobHandle {
    return { engine: 'ray', jobId: `${jobIdOf(runId, attempt)}-${this.#scope}`, runId, attempt };
  }

  async submit(spec: JobSpec, signal: AbortSignal): Promise<JobHandle> {
    checkJob(spec);
    const handle = this.handle(spec);
    const metadata = { ...spec.metadata, [RUN]: spec.runId, [ATTEMPT]: String(spec.attempt) };
    await submitJob(
      this.#http,
      { spec, id: handle.jobId, metadata, digestKey: DIGEST, dataset: this.#dataset },
      signal,
    );
    return handle;
  }

  async status({ jobId }: JobHandle, signal: AbortSignal): Promise<JobStatus> {
    const answer = await this.#http.ask(pathOf(jobId), signal);
    if (answer.status === 404) {
      return {
        state: 'lost',
        message: 'Ray does not have this job: its head was restarted, or never received the job.',
      };
    }
    return statusOf(await this.#http.read(pathOf(jobId), Job, signal));
  }

  tail(handle: JobHandle, offset: number, signal: AbortSignal): AsyncGenerator<LogPart> {
    const status = (): Promise<JobStatus> => this.status(handle, signal);
    return tailLog(this.#http, { path: `${pathOf(handle.jobId)}/logs`, offset, status, signal });
  }

  async stop(handle: JobHandle, signal: AbortSignal): Promise<void> {
    for (let askedAt = Number.NEGATIVE_INFINITY; ; await sleep(POLL_MS, undefined, { signal })) {
      const { state } = await this.status(handle, signal);
      if (state !== 'pending' && state !== 'running') return;
      if (performance.now() - askedAt < STOP_AGAIN_MS) continue;
      askedAt = performance.now();
      const answer = await this.#http.ask(`${pathOf(handle.jobId)}/stop`, signal, { method: 'POST' });
      if (answer.status === 200) this.#http.parse(answer, Stopped);
    }
  }

  async list(key: string, value: string, signal: AbortSignal): Promise<JobHandle[]> {
    const jobs = await this.#http.read('/api/jobs/', Jobs, signal);
    return jobs.flatMap(({ submission_id: jobId, metadata }) => {
      const runId = metadata?.[RUN];
      const attempt = Number(metadata?.[ATTEMPT]);
      if (!jobId || !runId || !Number.isInteger(attempt) || attempt < 1) return [];
      if (!metadata || !Object.hasOwn(metadata, key) || metadata[key] !== value) return [];
      return [{ engine: this.name, jobId, runId, attempt }];
    });
  }
}

function pathOf(jobId: string): string {
  return `/api/jobs/${encodeURIComponent(jobId)}`;
}
