// One served model at a time: a sampler beside another, or beside a trainer, slows both down many times over on a small machine.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { longhand, type VerbRunner } from './verbs.ts';

export interface ServedModel {
  /** A folder of safetensors, or a GGUF file. */
  path: string;
  role: 'base' | 'fine-tuned';
}

/** The servers that the script started, in one dataset; they are stopped by their runs. */
export class Serving {
  readonly #runner: VerbRunner;
  readonly #dataset: string;
  readonly #python: string;
  readonly #sequences: number;
  #now: ServedModel | undefined;

  constructor(runner: VerbRunner, dataset: string, options: { python: string; sequences: number }) {
    this.#runner = runner;
    this.#dataset = dataset;
    this.#python = options.python;
    this.#sequences = options.sequences;
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
      server: 'starter',
      type: 'f32',
      python: this.#python,
      port,
      replace: true,
      args: ['--sequences', String(this.#sequences)],
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
