import { normaliseProblemText } from '../dataset/normalise.ts';
import { normaliseAnswer } from '../grading/normalise.ts';
import type { Outcome, Verdict } from '../schemas/index.ts';
import type { RowFinding } from './finding.ts';
import { bitsOf, examineRow } from './index.ts';
import { PLACES, writeSignature } from './minhash.ts';
import { type ExaminedRow, type Hit, type RowContext, readRow } from './row.ts';
import { hideSensitive } from './sensitive.ts';
import { hashedWords, hashOf, withoutNamesAndNumbers } from './words.ts';

/** Words of an n-gram: problems are short, and their names and numbers are masked. */
export const PROBLEM_GRAM = 3;
const REPLY_GRAM = 5;
/** Texts of fewer words are only compared as a whole. */
export const FEWEST_PROBLEM_WORDS = 10;
const FEWEST_REPLY_WORDS = 30;
const CHARACTERS_PER_TOKEN = 4;
/** Characters of an answer that are compared with other answers. */
const LONGEST_ANSWER = 200;

/** Outcomes by number; 0 is a row without a verdict. */
export const OUTCOMES: readonly (Outcome | undefined)[] = [
  undefined,
  'correct',
  'incorrect',
  'unknown',
  'timeout',
  'error',
];

/** Flags of a row. */
export const FLAG = { reply: 1, gold: 2, stated: 4, problemSigned: 8, replySigned: 16 } as const;

/** What is kept of a batch of rows, by column. */
export interface ExaminedBatch {
  ids: string[];
  /** 0 without a line. */
  lines: Uint32Array;
  /** Bits of the findings of each row; see bitOf. */
  bits: Uint32Array;
  flags: Uint8Array;
  outcomes: Uint8Array;
  /** Of the replies, counted or estimated. */
  tokens: Uint32Array;
  /** Hashes of the normalised problem and of the reply; 0 where there is none. */
  problems: Float64Array;
  replies: Float64Array;
  /** Two signatures of `PLACES` for each row: problem, then reply. */
  signatures: Uint8Array;
  /** Normalised final answer and gold answer; empty where there is none. */
  answers: string[];
  golds: string[];
  findings: RowFinding[];
}

/** Columns of `length` rows without any value. */
export function emptyBatch(length: number): ExaminedBatch {
  return {
    ids: [],
    lines: new Uint32Array(length),
    bits: new Uint32Array(length),
    flags: new Uint8Array(length),
    outcomes: new Uint8Array(length),
    tokens: new Uint32Array(length),
    problems: new Float64Array(length),
    replies: new Float64Array(length),
    signatures: new Uint8Array(length * 2 * PLACES),
    answers: [],
    golds: [],
    findings: [],
  };
}

/** The numeric columns of a batch, each with as many numbers for every row. */
export function numericColumns(batch: ExaminedBatch): readonly (Uint8Array | Uint32Array | Float64Array)[] {
  const { lines, bits, flags, outcomes, tokens, problems, replies, signatures } = batch;
  return [lines, bits, flags, outcomes, tokens, problems, replies, signatures];
}

/** The rows of several batches, in order. */
export function joinBatches(batches: readonly ExaminedBatch[]): ExaminedBatch {
  const joined = {
    ...emptyBatch(batches.reduce((rows, { lines }) => rows + lines.length, 0)),
    ids: batches.flatMap(({ ids }) => ids),
    answers: batches.flatMap(({ answers }) => answers),
    golds: batches.flatMap(({ golds }) => golds),
    findings: batches.flatMap(({ findings }) => findings),
  };
  for (const [i, column] of numericColumns(joined).entries()) {
    let at = 0;
    for (const batch of batches) {
      const part = numericColumns(batch)[i] ?? [];
      column.set(part, at);
      at += part.length;
    }
  }
  return joined;
}

/** Examines a row and writes it to its place of a batch. */
export function addRow(
  batch: ExaminedBatch,
  at: number,
  row: ExaminedRow,
  verdict: Verdict | undefined,
  context: RowContext,
): void {
  const read = readRow(row, verdict);
  const { problem = '', reply, gold } = row;
  const { text, answer = '' } = read;
  describe(batch, at, row, examineRow(read, context));
  batch.outcomes[at] = Math.max(0, OUTCOMES.indexOf(verdict?.outcome));
  batch.tokens[at] = reply?.tokens ?? Math.ceil(text.length / CHARACTERS_PER_TOKEN);
  batch.problems[at] = hashOf(normaliseProblemText(problem));
  batch.replies[at] = hashOf(reply === undefined ? '' : text);
  batch.answers[at] = verdict?.prediction?.slice(0, LONGEST_ANSWER) ?? comparable(answer, context);
  batch.golds[at] = verdict?.gold?.slice(0, LONGEST_ANSWER) ?? comparable(gold ?? '', context);
  const problemSigned = sign(batch, 2 * at, withoutNamesAndNumbers(problem), PROBLEM_GRAM, FEWEST_PROBLEM_WORDS);
  const replySigned = sign(batch, 2 * at + 1, text, REPLY_GRAM, FEWEST_REPLY_WORDS);
  batch.flags[at] =
    (reply === undefined ? 0 : FLAG.reply) |
    (gold === undefined ? 0 : FLAG.gold) |
    (read.isStated ? FLAG.stated : 0) |
    (problemSigned ? FLAG.problemSigned : 0) |
    (replySigned ? FLAG.replySigned : 0);
}

/** Writes a row that can’t be examined to its place of a batch. */
export function addUnexamined(
  batch: ExaminedBatch,
  at: number,
  row: Pick<ExaminedRow, 'id' | 'line'>,
  reason: string,
): void {
  describe(batch, at, row, [{ finding: 'not-examined', reason }]);
  batch.answers[at] = '';
  batch.golds[at] = '';
}

function describe(
  batch: ExaminedBatch,
  at: number,
  { id, line }: Pick<ExaminedRow, 'id' | 'line'>,
  hits: readonly Hit[],
): void {
  batch.ids[at] = id;
  batch.lines[at] = line ?? 0;
  batch.bits[at] = bitsOf(hits);
  for (const { reason, ...hit } of hits)
    batch.findings.push({ ...hit, reason: hideSensitive(reason), id, ...(line === undefined ? {} : { line }) });
}

function sign(batch: ExaminedBatch, signature: number, text: string, gram: number, fewest: number): boolean {
  const words = hashedWords(text);
  return words.length >= fewest && writeSignature(words, gram, batch.signatures, signature * PLACES);
}

/** An answer of which spelling makes little difference. */
function comparable(answer: string, { policy }: RowContext): string {
  return answer === '' ? '' : normaliseAnswer(answer.slice(0, LONGEST_ANSWER), policy);
}
