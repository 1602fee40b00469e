import { parentPort, workerData } from 'node:worker_threads';
import { readTask } from './scan-threads.ts';

const read = await readTask(workerData);
parentPort?.postMessage(read, [read.bytes.buffer]);
