import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { annotate } from '../../core/behaviours/annotate.ts';
import type { Head } from '../../core/behaviours/head/inputs.ts';
import { type CandidateAnswer, type GradedCandidate, transitions } from '../../core/behaviours/index.ts';
import { type Row, valueAt } from '../../core/dataset/values.ts';
import { defined } from '../../core/defined.ts';
import { BEHAVIOURS, type Behaviour, type GradingPolicy } from '../../core/schemas/index.ts';
import { formatCount, formatSeconds, plural } from '../../core/text/format.ts';
import { candidateOutcomes } from '../../grading/candidates.ts';
import { GradingPool } from '../../grading/pool.ts';
import { headInUse } from '../../runner/classifier/head.ts';
import { Dataset } from '../../store/index.ts';
import type { LineRead } from '../../store/lines/files.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { formatCounts, lines } from '../format.ts';
import { policyOf, textAt } from '../grading/grade-rows.ts';
import type { Print, Run } from '../index.ts';
import { extendedRow, type RowWork, rowOf, streamRows } from '../rows/stream.ts';

/** Rows in flight for each worker: a row waits for the grading of its candidates. */
const WINDOW = 4;

export const run: Run<'annotate'> = async ({ file, out, textKey, ...args }, context) => {
  const policy = policyOf(args.policy);
  if (typeof policy === 'string') throw new VerbError(policy, 'docs/reference/grading.md describes each policy.');
  const workers = args.workers ?? availableParallelism();
  const pool = new GradingPool({ workerPath: join(context.distFolder, 'grading-worker.mjs'), workers });
  const head = args.dataset === undefined ? undefined : await headOf(args.dataset, context);
  const rows = new AnnotateRows(pool, { textKey, policy, head, signal: context.signal });
  const began = performance.now();
  try {
    await streamRows({ file, out, window: workers * WINDOW }, rows, context);
  } finally {
    await pool.close();
  }
  const { counts } = rows;
  if (counts.rows > 0 && counts.bad === counts.rows) {
    throw new VerbError(
      `No row has a text “${textKey}”.`,
      'Name the column with --text-key. The “error” of each row lists its columns.',
    );
  }
  return { ...counts, ...defined({ out }), seconds: (performance.now() - began) / 1000 };
};

async function headOf(folder: string, { log }: VerbContext): Promise<Head | undefined> {
  const dataset = await Dataset.open(folder, { log, index: false });
  try {
    return await headInUse(dataset, log);
  } finally {
    await dataset.close();
  }
}

export const print: Print<'annotate'> = ({ rows, bad, sentences, spans, candidates, out, seconds }) =>
  lines(
    `${plural(rows, 'row')} annotated${out === undefined ? '' : ` to ${out}`} in ${formatSeconds(seconds)}: ${plural(sentences, 'sentence')}, ${plural(candidates, 'candidate answer')}.`,
    `Spans: ${formatCounts(spans)}.`,
    ...(bad === 0 ? [] : [`Rows without a text: ${formatCount(bad)}. Each has an “error”.`]),
  );

export interface AnnotateOptions {
  readonly textKey: string;
  readonly policy: GradingPolicy;
  /** A dataset's own head of the classifier. */
  readonly head?: Head | undefined;
  readonly signal: AbortSignal;
}

/** Marks sentences, behaviours and candidate answers of texts outside any dataset. A row without a text gets an `error`. */
export class AnnotateRows implements RowWork {
  readonly counts = {
    rows: 0,
    bad: 0,
    characters: 0,
    sentences: 0,
    spans: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, 0])) as Record<Behaviour, number>,
    candidates: 0,
  };
  readonly #pool: GradingPool;
  readonly #options: AnnotateOptions;

  constructor(pool: GradingPool, options: AnnotateOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  async take(line: LineRead): Promise<string> {
    const read = rowOf(line);
    if ('reason' in read) return this.#spoiled(JSON.stringify(read.row), read.row, read.reason);
    const { row } = read;
    const text = valueAt(row, this.#options.textKey);
    if (typeof text !== 'string') {
      const has = Object.keys(row).slice(0, 10).join(', ') || 'nothing';
      return this.#spoiled(read.text, row, `The row has no text “${this.#options.textKey}”; it has ${has}.`);
    }
    return this.#annotated(read.text, row, text);
  }

  progress(): { rows: number; message: string } {
    const { rows, sentences } = this.counts;
    return { rows, message: `${plural(rows, 'row')}, ${plural(sentences, 'sentence')}` };
  }

  async #annotated(line: string, row: Row, text: string): Promise<string> {
    const answer = textAt(row, 'gold')?.trim();
    const gold = answer === '' ? undefined : answer;
    const problem = typeof row.problem === 'string' ? row.problem : undefined;
    const { sentences, spans, candidates } = annotate(text, { gold, problem, head: this.#options.head });
    const graded = await this.#graded(candidates, gold);
    const { counts } = this;
    counts.rows += 1;
    counts.characters += text.length;
    counts.sentences += sentences.length;
    counts.candidates += candidates.length;
    for (const { kind } of spans) counts.spans[kind] += 1;
    const steps = gold === undefined ? {} : { transitions: transitions(graded) };
    return extendedRow(line, row, { sentences, spans, candidates: graded, ...steps });
  }

  /** With an outcome each, where there is a gold answer. */
  async #graded(candidates: readonly CandidateAnswer[], gold: string | undefined): Promise<GradedCandidate[]> {
    if (gold === undefined) return [...candidates];
    const { policy, signal } = this.#options;
    const values = candidates.map(({ answer }) => answer);
    const outcomes = await candidateOutcomes(this.#pool, values, gold, policy, signal);
    return candidates.map((candidate) => {
      const outcome = outcomes[candidate.answer];
      return outcome === undefined ? candidate : { ...candidate, outcome };
    });
  }

  #spoiled(line: string, row: Row, error: string): string {
    this.counts.rows += 1;
    this.counts.bad += 1;
    return extendedRow(line, row, { sentences: [], spans: [], candidates: [], error });
  }
}
