import { stat } from 'node:fs/promises';
import { isRow, valueAt } from '../../core/dataset/values.ts';
import { defined } from '../../core/defined.ts';
import { type GradingRow, sampleOutcome } from '../../core/schemas/index.ts';
import { gradingRows, readGrading } from '../../store/gradings.ts';
import { readLines } from '../../store/lines/files.ts';
import { VerbError } from '../context.ts';
import { numberText } from '../rows/sink.ts';

/** One graded row. */
export interface GradedItem {
  /** Identifies it; undefined where the file has no ids. */
  readonly id: string | undefined;
  readonly gold: string;
  /** The end of the prediction, which holds the answer; absent in gradings of a dataset, whose texts are in its rounds. */
  readonly prediction?: string;
  readonly verdict: string;
  readonly extracted?: string;
  readonly method?: string;
  readonly detail?: string;
}

export interface Keys {
  readonly goldKey: string;
  readonly predictionKey: string;
}

/** Characters of a prediction that are shown. */
const SHOWN = 300;

/** Rows of a grading, to be read from the start as often as it is asked for. */
export type GradedSource = () => AsyncGenerator<GradedItem>;

/** A file that “longhand grade” wrote, or a folder of `gradings/`. Throws VerbError for anything else. */
export async function openGraded(path: string, keys: Keys, log: (text: string) => void): Promise<GradedSource> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) {
    // A source is read more than once.
    const logged = new Set<string>();
    const logOnce = (text: string): void => {
      if (!logged.has(text)) log(text);
      logged.add(text);
    };
    if (await readGrading(path)) return () => fromFolder(path, logOnce);
    throw new VerbError(
      `${path} contains no grading.`,
      'Give a folder of gradings/, or a file that “longhand grade” wrote.',
    );
  }
  if (there) return () => fromFile(path, keys);
  throw new VerbError(`There is no ${path}.`, 'Give a folder of gradings/, or a file that “longhand grade” wrote.');
}

async function* fromFolder(path: string, log: (text: string) => void): AsyncGenerator<GradedItem> {
  // A later row with the same id replaces an earlier one.
  const rows = new Map<string, GradingRow>();
  for await (const row of gradingRows(path, log)) rows.set(`${row.kind} ${row.id}`, row);
  for (const [id, { gold, new: verdict, ended }] of rows) {
    const { outcome, extracted, method, detail } = verdict;
    yield {
      id,
      gold,
      verdict: sampleOutcome(outcome, ended),
      method,
      ...defined({ extracted, detail }),
    };
  }
}

async function* fromFile(path: string, { goldKey, predictionKey }: Keys): AsyncGenerator<GradedItem> {
  for await (const line of readLines(path)) {
    const row = 'error' in line ? undefined : line.value;
    if (!isRow(row) || typeof row.verdict !== 'string') {
      const problem = 'error' in line ? line.error : 'it has no “verdict”';
      throw new VerbError(`${path}, line ${line.line}: ${problem}.`, 'Compare files that “longhand grade” wrote.');
    }
    const id = plain(row.id);
    const prediction = plain(valueAt(row, predictionKey));
    yield {
      id,
      gold: plain(valueAt(row, goldKey)) ?? '',
      verdict: row.verdict,
      ...(prediction === undefined ? {} : { prediction: ending(prediction) }),
      ...(typeof row.extracted === 'string' ? { extracted: row.extracted } : {}),
      ...(typeof row.method === 'string' ? { method: row.method } : {}),
      ...(typeof row.detail === 'string' ? { detail: row.detail } : {}),
    };
  }
}

function plain(value: unknown): string | undefined {
  return typeof value === 'string' ? value : numberText(value);
}

/** The end of a prediction, which holds the answer; all of a short one. */
export function ending(text: string): string {
  return text.length > SHOWN ? `… ${text.slice(-SHOWN)}` : text;
}
