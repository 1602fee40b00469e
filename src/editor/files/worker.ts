import { parentPort, workerData } from 'node:worker_threads';
import { adviceOf, messageOf } from '../../core/errors.ts';
import { openRowFile, type RowFile } from '../../store/source/row-file.ts';
import type { FileRequest, FileThreadData, FromFileThread } from './messages.ts';

/** Milliseconds between two reports of the search. */
const REPORT_MS = 250;

if (parentPort === null) throw new Error('A file is read in a worker thread.');
const port = parentPort;
const { path, gradingWorker } = workerData as FileThreadData;
const send = (message: FromFileThread): void => port.postMessage(message);

const opening = openRowFile(path);
opening.catch(() => undefined);
/** Loaded after the first row is shown: schemas and the weights of the classifier take 0.1 s. */
let grader: Promise<ReturnType<typeof import('./grader.ts')['graderOf']>> | undefined;

async function answer(request: FileRequest): Promise<unknown> {
  const file = await opening;
  switch (request.kind) {
    case 'row':
      return file.row(request.index);
    case 'first':
      return firstRows(file, request.count);
    case 'grade':
      grader ??= import('./grader.ts').then(({ graderOf }) => graderOf(gradingWorker));
      return (await grader)(request);
  }
}

async function firstRows(file: RowFile, count: number): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let index = 0; rows.length < count; index++) {
    // Later searches are for the background: what the first one finds is enough to recognise the columns.
    if (index > 0 && index >= file.rows) break;
    const read = await file.row(index);
    if (read === undefined) break;
    if ('row' in read) rows.push(read.row);
  }
  return rows;
}

port.on('message', ({ id, ...request }: FileRequest & { id: number }) => {
  answer(request).then(
    (value) => send({ id, value }),
    (error: unknown) => send({ id, error: { message: messageOf(error), advice: adviceOf(error) ?? '' } }),
  );
});

/** Finds all rows, while requests are answered between two steps. */
async function search(file: RowFile): Promise<void> {
  const report = (): void => send({ found: { rows: file.rows, searched: file.searched, size: file.size } });
  let reported = performance.now();
  // The first row comes first.
  await file.row(0);
  report();
  while (file.searched < file.size) {
    await file.search();
    if (performance.now() - reported < REPORT_MS) continue;
    reported = performance.now();
    report();
  }
  report();
}

// A file that can't be opened is reported by the first request.
opening.then(search).catch(() => undefined);
