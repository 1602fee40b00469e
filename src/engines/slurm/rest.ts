import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { hostOfURL, isNamedHost, sendsKeyInClear } from '../../core/models/base-url.ts';
import { parseJson } from '../../core/text/json.ts';
import { redactKey } from '../../core/text/redact-key.ts';
import { EngineError, type Probe } from '../engine.ts';
import { gpusOf } from './commands.ts';
import { asPattern, megabytes, type SlurmControl, type Submission } from './control.ts';
import { type SlurmJob, SlurmJobs } from './jobs.ts';

/** Versions of the interface that accept what is sent here. */
const VERSIONS = ['v0.0.44', 'v0.0.43', 'v0.0.42', 'v0.0.41', 'v0.0.40'];
const LIMIT_MS = 60_000;
/** slurmrestd answers 511 to an invalid or expired token. */
const DENIED = new Set([401, 403, 511]);

const Answer = z.object({
  errors: z
    .array(
      z.object({
        error: z.string().optional(),
        error_number: z.number().optional(),
        description: z.string().optional(),
      }),
    )
    .default([]),
});
const Paths = z.object({ paths: z.record(z.string(), z.unknown()) });
const Submitted = z.object({ job_id: z.number().int().positive() });
const Nodes = z.object({
  nodes: z.array(z.object({ cpus: z.number(), real_memory: z.number(), gres: z.string().default('') })),
});
const Release = z.object({ meta: z.object({ slurm: z.object({ release: z.string() }).optional() }).optional() });

/** ESLURM_INVALID_JOB_ID: the job never existed, or was forgotten. */
const UNKNOWN_JOB = 2017;

class UnknownJob extends EngineError {
  constructor() {
    super('refused', 'Slurm does not know this job.', 'It may have ended a while ago.');
  }
}

/** Access to Slurm by slurmrestd. */
export class SlurmRest implements SlurmControl {
  readonly byNumber = true;
  readonly #base: string;
  readonly #env: NodeJS.ProcessEnv;
  #version: Promise<string> | undefined;

  constructor(base: string, env: NodeJS.ProcessEnv) {
    this.#base = base.replace(/\/+$/, '');
    this.#env = env;
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const answer = await this.#call('GET', 'nodes/', signal);
    const { nodes } = this.#read(Nodes, answer);
    const sum = (count: (node: (typeof nodes)[number]) => number): number =>
      nodes.reduce((total, node) => total + count(node), 0);
    const release = this.#read(Release, answer).meta?.slurm?.release;
    const inClear = sendsKeyInClear(this.#base);
    return {
      ...(inClear && { warning: `The token is sent to ${hostOfURL(this.#base)} unencrypted.` }),
      version: `${release === undefined ? 'Slurm' : `Slurm ${release}`}, ${await this.#versionOf(signal)}`,
      resources: {
        nodes: nodes.length,
        cpus: sum(({ cpus }) => cpus),
        memory: sum((node) => node.real_memory * 1024 * 1024),
        gpus: sum(({ gres }) => gpusOf(gres)),
      },
    };
  }

  async submit(
    { name, comment, script, folder, log, resources, partition }: Submission,
    signal: AbortSignal,
  ): Promise<number> {
    const memory = megabytes(resources.memory);
    const job = {
      name,
      comment,
      current_working_directory: folder,
      standard_output: asPattern(log),
      open_mode: ['APPEND'],
      requeue: false,
      // sbatch takes it from its shell; slurmrestd submits nothing without it.
      environment: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      minimum_nodes: resources.nodes,
      maximum_nodes: resources.nodes,
      tasks_per_node: 1,
      cpus_per_task: Math.ceil(resources.cpus),
      ...defined({
        tres_per_node: resources.gpus > 0 ? `gres/gpu:${Math.ceil(resources.gpus)}` : undefined,
        memory_per_node: amount(memory),
        time_limit: amount(resources.timeLimit),
        partition,
      }),
    };
    const answer = await this.#call('POST', 'job/submit', signal, { script, job });
    return this.#read(Submitted, answer).job_id;
  }

  async jobs(names: readonly string[], signal: AbortSignal, number?: number): Promise<SlurmJob[]> {
    const path = number === undefined ? 'jobs/' : `job/${number}`;
    try {
      const { jobs } = this.#read(SlurmJobs, await this.#call('GET', path, signal));
      return jobs.filter(({ name }) => names.includes(name));
    } catch (error) {
      if (error instanceof UnknownJob) return [];
      throw error;
    }
  }

  async cancel(id: number, signal: AbortSignal): Promise<void> {
    await this.#call('DELETE', `job/${id}`, signal);
  }

  /** The highest version that both sides support. */
  async #versionOf(signal: AbortSignal): Promise<string> {
    this.#version ??= this.#findVersion(signal);
    try {
      return await this.#version;
    } catch (error) {
      this.#version = undefined;
      throw error;
    }
  }

