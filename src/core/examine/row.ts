import { joinTrace, type PartedTrace, taggedTrace } from '../dataset/thought.ts';
import type { BenchmarkIndex } from '../filters/index.ts';
import { extractAnswer } from '../grading/extract.ts';
import type { FilterSettings, GradingPolicy, ReplyOutcome, Verdict } from '../schemas/index.ts';
import { shortened } from '../text/format.ts';
import type { FindingId } from './kinds.ts';
import { hideSensitive } from './sensitive.ts';

/** A row to examine: a problem, and usually a reply. */
export interface ExaminedRow {
  id: string;
  /** Line of a file, from 1. */
  line?: number;
  /** Markdown; absent where the problem is unknown. */
  problem?: string;
  gold?: string;
  /** Absent in a row that is a problem alone. */
  reply?: {
    /** As it is written, with its tags. */
    written: string;
    parts: PartedTrace;
    ended: ReplyOutcome;
    /** Tokens, where a server counted them. */
    tokens?: number;
  };
  /** Of an earlier grading. */
  verdict?: Verdict;
}

/** A row with what several rules need. */
export interface ReadRow extends ExaminedRow {
  /** The reply without its tags; empty without a reply. */
  text: string;
  verdict?: Verdict;
  /** The final answer, also one that is not marked as such. */
  answer?: string;
  /** The reply marks its final answer: a box, “the answer is” or `####`. */
  isStated: boolean;
}

/** What rules need beside the row. */
export interface RowContext {
  filters: FilterSettings;
  policy: GradingPolicy;
  benchmarks?: BenchmarkIndex | undefined;
}

/** What a rule found in a row. */
export interface Hit {
  finding: FindingId;
  /** One sentence. */
  reason: string;
  excerpt?: string;
}

/** A rule about one row. */
export interface RowRule {
  finding: FindingId;
  /** Undefined where the row is good, or the rule does not apply. */
  find: (row: ReadRow, context: RowContext) => Omit<Hit, 'finding'> | undefined;
}

/** Reads a row whose verdict is known, if it has a gold answer. */
export function readRow(row: ExaminedRow, verdict: Verdict | undefined): ReadRow {
  const { reply } = row;
  const text = reply === undefined ? '' : joinTrace(reply.parts);
  if (reply === undefined) return { ...row, text, isStated: false };
  const tagged = taggedTrace(reply.parts);
  const stated = extractAnswer(tagged);
  const answer = verdict?.extracted ?? stated?.answer ?? extractAnswer(tagged, { bare: true })?.answer;
  return {
    ...row,
    text,
    isStated: stated !== undefined,
    ...(verdict === undefined ? {} : { verdict }),
    ...(answer === undefined ? {} : { answer }),
  };
}

const AROUND = 60;

/** A place of a text in one line, with a few words around it. Keys and personal data are hidden, because reports are shared. */
export function excerptAt(text: string, start: number, end = start): string {
  const from = Math.max(0, start - AROUND);
  const to = Math.min(text.length, Math.max(end, start) + AROUND);
  const inside = shortened(hideSensitive(text, from, to).replace(/\s+/g, ' ').trim(), 3 * AROUND);
  return `${from > 0 ? '…' : ''}${inside}${to < text.length ? '…' : ''}`;
}
