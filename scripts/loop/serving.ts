// One served model at a time: a sampler beside another, or beside a trainer, slows both down many times over on a small machine.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerId } from '../../src/core/schemas/index.ts';
import type { CompareSelectionsArgs } from '../../src/protocol/selections.ts';
import { ROOT } from '../lib/paths.ts';
import { longhand, type VerbRunner } from './verbs.ts';

export interface ServedModel {
  /** A folder of safetensors, or a GGUF file. */
  path: string;
  role: 'base' | 'fine-tuned';
}

export interface ServingOptions {
  python: string;
  /** Concurrent replies of the starter's server. */
  sequences: number;
  /** Serves folders by batch_server.py. */
  batched: boolean;
}

const BATCH_SERVER = join(ROOT, 'scripts', 'loop', 'batch_server.py');

interface ServerFlags {
  server: ServerId;
  python?: string;
  program?: string[];
  args?: string[];
  type?: 'f32';
}

function serverOf({ python, sequences, batched }: ServingOptions): ServerFlags {
  // It is called as `transformers serve` is.
  if (batched) return { server: 'transformers', program: [python, BATCH_SERVER] };
  return { server: 'starter', type: 'f32', python, args: ['--sequences', String(sequences)] };
}

/** The same server, as a comparison of selections takes it. */
export function servingFlags(options: ServingOptions): { server: ServerId } & CompareSelectionsArgs['serving'] {
  const { server, python, program, args, type } = serverOf(options);
  return { server, serverPython: python, serverProgram: program, serverArgs: args, serverType: type };
}

/** The servers that the script started, in one dataset; they are stopped by their runs. */
export class Serving {
  readonly #runner: VerbRunner;
  readonly #dataset: string;
  readonly #options: ServingOptions;
  #now: ServedModel | undefined;

  constructor(runner: VerbRunner, dataset: string, options: ServingOptions) {
    this.#runner = runner;
    this.#dataset = dataset;
    this.#options = options;
  }

  /**
   * Serves the model and gives it its role. A server from an earlier start of the script is reused; others of the dataset are stopped.
   * @param port kept over restarts, since a round resumes at the same address.
   */
  async use(model: ServedModel, port: number): Promise<void> {
    if (this.#now?.path === model.path && this.#now.role === model.role) return;
    const { serving } = await longhand(this.#runner, 'serve', {
      dataset: this.#dataset,
      what: model.path,
      role: model.role,
      port,
      replace: true,
      ...serverOf(this.#options),
    });
    if (!serving) throw new Error('The verb serve reported no server.');
    this.#now = model;
  }

  /**
   * Stops all servers of the dataset, before a training and at the end: also a server from an earlier start of the script. A
   * fired signal does not prevent this.
   */
  async stop(): Promise<void> {
    this.#now = undefined;
    // Without a dataset there is no server.
    if (!existsSync(join(this.#dataset, 'longhand.json'))) return;
    const runner = { ...this.#runner, signal: new AbortController().signal };
    const { runs } = await longhand(runner, 'runs', { dataset: this.#dataset, kind: 'serve' });
    for (const { run, state } of runs) {
      if (state === 'pending' || state === 'running')
        await longhand(runner, 'stop-run', { dataset: this.#dataset, run });
    }
  }
}
