import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../core/errors.ts';
import { ROW_KINDS, type RowKind } from './rows.ts';
import { type FilePart, type FileRead, readPart, splitFile } from './scan-part.ts';
import { decodeSegment, encodeColumns, type Place, Segment } from './segment.ts';

/** `workerData` of a thread. */
export interface PartTask {
  path: string;
  /** Its name in the dataset. */
  file: string;
  kind: string;
  part: FilePart;
}

/** What a thread sends: the rows as encodeColumns writes them. Lines are counted from 1 where the part begins. */
export interface PartRead {
  bytes: Uint8Array<ArrayBuffer>;
  read: FileRead;
}

const MOST_THREADS = 8;
/** Bytes that are worth a thread, which takes 50 ms to start. */
const LEAST = 16 * 1024 * 1024;
/** Threads and this process are of one version. */
const SEGMENT_VERSION = 0;

/** Reads large files of a dataset in threads, a part of the file in each. */
export class ScanThreads {
  readonly #worker: string;
  readonly #most: number;
  readonly #least: number;
  readonly #log: (text: string) => void;

  /** @param worker The script of the threads. `least`: bytes for a thread. */
  constructor(
    worker: string,
    log: (text: string) => void,
    { most = Math.min(MOST_THREADS, availableParallelism()), least = LEAST } = {},
  ) {
    this.#worker = worker;
    this.#most = most;
    this.#least = least;
    this.#log = log;
  }

  /**
   * Adds the rows of a file from `part.from` to its `size` to `rows`; see readPart.
   * @returns undefined where the file is too small for threads, or they can't read it. Then no row was added.
   */
  async read<Row extends Place>(
    path: string,
    { from, size, line }: { from: number; size: number; line: number },
    rows: Segment<Row>,
    of: RowKind<Row>,
  ): Promise<FileRead | undefined> {
    const count = Math.min(this.#most, Math.floor((size - from) / this.#least));
    if (count < 2) return undefined;
    try {
      const parts = await splitFile(path, from, size, count);
      const { file } = rows;
      const found = await Promise.all(parts.map((part) => this.#run({ path, file, kind: of.kind, part })));
      return joinParts(found, rows, of, line);
    } catch (error) {
      this.#log(`${path} is not read in threads: ${messageOf(error)}`);
      return undefined;
    }
  }

  #run(task: PartTask): Promise<PartRead> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#worker, { name: 'scan', workerData: task });
      worker.on('message', resolve);
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
  }
}

/** Reads a part, in a thread. @throws Error for an unknown kind; as readPart */
export async function readTask({ path, file, kind, part }: PartTask): Promise<PartRead> {
  const found = ROW_KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`${kind} can’t be read in a thread`);
  const rows = new Segment(file, found.shape);
  const read = await readPart(path, part, rows, found.row, 1);
  return { bytes: encodeColumns(rows, SEGMENT_VERSION, { file }, null), read };
}

/** Appends the rows of all parts, in order, to `rows`. @param firstLine Number of the line in which the first part begins. */
export function joinParts<Row extends Place>(
  found: readonly PartRead[],
  rows: Segment<Row>,
  { shape }: RowKind<Row>,
  firstLine: number,
): FileRead {
  const { file } = rows;
  const segments = found.map(({ bytes }) => decodeSegment(Buffer.from(bytes.buffer), SEGMENT_VERSION, { file }, shape));
  for (const { segment } of segments) rows.append(segment);
  const whole: FileRead = { bad: [], readTo: 0, line: firstLine };
  for (const { read } of found) {
    // A part begins in the line in which the one before it ends.
    const before = whole.line - 1;
    for (const row of read.bad) whole.bad.push({ ...row, line: row.line + before });
    if (read.torn) whole.torn = { ...read.torn, line: read.torn.line + before };
    whole.readTo = read.readTo;
    whole.line = read.line + before;
  }
  return whole;
}
