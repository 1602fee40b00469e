/**
 * Serves a GGUF file with an OpenAI-compatible API on loopback. It is a separate process, so that native code neither blocks nor crashes an editor, and
 * outlives the window. For the starter model, lifecycle.ts starts it with a token in LONGHAND_STARTER_TOKEN and a state file. As a run
 * (src/serving) it has neither and is found by its port.
 */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { plural } from '../../core/text/format.ts';
import { ApiError } from './api.ts';
import { Completions } from './completions.ts';
import { Engine } from './engine.ts';
import { fail, hasToken, isFromPage, json, readBody } from './http.ts';
import { buildOf, type Health, removeState, writeState } from './state.ts';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    runtime: { type: 'string' },
    weights: { type: 'string' },
    state: { type: 'string' },
    scratch: { type: 'string' },
    instance: { type: 'string' },
    threads: { type: 'string', default: '1' },
    sequences: { type: 'string', default: '4' },
    context: { type: 'string', default: '3072' },
    queue: { type: 'string', default: '256' },
    'idle-seconds': { type: 'string', default: '900' },
    port: { type: 'string', default: '0' },
    /** No token is required; web pages are rejected. */
    open: { type: 'boolean', default: false },
  },
});

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${process.pid} ${line}\n`);
}

function flag(name: 'model' | 'runtime' | 'weights'): string {
  const value = flags[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

interface ServerOptions {
  token: string | undefined;
  stateFile: string | undefined;
  queue: number;
  idleMs: number;
}

class StarterServer {
  readonly #completions: Completions;
  readonly #engine: Engine;
  readonly #health: Omit<Health, 'load'>;
  /** Absent with --open. */
  readonly #token: string | undefined;
  readonly #stateFile: string | undefined;
  /** 0: no limit. */
  readonly #idleMs: number;
  readonly #stopping = new AbortController();
  readonly #server: Server;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(engine: Engine, health: Omit<Health, 'load'>, options: ServerOptions) {
    this.#engine = engine;
    this.#health = health;
    this.#token = options.token;
    this.#stateFile = options.stateFile;
    this.#idleMs = options.idleMs;
    const { model, contextSize, sequences } = health;
    this.#completions = new Completions({ engine, model, contextSize, sequences, queue: options.queue, log });
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** @returns the port. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#restartIdleTimer();
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(why: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    log(`stopping: ${why}`);
    this.#stopping.abort();
    clearTimeout(this.#idleTimer);
    if (this.#stateFile !== undefined) await removeState(this.#stateFile, this.#health.instance);
    // Native code may hang.
    setTimeout(() => process.exit(0), 3_000).unref();
    this.#server.close();
    await this.#engine.dispose().catch((error: unknown) => log(`while closing: ${String(error)}`));
    this.#server.closeAllConnections();
    process.exit(0);
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    if (this.#idleMs === 0) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#completions.load > 0) this.#restartIdleTimer();
      else void this.stop(`no requests for ${this.#idleMs / 1000} s`);
    }, this.#idleMs);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#restartIdleTimer();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      await this.#route(request, response, AbortSignal.any([gone.signal, this.#stopping.signal]));
    } catch (error) {
      if (gone.signal.aborted) return;
      fail(response, this.#stopping.signal.aborted ? new ApiError(503, 'The model is being stopped.') : error, log);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const route = `${request.method} ${new URL(request.url ?? '/', 'http://localhost').pathname}`;
    // Clients request it before they send the token, which another process on the port must not get.
    if (route === 'GET /health') {
      // Interrupted calls must not find a stopping server again.
      this.#stopping.signal.throwIfAborted();
      return json(response, 200, { ...this.#health, load: this.#completions.load });
    }
    if (this.#token === undefined) {
      if (isFromPage(request)) throw new ApiError(403, 'Pages in a browser are not answered.');
    } else if (!hasToken(request, this.#token)) throw new ApiError(401, 'The bearer token is missing or wrong.');
    switch (route) {
      case 'GET /v1/models':
        return json(response, 200, {
          object: 'list',
          data: [{ id: this.#health.model, object: 'model', owned_by: 'longhand' }],
        });
      case 'POST /v1/chat/completions':
        return this.#completions.handle(await readBody(request), response, signal);
      case 'POST /tokenize':
        return json(response, 200, this.#completions.tokenize(await readBody(request)));
      case 'POST /shutdown':
        json(response, 202, { status: 'stopping' });
        return this.stop('requested');
      default:
        throw new ApiError(404, `There is no ${route} here.`);
    }
  }
}

async function main(): Promise<void> {
  const token = flags.open ? undefined : process.env.LONGHAND_STARTER_TOKEN;
  if (!flags.open && !token) throw new Error('LONGHAND_STARTER_TOKEN is not set');
  const [threads, sequences] = [Number(flags.threads), Number(flags.sequences)];
  const model = flag('model');
  const instance = flags.instance ?? randomBytes(12).toString('hex');
  const build = await buildOf(process.argv[1] ?? '');
  log(`loading ${model} (build ${build}, ${plural(threads, 'thread')}, ${plural(sequences, 'sequence')})`);
  const engine = await Engine.load({
    runtime: flag('runtime'),
    weights: flag('weights'),
    scratch: flags.scratch ?? join(tmpdir(), `longhand-prefixes-${instance}`),
    threads,
    sequences,
    contextSize: Number(flags.context),
  });
  const { contextSize } = engine;
  const server = new StarterServer(
    engine,
    { status: 'ok', model, build, instance, contextSize, sequences, threads },
    { token, stateFile: flags.state, queue: Number(flags.queue), idleMs: Number(flags['idle-seconds']) * 1000 },
  );
  const port = await server.listen(Number(flags.port));
  if (flags.state !== undefined && token) {
    const startedAt = new Date().toISOString();
    await writeState(flags.state, { version: 1, pid: process.pid, port, token, instance, startedAt });
  }
  log(`ready on 127.0.0.1:${port}`);
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => void server.stop(name));
}

main().catch((error: unknown) => {
  log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
});
