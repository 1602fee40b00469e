import { parentPort } from 'node:worker_threads';
import { loadEngine } from '../core/answers/engine.ts';
import { gradeWith, type SymbolicEngine } from '../core/answers/index.ts';
import type { Verdict } from '../core/model/index.ts';
import type { GradeRequest, WorkerMessage } from './messages.ts';

if (parentPort === null) throw new Error('The grading worker runs in a worker thread.');
const port = parentPort;
let engine: SymbolicEngine | undefined;

function send(message: WorkerMessage): void {
  port.postMessage(message);
}

/** Computing time of the item that is being graded, so far. */
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
  if (!first.wantsEngine) return first.verdict;
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
  const reason = error instanceof Error ? error.message : String(error);
  return { outcome: 'error', method: 'none', detail: `The grader failed: ${reason.slice(0, 200)}` };
}

/** One after the other: while an item waits for the engine, the next one must not begin. */
let line: Promise<void> = Promise.resolve();
port.on('message', (request: GradeRequest) => {
  line = line.then(async () => {
    const watch = new Stopwatch();
    const verdict = await grade(request, watch).catch(failure);
    send({ kind: 'verdict', id: request.id, verdict, ms: watch.ms });
  });
});
send({ kind: 'ready' });
