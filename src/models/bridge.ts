import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pLimit from 'p-limit';
import { defined } from '../core/defined.ts';
import type { ChatMessage } from '../core/schemas/index.ts';
import { plural } from '../core/text/format.ts';
import { ApiError, type CompletionRequest, parseCompletionRequest } from './starter/api.ts';
import { fail, hasToken, json, readBody } from './starter/http.ts';
import { Reply } from './starter/reply.ts';

/** A chat model that only the process of the bridge can call. */
export interface BridgedModel {
  /** Streams the reply's text. @throws ApiError */
  send(messages: readonly ChatMessage[], sampling: BridgedSampling, signal: AbortSignal): AsyncIterable<string>;
  /** Tokens of a text, as the model counts them. */
  countTokens(text: string, signal: AbortSignal): Promise<number>;
}

/** Sampling parameters of a call; a model may ignore them. */
export interface BridgedSampling {
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  seed?: number;
}

export interface BridgeOptions {
  /** A model by its vendor and id. @throws ApiError 404 when there is none. */
  find(vendor: string, id: string): Promise<BridgedModel>;
  /** Ids of a vendor's models. */
  list(vendor: string): Promise<string[]>;
  log: (line: string) => void;
}

/** How a client reaches a bridge; see placeInWindow (connect.ts). */
export interface BridgeAccess {
  /** Without a path. */
  url: string;
  token: string;
}

/** Concurrent calls to a bridged model, which the user of the window shares. */
const IN_FLIGHT = 2;
/** Calls that may wait for these. */
const QUEUE = 16;

/**
 * An OpenAI-compatible server on loopback for models that only this process can call: `/<vendor>/v1/chat/completions`. It accepts one
 * token, new for each start, and rejects requests from browsers.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #token = randomBytes(32).toString('hex');
  readonly #limit = pLimit(IN_FLIGHT);
  readonly #closing = new AbortController();
  readonly #server: Server;

  private constructor(options: BridgeOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(options: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(options);
    await new Promise<void>((resolve, reject) => {
      bridge.#server.once('error', reject);
      bridge.#server.listen(0, '127.0.0.1', resolve);
    });
    return bridge;
  }

  get access(): BridgeAccess {
    return { url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`, token: this.#token };
  }

  /** Ends calls in flight; their callers see a broken connection. */
  close(): void {
    this.#closing.abort();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      await this.#route(request, response, AbortSignal.any([gone.signal, this.#closing.signal]));
    } catch (error) {
      if (!gone.signal.aborted) fail(response, error, this.#options.log);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    if (request.headers.origin !== undefined) throw new ApiError(403, 'No web page may call this.');
    if (!hasToken(request, this.#token)) throw new ApiError(401, 'The bearer token is missing or wrong.');
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, vendor = '', ...path] = pathname.split('/');
    const route = `${request.method} ${path.join('/')}`;
    const name = decodeURIComponent(vendor);
    if (route === 'GET v1/models') {
      const ids = await this.#options.list(name);
      return json(response, 200, { object: 'list', data: ids.map((id) => ({ id, object: 'model', owned_by: name })) });
    }
    if (route !== 'POST v1/chat/completions') throw new ApiError(404, `There is no ${route} here.`);
    const asked = parseCompletionRequest(await readBody(request));
    if ((asked.n ?? 1) > 1) throw new ApiError(400, 'n: models of VS Code write one reply to a request');
    if (asked.continue_final_message) throw new ApiError(400, 'Models of VS Code can’t continue a given text.');
    if (this.#limit.pendingCount >= QUEUE) {
      throw new ApiError(
        429,
        `The queue of this model is full: ${plural(this.#limit.pendingCount, 'call')} waiting.`,
        1,
      );
    }
    const model = await this.#options.find(name, asked.model);
    await this.#limit(() => answer(model, asked, response, signal));
  }
}

async function answer(
  model: BridgedModel,
  request: CompletionRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const reply = new Reply(request, response);
  let text = '';
  // The first piece opens the reply, so that a refusal gets its own status.
  for await (const piece of model.send(request.messages, samplingOf(request), signal)) {
    if (text === '') reply.open();
    text += piece;
    reply.add(0, piece);
  }
  signal.throwIfAborted();
  if (text === '') reply.open();
  // Such a model does not report why it ended.
  reply.finish(0, 'stop');
  const prompt = await model.countTokens(request.messages.map(({ content }) => content).join('\n'), signal);
  const completion = await model.countTokens(text, signal);
  reply.close({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion });
}

function samplingOf(request: CompletionRequest): BridgedSampling {
  return defined({
    temperature: request.temperature ?? undefined,
    top_p: request.top_p ?? undefined,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    seed: request.seed ?? undefined,
  });
}
