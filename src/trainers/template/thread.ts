import { join } from 'node:path';
import type { ReasoningForm } from '../../core/export/reasoning.ts';
import { type ChatTemplate, RenderError, type RenderedPart } from '../../core/training/render.ts';
import type { RoundTrip } from '../../core/training/round-trip.ts';
import type { MessagesRow } from '../../core/training/rows.ts';
import { WorkerPool } from '../../grading/worker-pool.ts';
import type { TemplateReply, TemplateResults, TemplateTask } from './tasks.ts';

/** Most seconds of one task, which an ordinary template does in less than a tenth of one. */
const MOST_SECONDS = 5;
/** Most computing time of all tasks of a check, in milliseconds. */
const MOST_CHECK_MS = 60_000;
/** Rows of one task, and their characters: a task has one time limit. */
const BATCH = { rows: 32, characters: 1_000_000 };
/** Long rows are rendered in several copies. */
const HEAP_MB = 1024;
const TASK = 'Rendering';

/** `distFolder` has the script of the thread. */
export interface TemplateContext {
  distFolder: string;
  signal: AbortSignal;
}

/** A chat template that was stopped, because it does not end or needs too much memory. */
export class EndlessTemplateError extends RenderError {}

/**
 * A model's chat template in a thread of its own, with limits of time and memory: it comes with the model, so it may be endless. All methods throw
 * RenderError where it refuses a row, EndlessTemplateError where it is stopped, the signal's reason, and Error where the thread can't run.
 */
export class TemplateThread {
  readonly #pool: WorkerPool<TemplateTask, TemplateReply>;
  readonly #signal: AbortSignal;
  #spent = 0;

  constructor(chat: ChatTemplate, { distFolder, signal }: TemplateContext) {
    const workerPath = join(distFolder, 'template-worker.mjs');
    this.#pool = new WorkerPool({
      workerPath,
      timeoutMs: MOST_SECONDS * 1000,
      heapMb: HEAP_MB,
      task: TASK,
      data: chat,
    });
    this.#signal = signal;
  }

  /** The form of rows that the template can read. */
  form(): Promise<ReasoningForm> {
    return this.#ask({ ask: 'form' });
  }

  /** As `parts` of Renderer. */
  parts({ messages, loss_mask }: Pick<MessagesRow, 'messages' | 'loss_mask'>): Promise<RenderedPart[]> {
    return this.#ask({ ask: 'parts', row: { messages, ...(loss_mask && { loss_mask }) } });
  }

  /** As checkRoundTrip. */
  async check(rows: readonly MessagesRow[], own: boolean): Promise<RoundTrip> {
    const findings = new Map<string, RoundTrip['findings'][number]>();
    for (const batch of batches(rows)) {
      if (this.#spent > MOST_CHECK_MS)
        throw new EndlessTemplateError(`it took ${MOST_CHECK_MS / 1000} s for some rows`);
      for (const found of (await this.#ask({ ask: 'check', rows: batch, own })).findings) {
        const known = findings.get(found.kind);
        findings.set(found.kind, known ? { ...known, rows: known.rows + found.rows } : found);
      }
    }
    return { rows: rows.length, findings: [...findings.values()] };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #ask<T extends TemplateTask>(task: T): Promise<TemplateResults[T['ask']]> {
    const ran = await this.#pool.run(task, this.#signal);
    if ('failed' in ran) {
      if (ran.failed === 'timeout') throw new EndlessTemplateError(`it was stopped after ${MOST_SECONDS} s`);
      if (/memory limit/.test(ran.detail))
        throw new EndlessTemplateError('it was stopped, because it needs too much memory');
      throw new Error(`Can’t run the chat template in a thread: ${ran.detail}`);
    }
    this.#spent += ran.ms;
    if ('refused' in ran.result) throw new RenderError(ran.result.refused);
    return ran.result.value as TemplateResults[T['ask']];
  }
}

/** Rows for one task each, in their order. */
function* batches(rows: readonly MessagesRow[]): Generator<MessagesRow[]> {
  let batch: MessagesRow[] = [];
  let characters = 0;
  for (const row of rows) {
    batch.push(row);
    characters += JSON.stringify(row.messages).length;
    if (batch.length < BATCH.rows && characters < BATCH.characters) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}
