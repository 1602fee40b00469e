import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { HostedError } from './errors.ts';

/** How the API of a host is reached. The key is that of its host and goes nowhere else: redirects are not followed. */
export interface ApiOptions {
  /** The part that all paths share. */
  baseURL: string;
  key: string | undefined;
  signal: AbortSignal;
  /** Milliseconds without a byte after which an answer is given up. */
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
/** Answers are JSON of some kilobytes; a longer one is none of ours. */
const LARGEST_ANSWER = 64 * 1024 * 1024;
const LONGEST_WORDS = 300;

/** What hosts say of an error, each in its own way. */
const ErrorBody = z.object({
  error: z
    .union([z.string(), z.object({ message: z.string() })])
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
});

/** JSON over HTTP without retries: what may be tried again depends on what it does, which hosted/run.ts knows. */
export class Api {
  readonly #options: ApiOptions;
  readonly #host: string;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#host = new URL(options.baseURL).host;
  }

  /** @throws HostedError; `refused` for what is not there. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const found = await this.find(path, schema);
    if (found !== undefined) return found;
    throw new HostedError('refused', `${this.#host} knows nothing of ${path}.`, 'Look whether it was deleted there.');
  }

  /** Undefined for what is not there. @throws HostedError */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.#send('GET', path);
    return answer.status === 404 ? undefined : this.#read(answer, schema, 'unreachable');
  }

  /** @throws HostedError; `unreachable` where it may have been done all the same, `unclear` where it was, and the answer can't be read. */
  async post<T>(path: string, value: unknown, schema: z.ZodType<T>): Promise<T> {
    const bytes = Buffer.from(JSON.stringify(value));
    const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
    const answer = await this.#send('POST', path, { headers, open: () => Readable.from([bytes]) });
    return this.#read(answer, schema, 'unclear');
  }

  /** Sends a file as the field `file` of a form, piece by piece from the disk; `fields` stand before it. @throws HostedError */
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
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = {
      accept: 'application/json',
      ...content?.headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const outgoing = open(url, { method, signal, headers });
        outgoing.setTimeout(idleMs, () => outgoing.destroy(new Error(`it was silent for ${idleMs / 1000} s`)));
        outgoing.on('error', reject);
        // An answer may come before all was sent; the sending then fails and is of no interest.
        outgoing.on('response', (message) => readAnswer(message).then(resolve, reject));
        if (content) pipeline(content.open(), outgoing).catch(reject);
        else outgoing.end();
      });
    } catch (error) {
      signal.throwIfAborted();
      const words = `${this.#host} did not answer: ${wordsOf(error)}.`;
      throw new HostedError('unreachable', words, AGAIN, { cause: error, undone: neverReached(error) });
    }
  }

  /** @param otherwise what an answer of an unknown form to a thing that was done is. */
  #read<T>(answer: Answer, schema: z.ZodType<T>, otherwise: 'unreachable' | 'unclear'): T {
    if (answer.status >= 200 && answer.status < 300) {
      const { data, error } = schema.safeParse(jsonOf(answer.body) ?? {});
      if (!error) return data;
      const what = error.issues[0]?.path.join('.') || 'its answer';
      throw new HostedError(otherwise, `${this.#host} answered in an unknown form: ${what}.`, AGAIN);
    }
    throw errorOf(this.#host, answer);
  }
}

const AGAIN = 'Resume the run: what was made is looked for first.';

function errorOf(host: string, { status, headers, body }: Answer): HostedError {
  const said = messageIn(body);
  // A conflict may be one with what was made before.
  const undone = status >= 400 && status < 500 && status !== 408 && status !== 409;
  const words = `${host} answered ${status}${said === '' ? '' : `: ${said}`}.`;
  if (status === 401 || status === 403) {
    return new HostedError('denied', words, 'Give the key of this host in the environment, or look what it may do.', {
      undone,
    });
  }
  if (status === 429) {
    return new HostedError('busy', words, 'Wait, or raise the limit there, and resume.', {
      retryAfterMs: retryAfter(headers),
      undone,
    });
  }
  if (status >= 500 || status === 408) {
    return new HostedError('unreachable', words, AGAIN, { retryAfterMs: retryAfter(headers) });
  }
  return new HostedError('refused', words, 'Change the configuration, and train again.', { undone });
}

function messageIn(body: string): string {
  const { data } = ErrorBody.safeParse(jsonOf(body));
  const error = typeof data?.error === 'string' ? data.error : data?.error?.message;
  const said = error ?? data?.message ?? data?.detail ?? (body.trimStart().startsWith('<') ? '' : body);
  return said.replace(/\s+/g, ' ').trim().slice(0, LONGEST_WORDS).replace(/\.$/, '');
}

/** Milliseconds; a date or nonsense asks for nothing. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return seconds >= 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

async function readAnswer(message: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_ANSWER) throw new Error('its answer is too long');
    parts.push(part);
  }
  return { status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(parts).toString('utf8') };
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
          if (size > 0) yield* createReadStream(file.path, { end: size - 1 });
          yield tail;
        })(),
      ),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether there was no connection, so that nothing was sent. Of a name with several addresses, each has an error of its own. */
function neverReached(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverReached);
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
