import { hash } from 'node:crypto';
import { z } from 'zod';
import { normaliseProblemText } from '../../core/dataset/normalise.ts';
import { defined } from '../../core/defined.ts';
import { StepChange, stepChange } from '../../core/review/steps.ts';
import {
  BEHAVIOURS,
  Chain,
  ChainClass,
  ChainOrigin,
  chainReplyOutcome,
  GradeLine,
  JudgementLine,
  NoAnswer,
  Outcome,
  OverrideOutcome,
  Problem,
  parentOf,
  ReviewAct,
  type Span,
} from '../../core/schemas/index.ts';
import { isTooDeep, TOO_DEEP } from '../lines/parse-json.ts';
import { quickCheck } from '../lines/quick-check.ts';
import { coded, count, digest, largeCount, optionalWord, rankedText, text, word } from './columns.ts';
import type { Place, RowIn, Shape } from './segment.ts';

/** A problem in the index. */
const problemShape = {
  id: text,
  /** Normalised, as is the topic. */
  level: coded(z.union([z.number(), z.string()]).optional()),
  topic: optionalWord,
  source: optionalWord,
  /** Of the normalised text. */
  hash: digest,
  /** UTF-16 code units of the problem. */
  size: count,
};
export type ProblemRow = RowIn<typeof problemShape>;

const Behaviours = z.array(z.number().int().nonnegative()).length(BEHAVIOURS.length);

/** A chain in the index. */
const chainShape = {
  id: rankedText,
  round: word,
  problemId: word,
  origin: coded(ChainOrigin),
  /** Id of the chain that it continues or repairs. */
  parent: optionalWord,
  class: coded(ChainClass.optional()),
  outcome: coded(Outcome),
  /** Of the first answer of a dialogue chain. */
  first: coded(Outcome.optional()),
  /** How the graded reply ended; absent when it was answered. */
  ended: coded(NoAnswer.optional()),
  passed: coded(z.boolean()),
  /** Ids of the failed filters. */
  failed: coded(z.array(z.string())),
  /** Number of spans by BEHAVIOURS, without reviewers' labels. */
  behaviours: coded(Behaviours),
  /** Acts by BEHAVIOURS; null where those of a span are unknown. */
  acts: coded(z.array(z.number().int().nonnegative().nullable()).length(BEHAVIOURS.length)),
  model: word,
  /** Completion tokens. */
  tokens: largeCount,
  /** Whether the number of tokens is estimated. */
  estimated: coded(z.boolean()),
  /** UTF-16 code units of the text, and of the part that is trained. */
  size: count,
  trained: count,
  /** Of the text; finds a trace that is imported again. */
  hash: digest,
  /** Of the text without outer spaces; finds duplicates. */
  trimmed: digest,
};
export type ChainRow = RowIn<typeof chainShape>;

/** A judgement in the index. */
const judgementShape = {
  chainId: text,
  /** Hash of the judged text. */
  text,
  /** Judged sentences. */
  judged: largeCount,
  /** Sentences in which the classifier differs. */
  differ: largeCount,
  /** As ChainRow.behaviours, with the judgement. */
  behaviours: coded(Behaviours),
};
export type JudgementRow = RowIn<typeof judgementShape>;

/** A graded answer in the index. */
const gradeShape = {
  key: text,
  problemId: word,
  piece: word,
  index: largeCount,
  outcome: coded(Outcome),
  /** As GradeLine.reply. */
  reply: coded(NoAnswer.optional()),
  /** No final answer was found in the text. */
  noAnswer: coded(z.literal(true).optional()),
};
export type GradeRow = RowIn<typeof gradeShape>;

/** A review act in the index: enough to fold the decision, without texts. */
const actShape = {
  id: text,
  at: text,
  reviewer: word,
  chainId: word,
  act: coded(z.enum(ReviewAct.options.map((option) => option.shape.act.value))),
  target: optionalWord,
  /** Of an override. */
  outcome: coded(OverrideOutcome.optional()),
  tag: optionalWord,
  /** Of an assignment. */
  to: optionalWord,
  /** What it changes of the labels of steps. */
  steps: coded(StepChange.optional()),
  batch: coded(ReviewAct.options[0].shape.batch),
};
export type ActRow = RowIn<typeof actShape>;

/** The value of a line, or why it is invalid. Its nesting has no limit yet. */
function reader<T>(schema: z.ZodType<T>): (value: unknown) => T | string {
  const isValid = quickCheck(schema);
  return (value) => {
    if (isValid(value)) return value as T;
    if (isTooDeep(value)) return TOO_DEEP_LINE;
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : reasonOf(parsed.error);
  };
}

/** A row, or why the line is invalid; undefined for a line that is only checked. */
export type RowOf<Row> = (value: unknown, at: Place) => Row | string | undefined;

export const readProblem = reader(Problem);
export const readChain = reader(Chain);
const readJudgement = reader(JudgementLine);
const readGrade = reader(GradeLine);
const readAct = reader(ReviewAct);

const problemRow: RowOf<ProblemRow> = (value, at) => {
  const problem = readProblem(value);
  if (typeof problem === 'string') return problem;
  return {
    ...at,
    id: problem.id,
    ...defined({ level: problem.level, topic: problem.topic, source: problem.source }),
    hash: problemHash(problem.problem),
    size: problem.problem.length,
  };
};

