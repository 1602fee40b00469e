import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { adviceOf, messageOf, UserError } from '../../core/errors.ts';
import type { FileMapping } from '../../core/schemas/index.ts';
import { openRowFile, type RowFile } from '../../store/source/row-file.ts';
import { FileFindings } from '../../store/trace-table/file-findings.ts';
import { SavedReadings } from '../../store/trace-table/saved-readings.ts';
import type { TraceTable } from '../../store/trace-table/trace-table.ts';
import type { TraceReviews } from '../../store/trace-table/traces-for-query.ts';
import type { FileRequest, FileThreadData, FoundInFile, FromFileThread, ToFileThread } from './messages.ts';

/** Milliseconds between two reports of the search, or of the progress of a request. */
const REPORT_MS = 250;

if (parentPort === null) throw new Error('A file is read in a worker thread.');
const port = parentPort;
const { path, dist, kept } = workerData as FileThreadData;
const send = (message: FromFileThread): void => port.postMessage(message);

/** Another text after a change of the file. */
const stampOf = (): Promise<string> => stat(path).then(({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`);
let stamp = stampOf();
stamp.catch(() => undefined);
let saving = SavedReadings.of(path, kept, dist);
const opening = saving.then((saved) => openRowFile(path, saved?.places));
opening.catch(() => undefined);
/** Loaded after the first row is shown: schemas and the weights of the classifier take 0.1 s. */
let grader: Promise<ReturnType<typeof import('./grader.ts')['graderOf']>> | undefined;
let columns: FileMapping | undefined;
let table: Promise<TraceTable> | undefined;
let reviews: TraceReviews = new Map();
/** Of the order that the host knows. */
let sentOrder = -1;
const running = new Map<number, AbortController>();

async function answer(request: FileRequest & { id: number }, signal: AbortSignal): Promise<unknown> {
  const file = await opening;
  switch (request.kind) {
    case 'row':
      return file.row(request.index);
    case 'rowOfLine':
      return file.rowOfLine(request.line);
    case 'first':
      return firstRows(file, request.count);
    case 'grade':
      grader ??= import('./grader.ts').then(({ graderOf }) => graderOf(dist));
      return (await grader)(request);
    case 'columns':
      columns = request.columns;
      table = undefined;
      return undefined;
    case 'find':
      return find(file, request, signal);
    case 'read':
      return (await tableOf(file)).read(request.reading, workOf(request.id, signal));
    case 'tableRows':
      return (await tableOf(file)).rowsOf(request.ids);
    case 'facts':
      return (await tableOf(file)).factsOf(request.ids, workOf(request.id, signal));
    case 'isSame':
      return (await stamp) === (await stampOf());
    case 'grow':
      return grow(file);
  }
}

let tableGrader: Promise<ReturnType<typeof import('./grader.ts').tableGraderOf>> | undefined;

/** Loaded when it is first asked for. */
function tableOf(file: RowFile): Promise<TraceTable> {
  table ??= import('../../store/trace-table/trace-table.ts').then(async (module) => {
    sentOrder = -1;
    const grader = (): NonNullable<typeof tableGrader> => {
      // One pool of threads, whatever the columns.
      tableGrader ??= import('./grader.ts').then(({ tableGraderOf }) => tableGraderOf(dist));
      return tableGrader;
    };
    const made = new module.TraceTable(file, basename(path), columns, grader, await saving, new FileFindings(path));
    await made.restore();
    return made;
  });
  return table;
}

async function find(
  file: RowFile,
  request: Extract<FileRequest, { kind: 'find' }> & { id: number },
  signal: AbortSignal,
): Promise<FoundInFile> {
  reviews = request.reviews ?? reviews;
  const traces = await tableOf(file);
  const found = await traces.find({ ...request, reviews }, workOf(request.id, signal));
  const isNew = sentOrder !== traces.order.version;
  sentOrder = traces.order.version;
  return { ...found, reading: traces.reading, ...(isNew && { several: traces.order.several }) };
}

async function grow(file: RowFile): Promise<number | undefined> {
  const now = stampOf();
  const from = await file.grow();
  if (from === undefined) return undefined;
  stamp = now;
  // What was saved is of the file before. A table that is made from now on must not take it.
  saving = Promise.resolve(undefined);
  (await table)?.forgetFrom(from);
  void search(file);
  return from;
}

function workOf(id: number, signal: AbortSignal) {
  let reported = 0;
  return {
    signal,
    progress: (doing: 'rows' | 'grades' | 'texts', share: number): void => {
      if (performance.now() - reported < REPORT_MS) return;
      reported = performance.now();
      send({ id, progress: { doing, share } });
    },
  };
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

port.on('message', (message: ToFileThread) => {
  const { id } = message;
  if (message.kind === 'abort') {
    running.get(id)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(id, controller);
  answer(message, controller.signal)
    .then(
      (value) => send({ id, value }),
      (error: unknown) => {
        const kind = error instanceof UserError ? error.kind : 'file';
        send({ id, error: { message: messageOf(error), advice: adviceOf(error) ?? '', kind } });
      },
    )
    .finally(() => running.delete(id));
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
