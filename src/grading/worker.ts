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

async function grade(request: GradeRequest): Promise<Verdict> {
  const { id, gold, text, policy } = request;
  const first = gradeWith(gold, text, policy, engine);
  if (!first.wantsEngine) return first.verdict;
  send({ kind: 'loading', id });
  engine ??= await loadEngine();
  send({ kind: 'loaded', id });
  return gradeWith(gold, text, policy, engine).verdict;
}

function failure(error: unknown): Verdict {
  const reason = error instanceof Error ? error.message : String(error);
  return { outcome: 'error', method: 'none', detail: `The grader failed: ${reason.slice(0, 200)}` };
}

port.on('message', (request: GradeRequest) => {
  grade(request)
    .catch(failure)
    .then((verdict) => send({ kind: 'verdict', id: request.id, verdict }));
});
send({ kind: 'ready' });