  async #findVersion(signal: AbortSignal): Promise<string> {
    const { paths } = this.#read(Paths, await this.#fetch('GET', '/openapi/v3', signal));
    const found = VERSIONS.find((version) => `/slurm/${version}/job/submit` in paths);
    if (found !== undefined) return found;
    const advice = 'To use the commands of Slurm over ssh instead, omit the address.';
    throw new EngineError('unusable', `${this.#base} supports none of the versions ${VERSIONS.join(', ')}.`, advice);
  }

  async #call(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    return this.#fetch(method, `/slurm/${await this.#versionOf(signal)}/${path}`, signal, body);
  }

  async #fetch(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const headers = this.#headers();
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...defined({ body: body === undefined ? undefined : JSON.stringify(body) }),
        // A redirect could send the token to another host.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
      });
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new EngineError(
        'unreachable',
        `${this.#base} does not answer: ${redactKey(messageOf(cause), this.#env.SLURM_JWT)}.`,
        'Check that it is running.',
      );
    }
    if (DENIED.has(response.status)) {
      const advice = 'Set SLURM_JWT to a token that has not expired: “scontrol token” creates one.';
      throw new EngineError('denied', `${this.#base} denied access (${response.status}).`, advice);
    }
    return this.#checked(parseJson(text), response.status);
  }

  /** Errors are in the answer, whatever its status. */
  #checked(answer: unknown, status: number): unknown {
    const { data } = Answer.safeParse(answer);
    const error = data?.errors[0];
    if (error?.error_number === UNKNOWN_JOB) throw new UnknownJob();
    if (data && !error && status < 400) return answer;
    const reason = [error?.description, error?.error].filter(Boolean).join(': ') || `status ${status}`;
    const advice = 'Check partition, account and limits of the cluster.';
    throw new EngineError(
      status >= 500 && !error ? 'unreachable' : 'refused',
      `slurmrestd reports: ${redactKey(reason, this.#env.SLURM_JWT)}.`,
      advice,
    );
  }

  #read<T>(schema: z.ZodType<T>, answer: unknown): T {
    const { data, error } = schema.safeParse(answer);
    if (data !== undefined) return data;
    const advice = 'Report it with the version of Slurm.';
    throw new EngineError('unusable', 'Can’t read the response of slurmrestd.', advice, { cause: error });
  }

  /**
   * The address may come from someone else's dataset, so the token is sent only to the host that the user named.
   * @throws EngineError `denied`.
   */
  #headers(): Record<string, string> {
    const { SLURM_JWT: token, LONGHAND_SLURM_HOST: named } = this.#env;
    if (!token) {
      const advice = 'Set SLURM_JWT: “scontrol token lifespan=86400” creates a token.';
      throw new EngineError('denied', `${this.#base} needs a token.`, advice);
    }
    const host = hostOfURL(this.#base);
    if (!named || !isNamedHost(this.#base, named)) {
      const value = sendsKeyInClear(this.#base) ? `http://${host}, if it may be sent unencrypted` : host;
      throw new EngineError('denied', `The token is not sent to ${host}.`, `Set LONGHAND_SLURM_HOST to ${value}.`);
    }
    return { 'X-SLURM-USER-TOKEN': token, ...userOf(token, this.#env) };
  }
}

/** The user of a token, from its claims or the environment; slurmrestd requires it to match. */
function userOf(token: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const claims = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const user = z.object({ sun: z.string().min(1) }).safeParse(claims).data?.sun ?? env.USER;
  return user ? { 'X-SLURM-USER-NAME': user } : {};
}

/** A number as slurmrestd takes it. */
function amount(number: number | undefined): object | undefined {
  return number === undefined ? undefined : { set: true, infinite: false, number };
}
