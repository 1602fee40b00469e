import type { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { hostOfURL, keyNameOf } from '../../core/models/base-url.ts';
import { parseJson } from '../../core/text/json.ts';
import { redactKey } from '../../core/text/redact-key.ts';
import { readText, sendRequest } from '../../system/http.ts';
import { EngineError } from '../engine.ts';

/** Longest silence of a connection. */
const IDLE_MS = 60_000;
/** In bytes; answers are held in memory, and a log may be long. */
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
 * Requests to a dashboard with node:http: Ray takes Node's fetch for a browser by its `Sec-Fetch-Mode` and refuses its changes.
 * Redirects are not followed, so that the token reaches no other host.
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

  /** URL of a WebSocket. */
  socket(path: string): string {
    return `${this.#base.replace(/^http/i, 'ws')}${path}`;
  }

  /**
   * @returns the answer with any status but 3xx, 401 and 403.
   * @throws EngineError `unreachable` or `denied`; the signal's reason.
   */
  async ask(path: string, signal: AbortSignal, { method = 'GET', json, bytes }: Ask = {}): Promise<Answer> {
    const body = json === undefined ? bytes : Buffer.from(JSON.stringify(json));
    const type = json === undefined ? 'application/octet-stream' : 'application/json';
    const headers = {
      ...this.headers,
      ...(body && { 'content-type': type, 'content-length': String(body.byteLength) }),
    };
    let answer: Answer;
    try {
      const message = await sendRequest(new URL(this.#base + path), { method, headers, signal, body, idleMs: IDLE_MS });
      answer = { status: message.statusCode ?? 0, text: await readText(message, LONGEST_ANSWER) };
    } catch (error) {
      signal.throwIfAborted();
      throw new EngineError(
        'unreachable',
        `${hostOfURL(this.#base)} does not answer: ${redactKey(messageOf(error), this.#token)}`,
        'Is the Ray head running, with its dashboard (ray[default]), and the tunnel open? Jobs there continue meanwhile.',
        { cause: error },
      );
    }
    const { status } = answer;
    if (status === 401 || status === 403) throw this.#denied();
    if (status >= 300 && status < 400) throw this.#unexpected(`it answers with a redirect (${status})`);
    // Error messages are shown to the user; the text of a log is not changed.
    return status === 200 ? answer : { status, text: redactKey(answer.text, this.#token) };
  }

  /** Parses an answer of status 200. @throws EngineError as `ask` and `parse`. */
  async read<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, ask: Ask = {}): Promise<T> {
    const answer = await this.ask(path, signal, ask);
    if (answer.status !== 200) throw this.#unexpected(`it answers ${answer.status} ${excerpt(answer.text)}`.trim());
    return this.parse(answer, schema);
  }

  /** @throws EngineError `unreachable` when the answer is not Ray's. */
  parse<T>({ text }: Answer, schema: z.ZodType<T>): T {
    const value = parseJson(text);
    if (value === undefined) throw this.#unexpected('it does not answer in JSON');
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw this.#unexpected('its answer has an unexpected form');
    return parsed.data;
  }

  #denied(): EngineError {
    const host = hostOfURL(this.#base);
    return this.#token !== undefined
      ? new EngineError('denied', `Ray at ${host} rejected the token.`, 'Set LONGHAND_RAY_TOKEN to its current token.')
      : new EngineError(
          'denied',
          `Ray at ${host} requires a token.`,
          `Set LONGHAND_RAY_TOKEN to the token, and LONGHAND_RAY_HOST=${keyNameOf(this.#base)} to send it to this host.`,
        );
  }

  #unexpected(what: string): EngineError {
    return new EngineError(
      'unreachable',
      `${hostOfURL(this.#base)} does not answer as Ray's Jobs API does: ${what}.`,
      'Give the address of the dashboard, usually port 8265; Ray must have been installed as ray[default].',
    );
  }
}

/** The end of an answer, for an error message. */
export function excerpt(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ').trim();
  return plain.length > 300 ? `…${plain.slice(-300)}` : plain;
}
