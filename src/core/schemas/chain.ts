import { z } from 'zod';
import { Outcome, Verdict } from './verdict.ts';

/**
 * `answer[i]`, `check[i]`, `summary` of a dialogue chain; `trace` of an imported one; `response` of a sampled one; `continuation` of a chain that a model
 * continued.
 */
export const PieceName = z.string().regex(/^(?:(?:answer|check)\[[1-9]\d*\]|summary|trace|response|continuation)$/);
export type PieceName = z.infer<typeof PieceName>;

/** A part of the chain's text that belongs to one piece, in UTF-16 code units. The segments are in order and cover the text without gaps. */
export const Segment = z.object({
  piece: PieceName,
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** The loss mask: false if the tokens are context and not trained. */
  train: z.boolean(),
});
export type Segment = z.infer<typeof Segment>;

export const BEHAVIOURS = ['verification', 'backtracking', 'subgoal', 'backward'] as const;
/** The four behaviours of Gandhi et al. 2025. */
export const Behaviour = z.enum(BEHAVIOURS);
export type Behaviour = z.infer<typeof Behaviour>;

export const PHASES = ['read', 'analyze', 'plan', 'implement', 'explore', 'verify', 'monitor', 'answer'] as const;
/** What a sentence does in the solution: the episodes of Schoenfeld, as ThinkARM labels them. Computed on demand, never stored. */
export const Phase = z.enum(PHASES);
export type Phase = z.infer<typeof Phase>;

export const SpanSource = z.enum(['piece', 'rule', 'classifier', 'model', 'human']);
export type SpanSource = z.infer<typeof SpanSource>;

/** A sentence that does the behaviour: `[start, end)` of the chain's text, in UTF-16 code units. */
export const BehaviourAct = z.object({ start: z.number().int().nonnegative(), end: z.number().int().nonnegative() });
export type BehaviourAct = z.infer<typeof BehaviourAct>;

/** An episode of a behaviour: `[start, end)` of the chain's text, in UTF-16 code units, from its first act to its outcome. Spans may overlap. */
export const Span = z.object({
  /** Unique within the chain. */
  id: z.string().min(1),
  kind: Behaviour,
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  source: SpanSource,
  /** 0 to 1; 1 for `human`. */
  confidence: z.number().min(0).max(1),
  /** The acts in it, in order; absent where they are unknown, as in chains of earlier versions. */
  acts: z.array(BehaviourAct).optional(),
  /** The classifier that made it: the name of the shipped weights or of a dataset's own. */
  version: z.string().min(1).max(64).optional(),
});
export type Span = z.infer<typeof Span>;

/** How much of a behaviour the text has. */
export const BehaviourRate = z.object({
  /** Episodes and acts per 1,000 tokens; no acts where those of a span are unknown. */
  episodes: z.number().nonnegative(),
  acts: z.number().nonnegative().optional(),
  /** Share of the text in the episodes. */
  covered: z.number().min(0).max(1),
});
export type BehaviourRate = z.infer<typeof BehaviourRate>;

/** `[start, end)` of the chain's text in UTF-16 code units; with `piece`, of that raw piece, because assembly removed or changed the text. */
export const FilterPlace = z.object({
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  piece: PieceName.optional(),
});
export type FilterPlace = z.infer<typeof FilterPlace>;

/** The result of one filter on one chain. */
export const FilterResult = z.object({
  id: z.string(),
  passed: z.boolean(),
  /** The measured value in the filter's own unit; null if there is nothing to measure. */
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  threshold: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  /** One sentence, if it did not pass. */
  reason: z.string().optional(),
  /** The places that it is about, in order. */
  at: z.array(FilterPlace).optional(),
});
export type FilterResult = z.infer<typeof FilterResult>;

/** Correctness of answer[1] and answer[h]: `FT` is wrong then right, the learning target. */
export const ChainClass = z.enum(['FT', 'TT', 'TF', 'FF']);
export type ChainClass = z.infer<typeof ChainClass>;

export const ChainOrigin = z.enum(['dialogue', 'handwritten', 'imported', 'sampled']);
export type ChainOrigin = z.infer<typeof ChainOrigin>;

/** A piece as the model wrote it, before assembly, with the key of its call in the journal. */
export const PieceRecord = z.object({
  piece: PieceName,
  text: z.string(),
  /** The reasoning before the text, if a server separates them. It is not part of the chain's text. */
  reasoning: z.string().optional(),
  /** All of the text is reasoning, which ends before an answer. */
  onlyThought: z.literal(true).optional(),
  /** Key of the call in the round's journal; absent for handwritten and imported pieces. */
  call: z.string().optional(),
  verdict: Verdict.optional(),
  finish: z.string().optional(),
});
export type PieceRecord = z.infer<typeof PieceRecord>;

/** A line of `rounds/<n>-<name>/chains.jsonl`. A later line with the same id replaces an earlier one. */
export const Chain = z.object({
  id: z.string().min(1),
  round: z.string().min(1),
  problemId: z.string().min(1),
  origin: ChainOrigin,
  /** Absent for imported traces and sampled responses, which have no second answer. A repaired chain is FT. */
  class: ChainClass.optional(),
  /** This chain continues another one: up to code unit `at` it is the text of that chain, or of its reviewer. `call`: key in the round's journal. */
  continues: z.object({ chain: z.string(), at: z.number().int().nonnegative(), call: z.string() }).optional(),
  /**
   * This chain repairs another one. `[start, end)` is the wrong part of that chain's text, which is kept, not trained, and followed by a turn and a continuation
   * of the text before it. `by`: a reviewer's label, the equality in it that does not hold, or a search with the probability that the first wrong step is
   * in that part. `call`: key in the journal of the round, or of an earlier round of continuations.
   */
  repairs: z
    .object({
      chain: z.string(),
      start: z.number().int().nonnegative(),
      end: z.number().int().positive(),
      by: z.union([
        z.object({ reviewer: z.string().min(1) }),
        z.object({ equation: z.string().min(1) }),
        z.object({ within: z.number().min(0).max(1), samples: z.number().int().nonnegative() }),
      ]),
      call: z.string(),
    })
    .optional(),
  /** Id of the chain that an imported chain was made from, where no more is known of it. */
  parent: z.string().min(1).optional(),
  /** Pieces after answer[1] were written with the gold answer in the prompt. */
  hinted: z.literal(true).optional(),
  /** The chain of thought: Markdown with LaTeX. */
  text: z.string().min(1),
  segments: z.array(Segment).min(1),
  spans: z.array(Span),
  /** Grading of the final answer of the whole chain. */
  verdict: Verdict,
  /** Grading outcomes of the candidate answers in the text, by the value as it is written there. */
  candidates: z.record(z.string(), Outcome).optional(),
  pieces: z.array(PieceRecord),
  filters: z.array(FilterResult),
  /** All filters passed. A chain that is filtered out is kept, with its reasons in `filters`. */
  passed: z.boolean(),
  /** Model name as the endpoint knows it; `handwritten` for the sample round. */
  model: z.string(),
  /** Completion tokens over all pieces; `estimated` when the server reported no usage. */
  tokens: z.object({ count: z.number().int().nonnegative(), estimated: z.boolean() }),
  createdAt: z.string(),
});
export type Chain = z.infer<typeof Chain>;

/** Id of the chain that a chain continues or repairs; undefined for any other. */
export const parentOf = ({
  continues,
  repairs,
  parent,
}: Pick<Chain, 'continues' | 'repairs' | 'parent'>): string | undefined => (repairs ?? continues)?.chain ?? parent;
