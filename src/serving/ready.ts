import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { JobStatus } from '../core/schemas/index.ts';

/** The server is not ready, for the reason in `message`. */
export interface Waiting {
  seconds: number;
  message: string;
}

export interface ReadyOptions {
  baseURL: string;
  health: string;
  lists: boolean;
  modelName: string;
  /** The status of the job: after its end, another process may answer on its port. */
  status: () => Promise<JobStatus>;
  /** Runs when the server answers, before its model is requested. */
  prepare?: (() => Promise<void>) | undefined;
  limitSeconds: number;
  signal: AbortSignal;
  onWait: (waiting: Waiting) => void;
}

/** `ended`: the job has ended; `slow`: not ready within the limit; `refused`: it answers with an error. */
export class NotReady extends Error {
  readonly why: 'ended' | 'slow' | 'refused';

  constructor(why: NotReady['why'], message: string) {
    super(message);
    this.why = why;
  }
}

const POLL_MS = 250;
/** After a failed request, how long to wait for the end of the job. */
const END_WAIT_MS = 3_000;
const ANSWER_LIMIT_MS = 10_000;
/** The first reply of a model may compile kernels. */
const FIRST_REPLY_LIMIT_MS = 600_000;

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });
const Reply = z.object({ choices: z.array(z.unknown()).min(1) });

/**
 * Waits until a server generates a token: health, then the list of models if there is one, then one request.
 * @throws NotReady; the signal's reason when it aborts.
 */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const { modelName, lists, prepare, signal } = options;
  const root = new URL(options.baseURL).origin;
  await until(options, async () => {
    const response = await ask(`${root}${options.health}`, { signal });
    return response.ok ? undefined : `it answers ${response.status}`;
  });
  await prepare?.();
  if (lists) await until(options, () => isListed(options));
  await whileRunning(options, async (stop) => {
    const body = { model: modelName, messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1, temperature: 0 };
    const response = await ask(`${options.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: stop,
      limitMs: FIRST_REPLY_LIMIT_MS,
    });
    const text = await response.text();
    if (response.ok && Reply.safeParse(parsed(text)).success) return;
    throw new NotReady('refused', `It answers ${response.status} to a first request: ${text.trim().slice(0, 400)}`);
  });
}

async function isListed({ baseURL, modelName, signal }: ReadyOptions): Promise<string | undefined> {
  const response = await ask(`${baseURL}/models`, { signal });
  const list = ModelList.safeParse(parsed(await response.text()));
  if (!response.ok || !list.success) return `its list of models answers ${response.status}`;
  const ids = list.data.data.map(({ id }) => id);
  // Ollama adds `:latest`; SGLang lists an adapter without its base.
  const names = [modelName, `${modelName}:latest`, modelName.slice(modelName.indexOf(':') + 1)];
  if (ids.some((id) => names.includes(id))) return undefined;
  return `it serves ${ids.join(', ') || 'nothing'}, not ${modelName}`;
}

/** Repeats a probe until it returns undefined. */
async function until(options: ReadyOptions, probe: () => Promise<string | undefined>): Promise<void> {
  const begun = Date.now();
  for (let message: string | undefined = ''; ; await sleep(POLL_MS)) {
    options.signal.throwIfAborted();
    message = await probe().catch(() => 'it does not answer yet');
    options.signal.throwIfAborted();
    // After the probe, to be sure that no other server answered on the port of an ended job.
    await refuseEnded(options);
    if (message === undefined) return;
    const seconds = Math.floor((Date.now() - begun) / 1000);
    if (seconds >= options.limitSeconds) throw new NotReady('slow', `It was not ready after ${seconds} s: ${message}.`);
    options.onWait({ seconds, message });
  }
}

/** Runs `work`, and stops it when the job ends. */
async function whileRunning(options: ReadyOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([ended.signal, options.signal]);
  const begun = Date.now();
  const watch = async () => {
    for (;;) {
      await sleep(POLL_MS * 4, undefined, { signal: stop });
      await refuseEnded(options);
      options.onWait({ seconds: Math.floor((Date.now() - begun) / 1000), message: 'it generates its first token' });
    }
  };
  try {
    await Promise.race([work(stop), watch()]);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof NotReady) throw error;
    // A connection breaks shortly before the end of its server is known.
    for (let left = END_WAIT_MS / POLL_MS; left > 0; left--) {
      await refuseEnded(options);
      await sleep(POLL_MS);
    }
    throw new NotReady(
      'refused',
      `It did not answer a first request: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    ended.abort();
  }
}

async function refuseEnded({ status }: ReadyOptions): Promise<void> {
  const { state, message, exitCode } = await status();
  if (state === 'running' || state === 'pending') return;
  const code = exitCode === undefined || exitCode === null ? '' : ` with code ${exitCode}`;
  throw new NotReady('ended', message ?? `The server ended${code} before it was ready.`);
}

function ask(
  url: string,
  { signal, limitMs = ANSWER_LIMIT_MS, ...init }: RequestInit & { signal: AbortSignal; limitMs?: number },
) {
  return fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]), redirect: 'error' });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
