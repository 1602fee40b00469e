import { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { messageOf, UserError } from '../../core/errors.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { MAX_ROW, type SourceOptions, type SourceRow } from './row.ts';

/** The rows of a CSV file with a header, as objects of strings. The delimiter is the most frequent of `,`, `;` and tab in the header. */
export async function* csvRows(path: string, header: string, options: SourceOptions = {}): AsyncGenerator<SourceRow> {
  const progress = { read: 0 };
  const skipped: SourceRow[] = [];
  let lastLine = 1;
  const parser = parse({
    columns: (names: string[]) => names.map((name) => name.trim()),
    delimiter: delimiterOf(header),
    info: true,
    max_record_size: MAX_ROW,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const line = error instanceof CsvError && typeof error.lines === 'number' ? error.lines : lastLine + 1;
      skipped.push({ line, read: progress.read, reason: reasonOf(error) });
      lastLine = line;
      return undefined;
    },
  });
  const source = Readable.from(decoded(path, progress, options.signal));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: unknown; info: Info }>) {
      yield* skipped.splice(0);
      // The line where the record begins; a quoted text may end many lines below.
      yield { line: lastLine + 1, read: progress.read, row: record };
      lastLine = info.lines;
    }
    yield* skipped.splice(0);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield* skipped.splice(0);
    yield { line: lastLine + 1, read: progress.read, reason: reasonOf(error) };
  } finally {
    source.destroy();
  }
}

/** The text of a file. @throws UserError `source` when it is not UTF-8, since many programs write CSV in a local code page */
async function* decoded(path: string, progress: { read: number }, signal?: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of await openReadStream(path, { signal })) {
      const bytes = chunk as Buffer;
      progress.read += bytes.length;
      yield decoder.decode(bytes, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError('source', 'The file is not valid UTF-8.', 'Save it as “CSV UTF-8” and import it again.');
  }
}

function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: bare.split(mark).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CsvError)) return messageOf(error);
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_COLUMNS':
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return 'it has a different number of columns than the header';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quotation mark is not closed';
    case 'CSV_MAX_RECORD_SIZE':
      return `it is larger than ${MAX_ROW / 1e6} MB; is a quotation mark not closed?`;
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a quotation mark inside a text is not doubled';
    default:
      return error.message;
  }
}
