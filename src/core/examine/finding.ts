import { z } from 'zod';
import { FilterId } from '../schemas/index.ts';
import { FINDING_IDS, SEVERITIES } from './kinds.ts';

const Severity = z.enum(SEVERITIES);
export const FindingId = z.enum(FINDING_IDS);

/** A finding about one row: a line of `findings.jsonl`. */
export const RowFinding = z.object({
  finding: FindingId,
  /** The id of the chain, or of the row of a file. */
  id: z.string(),
  /** Line of a file, from 1. */
  line: z.number().int().positive().optional(),
  /** One sentence. */
  reason: z.string(),
  /** The place in question, shortened; keys and personal data are hidden. */
  excerpt: z.string().optional(),
  /** Of a group: the id of its first row, which has no finding of its own. */
  group: z.string().optional(),
  /** Of that row, as `line`. */
  groupLine: z.number().int().positive().optional(),
});
export type RowFinding = z.infer<typeof RowFinding>;

/** The id of a row that has none. */
export const lineId = (line: number): string => `line-${line}`;

const count = z.number().int().nonnegative();

/** A finding of the report. */
export const Finding = z.object({
  id: FindingId,
  title: z.string(),
  severity: Severity,
  about: z.string(),
  count,
  /** Of all rows, 0 to 1. */
  share: z.number().min(0).max(1),
  examples: z.array(RowFinding),
  /** Shows the rows in the chain table. */
  query: z.string(),
  advice: z.string(),
  filter: FilterId.optional(),
});
export type Finding = z.infer<typeof Finding>;

/** `report.json`. */
export const ExaminationReport = z.object({
  version: z.literal(1),
  /** The file, set or dataset. */
  source: z.string(),
  examinedAt: z.string(),
  rows: count,
  /** Different problems. */
  problems: count,
  /** Rows with a gold answer. */
  withGold: count,
  /** Verdicts by outcome. */
  outcomes: z.record(z.string(), count),
  /** Tokens of the replies; absent without replies. */
  tokens: z.object({ p5: count, median: count, p95: count, total: count }).optional(),
  /** Whether there were benchmarks to compare with. */
  benchmarks: count,
  /** Those with rows only, by severity. */
  findings: z.array(Finding),
  seconds: z.number().nonnegative(),
});
export type ExaminationReport = z.infer<typeof ExaminationReport>;
