import { z } from 'zod';
import { BEHAVIOURS, Behaviour, PieceName } from './chain.ts';
import { Sampling } from './generation.ts';
import { CallReply, CallRequest } from './round.ts';

const Number1 = z.number().int().positive();
const Offset = z.number().int().nonnegative();

/** The identity and settings of a judge. */
export const Judge = z.object({
  /** Host and port of the endpoint, or `starter`. */
  host: z.string(),
  model: z.string(),
  /** SHA-256 of the prompt file. */
  prompt: z.string(),
  /** SHA-256 of the prompt file of the second pass; absent without one. */
  secondPass: z.string().optional(),
  /** Maximum sentences of a window, and sentences of context. */
  sentences: z.number().int().positive(),
  context: z.number().int().nonnegative(),
  sampling: Sampling,
});
export type Judge = z.infer<typeof Judge>;

/** A sentence that shows a behaviour. `n` is its number in the chain, from 1; offsets are UTF-16 code units of the chain's text. */
export const JudgedSentence = z.object({
  n: Number1,
  start: Offset,
  end: Offset,
  /** Behaviours whose episodes it belongs to. */
  kinds: z.array(Behaviour).min(1),
  /** Those of them whose act it is; absent in judgements of earlier versions. */
  acts: z.array(Behaviour).optional(),
});
export type JudgedSentence = z.infer<typeof JudgedSentence>;

/** Sentences `from` to `to`, inclusive, without a usable answer. */
export const FailedWindow = z.object({ from: Number1, to: Number1, start: Offset, end: Offset, reason: z.string() });
export type FailedWindow = z.infer<typeof FailedWindow>;

/**
 * A line of `rounds/<n>-<name>/judgements.jsonl`. A sentence that is neither in `labels` nor in a failed window shows no behaviour. The last line
 * with the hash of the chain's text counts.
 */
export const JudgementLine = z.object({
  chainId: z.string().min(1),
  /** SHA-256 of the judged text, 16 hex digits. */
  text: z.string(),
  at: z.string(),
  judge: Judge,
  /** Sentences of the text. */
  sentences: z.number().int().nonnegative(),
  labels: z.array(JudgedSentence),
  failed: z.array(FailedWindow),
  /** With a second pass: the labels of the first, and windows whose second answer can't be used, which keep those of the first. */
  first: z.array(JudgedSentence).optional(),
  unconfirmed: z.array(FailedWindow).optional(),
  /** Judged sentences whose spans of other automatic sources differ. */
  differ: z.number().int().nonnegative(),
  /** Number of the chain's spans by behaviour, in the order of BEHAVIOURS, with this judgement. */
  spans: z.array(z.number().int().nonnegative()).length(BEHAVIOURS.length),
});
export type JudgementLine = z.infer<typeof JudgementLine>;

/** A line of `judge/answers.jsonl`: one paid call of a judge of answers, which is never paid again. */
export const AnswerCall = z.object({
  key: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.string(),
  /** The first chain and piece with this answer. */
  chainId: z.string(),
  piece: PieceName,
  attempt: Number1,
  request: CallRequest,
  reply: CallReply,
});
export type AnswerCall = z.infer<typeof AnswerCall>;

/** A line of `judge/journal.jsonl`: one paid call of a judge, which is never paid again. */
export const JudgeCall = z.object({
  /** As in a round's journal: of the request. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.string(),
  chainId: z.string(),
  from: Number1,
  to: Number1,
  /** Of the second pass. */
  pass: z.literal(2).optional(),
  /** From 1; later ones include the problem of the previous answer. */
  attempt: Number1,
  request: CallRequest,
  reply: CallReply,
});
export type JudgeCall = z.infer<typeof JudgeCall>;
