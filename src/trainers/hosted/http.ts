import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { retryAfter } from '../../core/models/retry-after.ts';
import { parseJson } from '../../core/text/json.ts';
import { redactKey } from '../../core/text/redact-key.ts';
import { readText, sendRequest } from '../../system/http.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { HostedError } from './errors.ts';

/** Access to the API of a host. The key is sent only there: redirects are not followed. */
export interface ApiOptions {
  /** Common part of all paths. */
  baseURL: string;
  key: string | undefined;
  signal: AbortSignal;
  /** Milliseconds of silence after which a request fails. */
  idleMs?: number;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Content {
  headers: Record<string, string>;
  open: () => Readable;
}

const IDLE_MS = 120_000;
/** Bytes; expected answers are JSON of some kilobytes. */
const LARGEST_ANSWER = 64 * 1024 * 1024;
const LONGEST_MESSAGE = 300;

/** Error formats of the providers. */
const ErrorBody = z.object({
  error: z
    .union([z.string(), z.object({ message: z.string() })])
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
});

/** JSON over HTTP without retries, which hosted/run.ts decides. */
export class Api {
  readonly #options: ApiOptions;
  readonly #host: string;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#host = new URL(options.baseURL).host;
  }

  /** @throws HostedError; `refused` for 404. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const found = await this.find(path, schema);
    if (found !== undefined) return found;
    throw new HostedError('refused', `${this.#host} does not have ${path}.`, 'Check whether it was deleted there.');
  }

  /** Undefined for 404. @throws HostedError */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.#send('GET', path);
    return answer.status === 404 ? undefined : this.#read(answer, schema, 'unreachable');
  }

  /** @throws HostedError; `unreachable` when it may have been done, `unclear` when it was done and the answer can't be read. */
  async post<T>(path: string, value: unknown, schema: z.ZodType<T>): Promise<T> {
    const bytes = Buffer.from(JSON.stringify(value));
    const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
    const answer = await this.#send('POST', path, { headers, open: () => Readable.from([bytes]) });
    return this.#read(answer, schema, 'unclear');
  }

  /** Sends a file as the field `file` of a form in chunks, after `fields`. @throws HostedError */
  async upload<T>(
    path: string,
    file: { path: string; name: string },
    fields: Readonly<Record<string, string>>,
    schema: z.ZodType<T>,
  ): Promise<T> {
    return this.#read(await this.#send('POST', path, await formOf(file, fields)), schema, 'unclear');
  }

  async #send(method: string, path: string, content?: Content): Promise<Answer> {
    const { baseURL, key, signal, idleMs = IDLE_MS } = this.#options;
    const url = new URL(`${baseURL.replace(/\/+$/, '')}${path}`);
    const headers = {
      accept: 'application/json',
      ...content?.headers,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    try {
      const message = await sendRequest(url, { method, signal, headers, idleMs, body: content?.open });
      const { statusCode: status = 0, headers: sent } = message;
      return { status, headers: sent, body: await readText(message, LARGEST_ANSWER) };
    } catch (error) {
      signal.throwIfAborted();
      const message = `${this.#host} did not answer: ${redactKey(messageOf(error), key)}.`;
      throw new HostedError('unreachable', message, AGAIN, { cause: error, undone: neverReached(error) });
    }
  }

  /** @param otherwise the error kind for an answer of an unknown form */
  #read<T>(answer: Answer, schema: z.ZodType<T>, otherwise: 'unreachable' | 'unclear'): T {
    if (answer.status >= 200 && answer.status < 300) {
      const { data, error } = schema.safeParse(jsonOf(answer.body, this.#options.key) ?? {});
      if (!error) return data;
      const what = error.issues[0]?.path.join('.') || 'its answer';
      throw new HostedError(otherwise, `${this.#host} answered in an unknown form: ${what}.`, AGAIN);
    }
    throw errorOf(this.#host, answer, this.#options.key);
  }
}

const AGAIN = 'Resume the run. It first looks for what was already created.';

function errorOf(host: string, { status, headers, body }: Answer, key: string | undefined): HostedError {
  const reason = messageIn(body, key);
  // A conflict may be with our own earlier request.
  const undone = status >= 400 && status < 500 && status !== 408 && status !== 409;
  const asked = retryAfter((name) => headers[name]?.toString());
  const message = `${host} answered ${status}${reason === '' ? '' : `: ${reason}`}.`;
  if (status === 401 || status === 403) {
    return new HostedError(
      'denied',
      message,
      'Set the key of this host in the environment, or check its permissions.',
      {
        undone,
      },
    );
  }
  if (status === 429) {
    return new HostedError('busy', message, 'Wait, or raise the limit there, and resume.', {
      retryAfterMs: asked,
      undone,
    });
  }
  if (status >= 500 || status === 408) {
    return new HostedError('unreachable', message, AGAIN, { retryAfterMs: asked });
  }
  return new HostedError('refused', message, 'Change the configuration, and train again.', { undone });
}

/** Without the key, which a host may quote. */
function messageIn(body: string, key: string | undefined): string {
  const { data } = ErrorBody.safeParse(jsonOf(body));
  const error = typeof data?.error === 'string' ? data.error : data?.error?.message;
  const text = error ?? data?.message ?? data?.detail ?? (body.trimStart().startsWith('<') ? '' : body);
  return redactKey(text.replace(/\s+/g, ' ').trim(), key).slice(0, LONGEST_MESSAGE).replace(/\.$/, '');
}

async function formOf(
  file: { path: string; name: string },
  fields: Readonly<Record<string, string>>,
): Promise<Content> {
  const boundary = `longhand-${randomBytes(16).toString('hex')}`;
  const field = (name: string, more: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n`;
  const before = Object.entries(fields).map(([name, value]) => `${field(name, '')}\r\n${value}\r\n`);
  const head = Buffer.from(
    `${before.join('')}${field('file', `; filename="${file.name}"`)}content-type: application/jsonl\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { size } = await stat(file.path);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    open: () =>
      Readable.from(
        (async function* () {
          yield head;
          if (size > 0) yield* await openReadStream(file.path, { end: size - 1 });
          yield tail;
        })(),
      ),
  };
}

/** @param key removed from all strings, since a host may quote it */
function jsonOf(text: string, key?: string): unknown {
  return parseJson(text, (_name, value) => (typeof value === 'string' ? redactKey(value, key) : value));
}

/** Whether no connection was made, so nothing was sent. With several addresses, each has its own error. */
function neverReached(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverReached);
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}
