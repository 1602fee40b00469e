import { z } from 'zod';
import { BEHAVIOURS, Behaviour } from './chain.ts';
import { Sampling } from './generation.ts';
import { CallReply, CallRequest } from './round.ts';

const Number1 = z.number().int().positive();
const Offset = z.number().int().nonnegative();

/** Who judged, and how: with anything of it changed it is another judge. */
export const Judge = z.object({
  /** Host and port of the endpoint, or `starter`. */
  host: z.string(),
  model: z.string(),
  /** SHA-256 of the prompt file. */
  prompt: z.string(),
  /** Sentences asked about in one window, at most, and sentences shown before them. */
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
  kinds: z.array(Behaviour).min(1),
});
export type JudgedSentence = z.infer<typeof JudgedSentence>;

/** Sentences `from` to `to`, both counted in, of which no usable answer came. */
export const FailedWindow = z.object({ from: Number1, to: Number1, start: Offset, end: Offset, reason: z.string() });
export type FailedWindow = z.infer<typeof FailedWindow>;

/**
 * A line of `rounds/<n>-<name>/judgements.jsonl`: what a judge said of a chain's text. A sentence that is neither in `labels` nor in a failed
 * window was judged to show no behaviour. The last line whose `text` is the hash of the chain's text holds.
 */
export const JudgementLine = z.object({
  chainId: z.string().min(1),
  /** SHA-256 of the chain's text, 16 hex digits: what was judged is not what another text says. */
  text: z.string(),
  at: z.string(),
  judge: Judge,
  /** Sentences of the text. */
  sentences: z.number().int().nonnegative(),
  labels: z.array(JudgedSentence),
  failed: z.array(FailedWindow),
  /** Judged sentences in which the detectors' spans of that time say something else. */
  differ: z.number().int().nonnegative(),
  /** Spans of each kind, in the order of BEHAVIOURS, that the chain has with this judgement. */
  spans: z.array(z.number().int().nonnegative()).length(BEHAVIOURS.length),
});
export type JudgementLine = z.infer<typeof JudgementLine>;

/** A line of `judge/journal.jsonl`: one paid call of a judge. What is here is never paid for twice. */
export const JudgeCall = z.object({
  /** As in a round's journal: of the request. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.string(),
  chainId: z.string(),
  from: Number1,
  to: Number1,
  /** From 1; a later try was told what was wrong with the answer before it. */
  attempt: Number1,
  request: CallRequest,
  reply: CallReply,
});
export type JudgeCall = z.infer<typeof JudgeCall>;
