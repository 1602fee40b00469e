import { parentPort, workerData } from 'node:worker_threads';
import { type PartTask, readTask } from './scan-threads.ts';
import { serveTexts, type TextTask } from './text-thread.ts';

const task: PartTask | TextTask = workerData;
if (parentPort !== null && 'clause' in task) serveTexts(task, parentPort);
else if ('part' in task) {
  const read = await readTask(task);
  parentPort?.postMessage(read, [read.bytes.buffer]);
}
