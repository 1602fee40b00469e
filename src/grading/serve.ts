import { parentPort } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import type { Task, WorkerMessage } from './worker-pool.ts';

/** The clock of the task in the pool, which ends a worker that takes too long. */
export interface Clock {
  pause(): void;
  restart(): void;
}

/**
 * Does the tasks of a WorkerPool in a worker thread, one after the other.
 * @param memoryOf What is moved with a result; the rest is copied.
 */
export function serve<Request, Result>(
  work: (request: Request, clock: Clock) => Promise<Result>,
  memoryOf: (result: Result) => ArrayBuffer[] = () => [],
): void {
  if (parentPort === null) throw new Error('The worker runs in a worker thread.');
  const port = parentPort;
  const send = (message: WorkerMessage<Result>, memory: ArrayBuffer[] = []): void => port.postMessage(message, memory);
  let line: Promise<void> = Promise.resolve();
  port.on('message', ({ id, request }: Task<Request>) => {
    line = line.then(async () => {
      let [before, since] = [0, performance.now()];
      const clock = {
        pause: () => {
          send({ kind: 'pause', id });
          before += performance.now() - since;
        },
        restart: () => {
          since = performance.now();
          send({ kind: 'restart', id });
        },
      };
      const done = await work(request, clock).then(
        (result) => ({ result, memory: memoryOf(result) }),
        (error: unknown) => ({ failed: messageOf(error) }),
      );
      const { memory, ...given } = { memory: [], ...done };
      send({ kind: 'done', id, ms: before + performance.now() - since, ...given }, memory);
    });
  });
  send({ kind: 'ready' });
}
