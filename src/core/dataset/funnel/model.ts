import { z } from 'zod';
import type { RoundPlan, RoundSummary } from '../../schemas/index.ts';

const count = z.number().int().nonnegative();

/** Stages in their order; a round has those that are known. */
export const FunnelStageId = z.enum([
  'calls',
  'answers',
  'finished',
  'answered',
  'correct',
  'usable',
  'chains',
  'passed',
  'kept',
]);
export type FunnelStageId = z.infer<typeof FunnelStageId>;

/** A reason for which items of the stage before are missing. */
export const FunnelLoss = z.object({
  /** `truncated`, `no-answer`, `no-pair`, `quota`, `filter:<id>`, a reason of the selection, or an outcome as it is stored. */
  reason: z.string(),
  count,
});
export type FunnelLoss = z.infer<typeof FunnelLoss>;

export const FunnelStage = z.object({
  stage: FunnelStageId,
  count,
  /** Largest first. One chain may fail several filters. */
  losses: z.array(FunnelLoss),
});
export type FunnelStage = z.infer<typeof FunnelStage>;

/** The setting of longhand.json with the largest effect, and its new value. */
export const Advice = z.object({
  reason: z.string(),
  /** Dotted path in longhand.json; absent where no setting helps. */
  setting: z.string().optional(),
  from: z.union([z.number(), z.string()]).optional(),
  to: z.union([z.number(), z.string()]).optional(),
});
export type Advice = z.infer<typeof Advice>;

/** Stages of a round with their losses. */
export const RoundFunnel = z.object({
  stages: z.array(FunnelStage),
  maxTokens: count.optional(),
  /** Absent while the round keeps most of its answers. */
  advice: Advice.optional(),
});
export type RoundFunnel = z.infer<typeof RoundFunnel>;

/** Graded answers of a round by outcome; `truncated` and `no-answer` are counted apart. */
export type AnswerCounts = ReadonlyMap<string, number>;

/** Chains of a round in their present state. */
export interface ChainTally {
  chains: number;
  passed: number;
  /** Chains that failed a filter, by filter id. */
  failed: ReadonlyMap<string, number>;
}

export interface FunnelInput {
  plan: Pick<RoundPlan, 'kind' | 'dialogue' | 'sampling' | 'promptSet' | 'filters'>;
  answers: AnswerCounts;
  chains: ChainTally;
  /** Model calls of all pieces; undefined if unknown. */
  calls?: number | undefined;
  /** Of a finished round. */
  summary?: RoundSummary | undefined;
}
