import { createHash } from 'node:crypto';
import { z } from 'zod';
import { behaviourRates } from '../../core/behaviours/rates.ts';
import { normaliseProblemText } from '../../core/dataset/normalise.ts';
import { defined } from '../../core/defined.ts';
import {
  BEHAVIOURS,
  type Behaviour,
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
  ReviewAct,
} from '../../core/schemas/index.ts';

/** The place of a line: file relative to the dataset with `/`, offset and length in bytes. */
export interface Place {
  file: string;
  offset: number;
  length: number;
}

const place = { file: z.string(), offset: z.number().int().nonnegative(), length: z.number().int().nonnegative() };
export const PlaceRow = z.object(place);

/** A problem in the index. */
export const ProblemRow = z.object({
  ...place,
  id: z.string(),
  /** Normalised, as is the topic. */
  level: z.union([z.number(), z.string()]).optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  /** Of the normalised text. */
  hash: z.string(),
  /** UTF-16 code units of the problem. */
  size: z.number().int(),
});
export type ProblemRow = z.infer<typeof ProblemRow>;

/** A chain in the index. */
export const ChainRow = z.object({
  ...place,
  id: z.string(),
  round: z.string(),
  problemId: z.string(),
  origin: ChainOrigin,
  class: ChainClass.optional(),
  outcome: Outcome,
  /** Of the first answer of a dialogue chain. */
  first: Outcome.optional(),
  /** How the graded reply ended; absent when it was answered. */
  ended: NoAnswer.optional(),
  passed: z.boolean(),
  /** Ids of the failed filters. */
  failed: z.array(z.string()),
  /** Number of spans by BEHAVIOURS, without reviewers' labels. */
  behaviours: z.array(z.number().int()).length(BEHAVIOURS.length),
  /** Acts by BEHAVIOURS; null where those of a span are unknown. */
  acts: z.array(z.number().int().nullable()).length(BEHAVIOURS.length),
  model: z.string(),
  /** Completion tokens. */
  tokens: z.number().int().nonnegative(),
  /** UTF-16 code units of the text. */
  size: z.number().int(),
  /** Of the text; finds a trace that is imported again. */
  hash: z.string(),
});
export type ChainRow = z.infer<typeof ChainRow>;

/** A judgement in the index. */
export const JudgementRow = z.object({
  ...place,
  chainId: z.string(),
  /** Hash of the judged text. */
  text: z.string(),
  /** Judged sentences. */
  judged: z.number().int(),
  /** Sentences in which the classifier differs. */
  differ: z.number().int(),
  /** As ChainRow.behaviours, with the judgement. */
  behaviours: z.array(z.number().int()).length(BEHAVIOURS.length),
});
export type JudgementRow = z.infer<typeof JudgementRow>;

/** A graded answer in the index. */
export const GradeRow = z.object({
  ...place,
  key: z.string(),
  problemId: z.string(),
  piece: z.string(),
  index: z.number().int().nonnegative(),
  outcome: Outcome,
  /** As GradeLine.reply. */
  reply: NoAnswer.optional(),
  /** No final answer was found in the text. */
  noAnswer: z.literal(true).optional(),
});
export type GradeRow = z.infer<typeof GradeRow>;

/** A review act in the index: enough to fold the decision, without texts. */
export const ActRow = z.object({
  ...place,
  id: z.string(),
  at: z.string(),
  reviewer: z.string(),
  chainId: z.string(),
  act: z.enum(ReviewAct.options.map((option) => option.shape.act.value)),
  target: z.string().optional(),
  /** Of an override. */
  outcome: OverrideOutcome.optional(),
  tag: z.string().optional(),
  /** Of an assignment. */
  to: z.string().optional(),
  batch: ReviewAct.options[0].shape.batch,
});
export type ActRow = z.infer<typeof ActRow>;

/** A row, or why the line is invalid; undefined for a line that is only checked. */
export type RowOf<Row> = (value: unknown, at: Place) => Row | string | undefined;

export const problemRow: RowOf<ProblemRow> = (value, at) => {
  const { data: problem, error } = Problem.safeParse(value);
  if (!problem) return reasonOf(error);
  return {
    ...at,
    id: problem.id,
    ...defined({ level: problem.level, topic: problem.topic, source: problem.source }),
    hash: problemHash(problem.problem),
    size: problem.problem.length,
  };
};

export const chainRow: RowOf<ChainRow> = (value, at) => {
  const { data: chain, error } = Chain.safeParse(value);
  if (!chain) return reasonOf(error);
  const ended = NoAnswer.safeParse(chainReplyOutcome(chain.pieces)).data;
  const first = chain.pieces.find(({ piece }) => piece === 'answer[1]')?.verdict?.outcome;
  // Per 1,000 of 1,000 tokens: the numbers themselves.
  const rates = behaviourRates(chain.spans, { tokens: 1000, characters: 0 });
  const count = (kind: Behaviour): number => chain.spans.filter((span) => span.kind === kind).length;
  return {
    ...at,
    id: chain.id,
    // The folder counts: the lines of a renamed or copied round have its old name.
    round: at.file.split('/')[1] ?? chain.round,
    problemId: chain.problemId,
    origin: chain.origin,
    outcome: chain.verdict.outcome,
    ...defined({ class: chain.class, ended, first }),
    passed: chain.passed,
    failed: chain.filters.filter((filter) => !filter.passed).map((filter) => filter.id),
    behaviours: BEHAVIOURS.map(count),
    acts: BEHAVIOURS.map((kind) => rates[kind].acts ?? null),
    model: chain.model,
    tokens: chain.tokens.count,
    size: chain.text.length,
    hash: textHash(chain.text),
  };
};

export const judgementRow: RowOf<JudgementRow> = (value, at) => {
  const { data: line, error } = JudgementLine.safeParse(value);
  if (!line) return reasonOf(error);
  const { chainId, text, differ, spans } = line;
  const failed = line.failed.reduce((sum, window) => sum + window.to - window.from + 1, 0);
  return { ...at, chainId, text, judged: Math.max(0, line.sentences - failed), differ, behaviours: spans };
};

export const gradeRow: RowOf<GradeRow> = (value, at) => {
  const { data: grade, error } = GradeLine.safeParse(value);
  if (!grade) return reasonOf(error);
  const { key, problemId, piece, index, reply, verdict } = grade;
  const noAnswer = verdict.extracted === undefined ? (true as const) : undefined;
  return { ...at, key, problemId, piece, index, outcome: verdict.outcome, ...defined({ reply, noAnswer }) };
};

export const actRow: RowOf<ActRow> = (value, at) => {
  const { data: act, error } = ReviewAct.safeParse(value);
  if (!act) return reasonOf(error);
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
    ...defined({ batch: act.batch }),
  };
};

/** 64 bits of SHA-256 of the normalised text; a collision among 10 million problems has probability 3e-6. */
export function problemHash(text: string): string {
  return textHash(normaliseProblemText(text));
}

export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Checks a line of a file that has no rows in the index. */
export function checkedBy(schema: z.ZodType): (value: unknown) => string | undefined {
  return (value) => {
    const { error } = schema.safeParse(value);
    return error && reasonOf(error);
  };
}

function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the line has another shape'}`;
}
