import { defined } from '../defined.ts';
import type { AnswerFrom, ColumnMapping } from '../schemas/index.ts';
import { findBoxes } from '../text/boxes.ts';
import { chatTurns } from './messages.ts';
import { columnsOf, findColumn, median, mostly, scalarText, valueAt } from './values.ts';

/** Names in lower case without punctuation, the most specific first. */
export const PROBLEM_NAMES = [
  ...['problem', 'question', 'problemtext', 'problemstatement', 'questiontext', 'query', 'prompt'],
  ...['instruction', 'input', 'task'],
];
export const ANSWER_NAMES = [
  ...['gold', 'goldanswer', 'groundtruth', 'expectedanswer', 'expected', 'correctanswer', 'referenceanswer'],
  ...['finalanswer', 'answer', 'final', 'target', 'label', 'result', 'reference'],
];
/** Columns of whole solutions, whose answer must be marked. */
const SOLUTION_NAMES = ['solution', 'rationale', 'explanation', 'output', 'response', 'completion'];
export const ID_NAMES = ['problemid', 'questionid', 'id', 'uniqueid', 'uid', 'uuid', 'idx', 'index'];
export const LEVEL_NAMES = ['level', 'difficulty', 'difficultylevel', 'grade'];
export const TOPIC_NAMES = ['topic', 'subject', 'category', 'domain', 'area', 'type'];
export const SOURCE_NAMES = ['source', 'datasource', 'dataset', 'origin'];
export const LICENCE_NAMES = ['licence', 'license'];

const LONGEST_ANSWER = 200;

/** Why the columns could not be recognised, and what the file has. */
export interface Unrecognised {
  reason: string;
}

/** Finds the columns of a problem file from its first rows (about 50). Nested columns have dotted paths. */
export function recogniseColumns(rows: readonly unknown[]): ColumnMapping | Unrecognised {
  const columns = columnsOf(rows);
  if (columns.length === 0) return { reason: 'The file has no rows with named columns.' };
  const listed = `It has: ${columns.slice(0, 20).join(', ')}.`;
  const problem = problemColumn(columns, rows);
  if (problem === undefined) return { reason: `No column looks like the problem. ${listed}` };
  const rest = columns.filter((column) => column !== problem);
  const answer = answerColumn(rest, rows);
  if (!answer) {
    return {
      reason: `No column looks like the final answer: a short one, one with \\boxed{} or one that ends in “#### 18”. ${listed}`,
    };
  }
  const text = (names: readonly string[]): string | undefined =>
    findColumn(rest, names, rows, (value) => scalarText(value) !== undefined);
  const worked = findColumn(rest, SOLUTION_NAMES.slice(0, 3), rows, isLongText);
  return {
    problem,
    answer: answer.column,
    answerFrom: answer.from,
    ...defined({
      id: text(ID_NAMES),
      solution: worked ?? (answer.from === 'plain' ? undefined : answer.column),
      level: text(LEVEL_NAMES),
      topic: text(TOPIC_NAMES),
      source: text(SOURCE_NAMES),
      licence: text(LICENCE_NAMES),
    }),
  };
}

function problemColumn(columns: readonly string[], rows: readonly unknown[]): string | undefined {
  const found = findColumn(columns, PROBLEM_NAMES, rows, isProblem);
  // Instruction files repeat one instruction and put the problem into the input.
  const constant = found !== undefined && rows.length > 1 && new Set(rows.map((row) => valueAt(row, found))).size === 1;
  return constant ? (findColumn(columns, ['input'], rows, isProblem) ?? found) : found;
}

function isProblem(value: unknown): boolean {
  return isText(value) || (chatTurns(value)?.some((turn) => turn.role === 'user') ?? false);
}

/** Whether a value is a text that is not blank. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isLongText(value: unknown): boolean {
  return typeof value === 'string' && value.trim().length > 20;
}

/** The column of the gold answer and its format. A column of `solutions` must mark its answer. */
export function answerColumn(
  columns: readonly string[],
  rows: readonly unknown[],
  names: readonly string[] = ANSWER_NAMES,
  solutions: readonly string[] = SOLUTION_NAMES,
): { column: string; from: AnswerFrom } | undefined {
  for (const name of [...names, ...solutions]) {
    // A boolean marks another answer as right or wrong.
    const column = findColumn(
      columns,
      [name],
      rows,
      (value) => typeof value !== 'boolean' && scalarText(value) !== undefined,
    );
    const from = column === undefined ? undefined : answerFormat(rows, column);
    if (column === undefined || from === undefined) continue;
    if (from !== 'plain' || names.includes(name)) return { column, from };
  }
  return undefined;
}

/** The most likely format of the answers in a column. */
export function answerFromOf(rows: readonly unknown[], column: string): AnswerFrom {
  return answerFormat(rows, column) ?? 'plain';
}

/** Undefined for long texts without a mark. */
function answerFormat(rows: readonly unknown[], column: string): AnswerFrom | undefined {
  const given = rows.map((row) => scalarText(valueAt(row, column)) ?? '').filter((value) => value !== '');
  if (mostly(given, (value) => /####/.test(String(value)))) return 'hash';
  if (mostly(given, (value) => findBoxes(String(value)).length > 0)) return 'boxed';
  return median(given.map((value) => value.length)) <= LONGEST_ANSWER ? 'plain' : undefined;
}
