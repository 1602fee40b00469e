import { parentPort } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import { loadEngine } from '../core/grading/engine.ts';
import { gradeWith, type SymbolicEngine } from '../core/grading/index.ts';
import type { Verdict } from '../core/schemas/index.ts';
import type { GradeRequest, WorkerMessage } from './pool.ts';

if (parentPort === null) throw new Error('The grading worker runs in a worker thread.');
const port = parentPort;
let engine: SymbolicEngine | undefined;

function send(message: WorkerMessage): void {
  port.postMessage(message);
}

/** Measures the computing time of an item. */
class Stopwatch {
  #total = 0;
  #since = performance.now();

  pause(): void {
    this.#total += performance.now() - this.#since;
  }

  resume(): void {
    this.#since = performance.now();
  }

  get ms(): number {
    return this.#total + performance.now() - this.#since;
  }
}

async function grade(request: GradeRequest, watch: Stopwatch): Promise<Verdict> {
  const { id, gold, text, policy } = request;
  const first = gradeWith(gold, text, policy, engine);
  if (!first.needsEngine) return first.verdict;
  if (engine === undefined) {
    send({ kind: 'loading', id });
    watch.pause();
    engine = await loadEngine();
    watch.resume();
    send({ kind: 'loaded', id });
  }
  return gradeWith(gold, text, policy, engine).verdict;
}

function failure(error: unknown): Verdict {
  const reason = messageOf(error);
  return { outcome: 'error', method: 'none', detail: `The grader failed: ${reason.slice(0, 200)}` };
}

/** Items are graded one after the other, also while one waits for the engine. */
let line: Promise<void> = Promise.resolve();
port.on('message', (request: GradeRequest) => {
  line = line.then(async () => {
    const watch = new Stopwatch();
    const verdict = await grade(request, watch).catch(failure);
    send({ kind: 'verdict', id: request.id, verdict, ms: watch.ms });
  });
});
send({ kind: 'ready' });
