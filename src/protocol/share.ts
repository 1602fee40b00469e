import type { StepMark } from '../core/review/steps.ts';
import type { Chain, Decision, OverrideOutcome, Problem, Segment, Span } from '../core/schemas/index.ts';
import type { Candidate } from './review.ts';

/** The review of a chain by one reviewer, in a shared page. */
export interface SharedDecision {
  /** The name, or a pseudonym. */
  reviewer: string;
  decision: Decision;
  reason?: string;
  note?: string;
  tags?: readonly string[];
  override?: { outcome: OverrideOutcome; reason: string };
}

/** A chain in a shared page, as its last accepting reviewer left it. */
export interface SharedChain {
  id: string;
  round: string;
  model: string;
  /** Name of its class. */
  kind?: string;
  tokens: Chain['tokens'];
  problem: Pick<Problem, 'id' | 'problem' | 'answer' | 'level' | 'topic' | 'source' | 'licence'>;
  /** Of the text before the edit, if it is edited. */
  verdict: Pick<Chain['verdict'], 'outcome' | 'extracted'>;
  /** The text is that of a reviewer who edited it. */
  edited: boolean;
  /** Ids and reasons of the failed filters. */
  failed: readonly { id: string; reason?: string }[];
  decision: Decision;
  reviews: readonly SharedDecision[];
  text: string;
  segments: readonly Segment[];
  spans: readonly Span[];
  /** Labels of steps, of all reviewers. */
  steps: readonly StepMark[];
  candidates: readonly Candidate[];
}

/** What the shared page shows. The command line writes it into the page. */
export interface SharedReview {
  dataset: string;
  /** The query as text; empty for all chains. */
  query: string;
  /** ISO 8601. */
  createdAt: string;
  chains: readonly SharedChain[];
}

/** Id of the element of the page that holds the data. */
export const SHARED_DATA = 'shared-review';

/** Most chains in a page: more are slow to open and to send. */
export const MOST_SHARED = 200;

/** Most characters of the texts in a page. */
export const MOST_SHARED_TEXT = 100e6;
