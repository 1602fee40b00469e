import { createHash } from 'node:crypto';
import { z } from 'zod';
import { normaliseProblemText } from '../core/importing/normalise.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  Chain,
  ChainClass,
  ChainOrigin,
  GradeLine,
  JudgementLine,
  Outcome,
  OverrideOutcome,
  Problem,
  ReviewAct,
} from '../core/model/index.ts';

/** Where a line stands: file relative to the dataset with `/`, offset and length in bytes. */
export interface Place {
  file: string;
  offset: number;
  length: number;
}

const place = { file: z.string(), offset: z.number().int().nonnegative(), length: z.number().int().nonnegative() };

/** What the index holds of a problem. */
export const ProblemRow = z.object({
  ...place,
  id: z.string(),
  level: z.string().optional(),
  topic: z.string().optional(),
  source: z.string().optional(),
  /** Of the normalised text: equal for problems that are the same to a reader. */
  hash: z.string(),
  /** UTF-16 code units of the problem. */
  size: z.number().int(),
});
export type ProblemRow = z.infer<typeof ProblemRow>;

/** What the index holds of a chain. */
export const ChainRow = z.object({
  ...place,
  id: z.string(),
  round: z.string(),
  problemId: z.string(),
  origin: ChainOrigin,
  class: ChainClass.optional(),
  outcome: Outcome,
  passed: z.boolean(),
  /** Ids of the filters that it did not pass. */
  failed: z.array(z.string()),
  /** Spans of each kind, in the order of BEHAVIOURS, before any reviewer's labels. */
  behaviours: z.array(z.number().int()).length(BEHAVIOURS.length),
  model: z.string(),
  /** UTF-16 code units of the text. */
  size: z.number().int(),
  /** Of the text as it stands: tells a trace that is imported a second time. */
  hash: z.string(),
});
export type ChainRow = z.infer<typeof ChainRow>;

/** What the index holds of a judgement. */
export const JudgementRow = z.object({
  ...place,
  chainId: z.string(),
  /** Hash of the judged text. */
  text: z.string(),
  /** Sentences of the text of which the judge said something. */
  judged: z.number().int(),
  /** Those in which the detectors say something else. */
  differ: z.number().int(),
  /** As ChainRow.behaviours, with the judgement. */
  behaviours: z.array(z.number().int()).length(BEHAVIOURS.length),
});
export type JudgementRow = z.infer<typeof JudgementRow>;

/** What the index holds of a graded answer. */
export const GradeRow = z.object({
  ...place,
  key: z.string(),
  problemId: z.string(),
  piece: z.string(),
  outcome: Outcome,
  truncated: z.literal(true).optional(),
});
export type GradeRow = z.infer<typeof GradeRow>;

/** What the index holds of a review act: enough to fold the decision, not the texts. */
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
});
export type ActRow = z.infer<typeof ActRow>;

/** A row, or why the line is none. */
export type RowOf<Row> = (value: unknown, at: Place) => Row | string;

export const problemRow: RowOf<ProblemRow> = (value, at) => {
  const { data: problem, error } = Problem.safeParse(value);
  if (!problem) return complaint(error);
  return {
    ...at,
    id: problem.id,
    ...(problem.level === undefined ? {} : { level: String(problem.level) }),
    ...(problem.topic === undefined ? {} : { topic: problem.topic }),
    ...(problem.source === undefined ? {} : { source: problem.source }),
    hash: problemHash(problem.problem),
    size: problem.problem.length,
  };
};

export const chainRow: RowOf<ChainRow> = (value, at) => {
  const { data: chain, error } = Chain.safeParse(value);
  if (!chain) return complaint(error);
  const count = (kind: Behaviour): number => chain.spans.filter((span) => span.kind === kind).length;
  return {
    ...at,
    id: chain.id,
    // The folder is the truth: a round that was renamed or copied keeps the old name in its lines.
    round: at.file.split('/')[1] ?? chain.round,
    problemId: chain.problemId,
    origin: chain.origin,
    ...(chain.class ? { class: chain.class } : {}),
    outcome: chain.verdict.outcome,
    passed: chain.passed,
    failed: chain.filters.filter((filter) => !filter.passed).map((filter) => filter.id),
    behaviours: BEHAVIOURS.map(count),
    model: chain.model,
    size: chain.text.length,
    hash: textHash(chain.text),
  };
};

export const judgementRow: RowOf<JudgementRow> = (value, at) => {
  const { data: line, error } = JudgementLine.safeParse(value);
  if (!line) return complaint(error);
  const { chainId, text, differ, spans } = line;
  const failed = line.failed.reduce((sum, window) => sum + window.to - window.from + 1, 0);
  return { ...at, chainId, text, judged: Math.max(0, line.sentences - failed), differ, behaviours: spans };
};

export const gradeRow: RowOf<GradeRow> = (value, at) => {
  const { data: grade, error } = GradeLine.safeParse(value);
  if (!grade) return complaint(error);
  const { key, problemId, piece, truncated } = grade;
  return { ...at, key, problemId, piece, outcome: grade.verdict.outcome, ...(truncated ? { truncated } : {}) };
};

export const actRow: RowOf<ActRow> = (value, at) => {
  const { data: act, error } = ReviewAct.safeParse(value);
  if (!act) return complaint(error);
  return {
    ...at,
    id: act.id,
    at: act.at,
    reviewer: act.reviewer,
    chainId: act.chainId,
    act: act.act,
    ...('target' in act ? { target: act.target } : {}),
    ...(act.act === 'override' ? { outcome: act.outcome } : {}),
  };
};

/** 64 bits of SHA-256 of the normalised text; among 10 million problems a chance equality has probability 3e-6. */
export function problemHash(text: string): string {
  return textHash(normaliseProblemText(text));
}

export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function complaint(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'the line has another shape'}`;
}
