import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { z } from 'zod';
import { hostOfURL } from '../../core/model/base-url.ts';
import { messageOf } from '../../store/files.ts';
import { EngineError } from '../engine.ts';

/** Nothing came or went for so long. */
const IDLE_MS = 60_000;
/** Answers are texts that are held in memory; a log may be long. */
const LONGEST_ANSWER = 256 * 1024 * 1024;

export interface Answer {
  status: number;
  text: string;
}

export interface Ask {
  method?: 'GET' | 'PUT' | 'POST';
  /** Sent as JSON. */
  json?: unknown;
  bytes?: Uint8Array;
}

/**
 * Requests to a dashboard, by node:http: Ray takes Node's own fetch for a browser, by its `Sec-Fetch-Mode`, and refuses to be changed by
 * one. Redirects are not followed, since the token must not go elsewhere.
 */
export class RayHttp {
  readonly #base: string;
  readonly #token: string | undefined;

  /** @param address of the dashboard, with or without a path before `/api`. */
  constructor(address: string, token: string | undefined) {
    this.#base = address.replace(/\/+$/, '');
    this.#token = token;
  }

  get headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  /** URL of a WebSocket. */
  socket(path: string): string {
    return `${this.#base.replace(/^http/i, 'ws')}${path}`;
  }

  /**
   * @returns the answer, whatever its status, but for those that say no to everybody.
   * @throws EngineError `unreachable` or `denied`; the signal's reason.
   */
  async ask(path: string, signal: AbortSignal, { method = 'GET', json, bytes }: Ask = {}): Promise<Answer> {
    const body = json === undefined ? bytes : Buffer.from(JSON.stringify(json));
    const type = json === undefined ? 'application/octet-stream' : 'application/json';
    const headers = {
      ...this.headers,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': String(body.byteLength) }),
    };
    let answer: Answer;
    try {
      answer = await send(new URL(this.#base + path), { method, headers, signal }, body);
    } catch (error) {
      signal.throwIfAborted();
      throw new EngineError(
        'unreachable',
        `${hostOfURL(this.#base)} does not answer: ${messageOf(error)}`,
        'Is the Ray head running, with its dashboard (ray[default]), and the tunnel open? What runs there goes on meanwhile.',
        { cause: error },
      );
    }
    const { status } = answer;
    if (status === 401 || status === 403) throw this.denied();
    if (status >= 300 && status < 400) throw this.#strange(`it answers with a redirect (${status})`);
    return answer;
  }

  /** An answer of status 200 through its schema. @throws EngineError as `ask`; `unreachable` for what is no answer of Ray. */
  async read<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, ask: Ask = {}): Promise<T> {
    const answer = await this.ask(path, signal, ask);
    if (answer.status !== 200) throw this.#strange(`it answers ${answer.status} ${words(answer.text)}`.trim());
    return this.parse(answer, schema);
  }

  /** @throws EngineError `unreachable` for what is no answer of Ray. */
  parse<T>({ text }: Answer, schema: z.ZodType<T>): T {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.#strange('it does not answer in JSON');
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw this.#strange('its answer is of another shape');
    return parsed.data;
  }

  denied(): EngineError {
    const host = hostOfURL(this.#base);
    return this.hasToken
      ? new EngineError(
          'denied',
          `Ray at ${host} does not take the token.`,
          'Give its present token in LONGHAND_RAY_TOKEN.',
        )
      : new EngineError(
          'denied',
          `Ray at ${host} wants a token.`,
          `Give it in LONGHAND_RAY_TOKEN, and the host that it is for in LONGHAND_RAY_HOST=${host}.`,
        );
  }

  #strange(what: string): EngineError {
    return new EngineError(
      'unreachable',
      `${hostOfURL(this.#base)} does not answer as Ray's Jobs API does: ${what}.`,
      'Give the address of the dashboard, usually port 8265; Ray must have been installed as ray[default].',
    );
  }
}

/** A part of an answer for a sentence. */
export function words(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ').trim();
  return plain.length > 300 ? `…${plain.slice(-300)}` : plain;
}

function send(
  url: URL,
  options: { method: string; headers: Record<string, string>; signal: AbortSignal },
  body: Uint8Array | undefined,
): Promise<Answer> {
  return new Promise((done, fail) => {
    const start = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = start(url, { ...options, timeout: IDLE_MS }, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > LONGEST_ANSWER) response.destroy(new Error('its answer is longer than 256 MB'));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('aborted', () => fail(new Error('it broke off its answer')));
      response.on('end', () => done({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
    request.on('error', fail);
    request.end(body);
  });
}