const chainRow: RowOf<ChainRow> = (value, at) => {
  const chain = readChain(value);
  if (typeof chain === 'string') return chain;
  const outcome = chainReplyOutcome(chain.pieces);
  const ended = outcome === 'answered' ? undefined : outcome;
  const first = chain.pieces.find(({ piece }) => piece === 'answer[1]')?.verdict?.outcome;
  return {
    ...at,
    id: chain.id,
    // The folder counts: the lines of a renamed or copied round have its old name.
    round: at.file.split('/')[1] ?? chain.round,
    problemId: chain.problemId,
    origin: chain.origin,
    outcome: chain.verdict.outcome,
    ...defined({ parent: parentOf(chain), class: chain.class, ended, first }),
    passed: chain.passed,
    failed: chain.filters.filter((filter) => !filter.passed).map((filter) => filter.id),
    ...countSpans(chain.spans),
    model: chain.model,
    tokens: chain.tokens.count,
    estimated: chain.tokens.estimated,
    size: chain.text.length,
    trained: chain.segments.reduce((sum, { start, end, train }) => sum + (train ? end - start : 0), 0),
    ...hashesOf(chain.text),
  };
};

/** Spans and acts by BEHAVIOURS. A plain loop: every chain of a dataset is counted, and a long one has many spans. */
function countSpans(spans: readonly Span[]): Pick<ChainRow, 'behaviours' | 'acts'> {
  const behaviours = BEHAVIOURS.map(() => 0);
  const starts: (Set<number> | null)[] = BEHAVIOURS.map(() => new Set());
  for (const { kind, acts } of spans) {
    const at = BEHAVIOURS.indexOf(kind);
    behaviours[at] = (behaviours[at] ?? 0) + 1;
    const known = starts[at];
    if (acts === undefined) starts[at] = null;
    else if (known) for (const { start } of acts) known.add(start);
  }
  return { behaviours, acts: starts.map((known) => known?.size ?? null) };
}

const judgementRow: RowOf<JudgementRow> = (value, at) => {
  const line = readJudgement(value);
  if (typeof line === 'string') return line;
  const { chainId, text, differ, spans } = line;
  const failed = line.failed.reduce((sum, window) => sum + window.to - window.from + 1, 0);
  return { ...at, chainId, text, judged: Math.max(0, line.sentences - failed), differ, behaviours: spans };
};

const gradeRow: RowOf<GradeRow> = (value, at) => {
  const grade = readGrade(value);
  if (typeof grade === 'string') return grade;
  const { key, problemId, piece, index, reply, verdict } = grade;
  const noAnswer = verdict.extracted === undefined ? (true as const) : undefined;
  return { ...at, key, problemId, piece, index, outcome: verdict.outcome, ...defined({ reply, noAnswer }) };
};

const actRow: RowOf<ActRow> = (value, at) => {
  const act = readAct(value);
  if (typeof act === 'string') return act;
  return {
    ...at,
    id: act.id,
    at: act.at,
    reviewer: act.reviewer,
    chainId: act.chainId,
    act: act.act,
    ...('target' in act && { target: act.target }),
    ...(act.act === 'override' && { outcome: act.outcome }),
    ...('tag' in act && { tag: act.tag }),
    ...(act.act === 'assign' && { to: act.to }),
    ...defined({ batch: act.batch, steps: stepChange(act) }),
  };
};

/** What is stored of each line of the files of a kind. */
export interface RowKind<Row extends Place> {
  readonly kind: string;
  readonly shape: Shape<Row>;
  readonly row: RowOf<Row>;
}

export const PROBLEMS: RowKind<ProblemRow> = { kind: 'problems', shape: problemShape, row: problemRow };
export const CHAINS: RowKind<ChainRow> = { kind: 'chains', shape: chainShape, row: chainRow };
export const GRADES: RowKind<GradeRow> = { kind: 'grades', shape: gradeShape, row: gradeRow };
export const JUDGEMENTS: RowKind<JudgementRow> = { kind: 'judgements', shape: judgementShape, row: judgementRow };
export const REVIEWS: RowKind<ActRow> = { kind: 'reviews', shape: actShape, row: actRow };
/** The kinds that threads can read. */
export const ROW_KINDS = [PROBLEMS, CHAINS, GRADES, JUDGEMENTS, REVIEWS] as unknown as readonly RowKind<Place>[];

/** 64 bits of SHA-256 of the normalised text; a collision among 10 million problems has probability 3e-6. */
export function problemHash(text: string): string {
  return textHash(normaliseProblemText(text));
}

/** Of a text, and of the text without outer spaces. */
function hashesOf(text: string): { hash: string; trimmed: string } {
  const hash = textHash(text);
  const trimmed = text.trim();
  return { hash, trimmed: trimmed.length === text.length ? hash : textHash(trimmed) };
}

export function textHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

const TOO_DEEP_LINE = `the line is not valid JSON: ${TOO_DEEP}`;

/** Checks a line of a file that has no rows in the index. */
export function checkedBy(schema: z.ZodType): (value: unknown) => string | undefined {
  const isValid = quickCheck(schema);
  return (value) => {
    if (isValid(value)) return undefined;
    if (isTooDeep(value)) return TOO_DEEP_LINE;
    const { error } = schema.safeParse(value);
    return error && reasonOf(error);
  };
}

function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the line has another shape'}`;
}
