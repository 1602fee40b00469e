import { basename, extname } from 'node:path';
import { ANSWER_NAMES } from '../../core/dataset/columns.ts';
import { columnsOf, valueAt } from '../../core/dataset/index.ts';
import { findColumn } from '../../core/dataset/values.ts';
import { columnSample } from '../dataset/import-preview.ts';

/** What a row needs: the trusted answer, and the text that is graded. */
export type GradedPart = 'gold' | 'prediction';

/** Usual column names of model outputs, without case and marks, the clearest first. */
const PREDICTION_NAMES = [
  ...['prediction', 'modeloutput', 'modelresponse', 'modelanswer', 'response', 'output', 'completion'],
  ...['generation', 'generatedtext', 'pred', 'solution', 'text', 'answer'],
];

/** What `longhand grade` adds to a row; a test grades one and compares. */
const ADDED = ['verdict', 'extracted', 'method', 'ms', 'detail', 'forms'];

/** What grading reads as an answer: text, numbers, truth values; null is an empty one. */
const isAnswer = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Whether some of the first rows have an answer under this dotted path. */
export function hasColumn(rows: readonly unknown[], column: string): boolean {
  return rows.some((row) => isAnswer(valueAt(row, column)));
}

/** A column to choose from, with its first value. */
export interface ColumnOffer {
  label: string;
  description: string;
  value: string;
}

/**
 * The columns of the first rows that could be the gold answer or the prediction, and the one that looks most like it. What an earlier
 * grading added is neither.
 *
 * @param taken The column that is the other part already: it is not offered again.
 */
export function columnOffers(
  rows: readonly unknown[],
  part: GradedPart,
  taken: string | undefined,
): { offers: ColumnOffer[]; likely: string | undefined } {
  const wasGraded = rows.some((row) => ADDED.every((key) => valueAt(row, key) !== undefined));
  const isAdded = (column: string): boolean => wasGraded && ADDED.includes(column.split('.')[0] ?? '');
  const columns = columnsOf(rows).filter((column) => column !== taken && hasColumn(rows, column) && !isAdded(column));
  const names = part === 'gold' ? ANSWER_NAMES : PREDICTION_NAMES;
  return {
    offers: columns.map((value) => ({ label: value, description: columnSample(rows, value), value })),
    likely: findColumn(columns, names, rows, isAnswer),
  };
}

/** `rows.jsonl` → `rows.graded`, without an ending; one that was graded before is not called so twice. */
export function gradedName(file: string): string {
  return `${basename(file, extname(file)).replace(/\.graded(?:-\d+)?$/, '')}.graded`;
}
