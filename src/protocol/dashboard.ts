import { z } from 'zod';
import { RoundFunnel } from '../core/dataset/funnel/model.ts';
import { Query } from '../core/query/query.ts';
import { Behaviour, ChainClass, RoundKind } from '../core/schemas/index.ts';
import { PAGE_REPORTS } from './page.ts';

const count = z.number().int().nonnegative();

/** The figures of the dashboard, in its order. */
const FIGURES = ['funnel', 'classes', 'pass-rates', 'lengths', 'behaviours', 'reviewers', 'costs'] as const;
export const Figure = z.enum(FIGURES);
export type Figure = z.infer<typeof Figure>;

export const DashboardRound = z.object({
  round: z.string(),
  kind: RoundKind,
  model: z.string().optional(),
  /** Why chains are missing; of a generated round with graded answers. */
  funnel: RoundFunnel.optional(),
  chains: count,
  accepted: count,
  /** Chains of each class that passed the filters, and those that the quota kept. */
  classes: z.array(z.object({ class: ChainClass, passed: count, kept: count })),
  /** Percentage of wrong first answers that the quota asks for; of a dialogue round. */
  firstWrongShare: z.number().optional(),
  /** Completion tokens of its chains. */
  lengths: z.array(z.object({ from: count, to: count, chains: count })),
  /** Acts per 1,000 tokens over its chains, of those whose acts are known. */
  behaviours: z.partialRecord(Behaviour, z.number().nonnegative()),
  calls: count,
  promptTokens: count,
  completionTokens: count,
  /** Absent without prices. */
  cost: z.number().nonnegative().optional(),
});
export type DashboardRound = z.infer<typeof DashboardRound>;

/** The graded answers of some problems in one round. */
const PassCell = z.object({ round: z.string(), attempts: count, successes: count });

export const DashboardReport = z.object({
  dataset: z.string(),
  rounds: z.array(DashboardRound),
  /** Groups of problems of similar pass rate over all rounds, hardest first. A small dataset has one problem in each. */
  problems: z.array(z.object({ problems: z.array(z.string()).min(1), cells: z.array(PassCell) })),
  reviewers: z.array(
    z.object({
      reviewer: z.string(),
      accepted: count,
      rejected: count,
      skipped: count,
      /** Decisions per hour of review; see reviewPace. */
      perHour: z.number().positive().optional(),
    }),
  ),
  /** Pairs of reviewers who have decided about the same chains. */
  agreement: z.array(
    z.object({
      reviewers: z.tuple([z.string(), z.string()]),
      chains: count,
      same: count,
      /** 90 % interval of the share of the same decisions. */
      low: z.number(),
      high: z.number(),
      /** Cohen's κ of accept and reject; null if they agree by chance alone. */
      kappa: z.number().nullable(),
    }),
  ),
  /** The written CSV file. */
  csv: z.string().optional(),
});
export type DashboardReport = z.infer<typeof DashboardReport>;

/** Host to page: the whole report, since a hidden page loses messages. */
export const ToDashboard = z.object({ type: z.literal('snapshot'), report: DashboardReport });
export type ToDashboard = z.infer<typeof ToDashboard>;

/** Page to host. */
export const FromDashboard = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('open'), query: Query }),
  z.object({ type: z.literal('csv'), figure: Figure }),
  z.object({ type: z.literal('svg'), figure: Figure, svg: z.string().max(20_000_000) }),
  ...PAGE_REPORTS,
]);
export type FromDashboard = z.infer<typeof FromDashboard>;
