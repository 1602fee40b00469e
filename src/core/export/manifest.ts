import { z } from 'zod';
import { defined } from '../defined.ts';
import type { FindingId } from '../examine/kinds.ts';
import type { MergeSource, SourceMarkers } from '../sampling/index.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  chainReplyOutcome,
  type Decision,
  hostOf,
  type JudgementLine,
  type Problem,
  RoundKind,
  type RoundPlan,
  type RoundSummary,
  type SamplingPlan,
} from '../schemas/index.ts';
import { compare } from '../text/compare.ts';
import type { FormId, PairChoices, ProblemChoices } from './forms/index.ts';
import type { Dedupe, RowOrder } from './plan.ts';
import type { Reasoning } from './reasoning.ts';
import type { ExportedChain } from './rows.ts';
import { combineOverrides, type ReviewedText, type Selection } from './select.ts';
import { addWarnings, type ChainWarning, noWarnings, type WarningCounts } from './warnings.ts';

export interface FileEntry {
  sha256: string;
  bytes: number;
  /** Absent for files without rows. */
  rows?: number;
}

/** Which chains are examples not to follow, in forms that label chains. */
export const LABEL_RULES: Record<Exclude<Selection, 'all'>, string> = {
  accepted: 'Those are labelled true, and chains that a reviewer rejected false.',
  passed:
    'Those are labelled true; chains with a wrong final answer that no reviewer accepted, and chains that a reviewer rejected, false. A suspect gold answer makes no chain wrong.',
};

/** Which chains forms of steps have. */
export const STEP_RULE = 'Chains of which a reviewer labelled steps, whatever the decision.';

/** Which problems a problem set has. */
export const PROBLEM_RULE = 'Problems of the dataset, with the pass rate of the model that is sampled.';

/** Descriptions of the selections. */
export const SELECTION_RULES: Record<Selection, string> = {
  accepted: 'Chains that at least one reviewer accepted and none rejected.',
  passed:
    'Chains that passed all filters and the quota of their round, and that no reviewer rejected; where a reviewer overruled the verdict on the final answer, the override counts instead.',
  all: 'All chains that match, whatever filters and reviewers decided.',
};

export interface Counts {
  chains: number;
  problems: number;
  byClass: Record<string, number>;
  byDecision: Record<string, number>;
  byRound: Record<string, number>;
  /** Chains with each tag of a reviewer; absent without tags. */
  byTag?: Record<string, number>;
  /** Only if the export separates the two sources. */
  bySource?: Record<string, number>;
  /** Chains that failed a filter but were accepted by a reviewer, or whose verdict was overruled. */
  failedFilter: Record<string, number>;
  /** Chains that may not belong in a training set; see chainWarnings. */
  warnings: WarningCounts;
  byBehaviour: Record<Behaviour, number>;
  /** Chains with a review of a person; absent without any, and in older manifests. */
  reviewed?: number;
  /** Chains with text changed by a reviewer. */
  edited: number;
  /** Chains whose verdict was overruled by a reviewer. */
  overruled: number;
  /** UTF-16 code units. */
  trained: number;
  masked: number;
  /** Only in forms that label chains: rows with each label. */
  byLabel?: { true: number; false: number };
  /** Only in forms of pairs: rows. */
  pairs?: number;
  /** Rows of the prefix file, which excludes chains with masked text after trained text. */
  prefixRows: number;
  /** Rows with the thought apart from the answer; absent without any. */
  apart?: number;
}

export interface RoundLineage {
  round: string;
  kind: RoundPlan['kind'];
  createdAt: string;
  from?: string;
  /** Name and host of the model. */
  model?: { kind: string; model: string; host: string };
  promptSet?: string;
  promptsHash?: string;
  dialogue?: RoundPlan['dialogue'];
  /** Of a sampling round. */
  sampling?: Pick<SamplingPlan, 'settings' | 'response' | 'role'>;
  filters?: RoundPlan['filters'];
  /** The present grading policy. */
  grading?: RoundPlan['grading'];
  seed?: number;
  /** The latest assembly after the round, which replaces that of `dialogue`. */
  assembly?: RoundSummary['assembly'];
}

/** `manifest.json` of an export: contents, selection and origin. */
export interface Manifest {
  version: 1;
  name: string;
  /** The latest time of the lineage, so that the same content gives the same manifest. */
  createdAt: string;
  longhand: string;
  dataset: { id: string; name: string };
  /** Absent in manifests of older versions: `sft`. */
  form?: FormId;
  selection: {
    select: Selection;
    rule: string;
    rounds: string[] | 'all';
    /** Number of chains that it was limited to; absent without such a limit. */
    chains?: number;
    /** Masked text is trained on too. */
    unmasked?: true;
    /** Only if the export separates the two sources. `left`: chains of the source that are not exported, by reason. */
    source?: string;
    markers?: SourceMarkers;
    /** The sentence after each problem, in the place of that of its source. */
    marker?: string;
    left?: Record<string, number>;
    /** Only in forms of pairs. */
    pairs?: PairChoices;
    /** Only in forms of problems. */
    problems?: ProblemChoices;
    /** Where the rows have the thought; absent where no row has it apart. */
    reasoning?: Reasoning;
    /** In the query language; absent without one, as are the next ones. */
    query?: string;
    /** Chains with these warnings have no row. */
    leftOut?: ChainWarning[];
    dedupe?: Dedupe;
    /** Most rows of a problem. */
    perProblem?: number;
    order?: RowOrder;
    /** Of what was drawn or shuffled. */
    seed?: number;
    /** Rows for validation: their requested share, and their number. Near-duplicate problems are never in both sets. */
    validation?: { share: number; rows: number; problems: number };
  };
  offsets: string;
  files: Record<string, FileEntry>;
  counts: Counts;
  rounds: RoundLineage[];
  reviewers: { reviewer: string; accepted: number; edited: number }[];
  /** Models that labelled behaviours (spans with the source `model`); absent without any. */
  judges?: { model: string; host: string; promptHash: string; chains: number }[];
  sources: { source: string; licence: string; problems: number; chains: number }[];
}

export const OFFSETS =
  'Unicode code points of the content of the assistant, from 0, end exclusive: content[start:end] in Python; with part "reasoning", of the thought beside the content.';

type Tallies = Map<string, number>;

/** What a Tally has collected: plain values, which add up. */
interface Tallied {
  byClass: Tallies;
  byDecision: Tallies;
  byRound: Tallies;
  byTag: Tallies;
  bySource: Tallies;
  failedFilter: Tallies;
  byBehaviour: Tallies;
  reviewers: Map<string, { accepted: number; edited: number }>;
  sources: Map<string, { source: string; licence: string; problems: Set<string>; chains: number }>;
  judges: Map<string, NonNullable<Manifest['judges']>[number]>;
  problems: Set<string>;
  warnings: WarningCounts;
  latest: string;
  chains: number;
  reviewed: number;
  edited: number;
  overruled: number;
  trained: number;
  masked: number;
  prefixRows: number;
  apart: number;
  pairs?: number;
  byLabel?: { true: number; false: number };
}

/** Adds the members of a value to those of another one of the same shape: numbers as a sum, sets as a union, and of two texts the later one. */
function addTo(into: object, from: object): void {
  const members = from instanceof Map ? from : Object.entries(from);
  const [sums, put] =
    into instanceof Map
      ? [into, (name: string, value: unknown) => into.set(name, value)]
      : [new Map(Object.entries(into)), (name: string, value: unknown) => Object.assign(into, { [name]: value })];
  for (const [name, value] of members) {
    const before: unknown = sums.get(name);
    if (before === undefined) put(name, value);
    else if (typeof before === 'number') put(name, before + value);
    else if (typeof before === 'string') put(name, before > value ? before : value);
    else if (before instanceof Set) for (const one of value) before.add(one);
    else addTo(before as object, value);
  }
}

/** Collects the facts of a manifest, chain by chain. */
export class Tally {
  readonly #of: Tallied = {
    ...{ byClass: new Map(), byDecision: new Map(), byRound: new Map(), byTag: new Map(), bySource: new Map() },
    ...{ failedFilter: new Map(), byBehaviour: new Map(), reviewers: new Map(), sources: new Map(), judges: new Map() },
    ...{ problems: new Set(), warnings: noWarnings(), latest: '', chains: 0, reviewed: 0, edited: 0, overruled: 0 },
    ...{ trained: 0, masked: 0, prefixRows: 0, apart: 0 },
  };

  /** What was collected, as it can be sent to another thread. */
  get tallied(): Tallied {
    return this.#of;
  }

  /** Adds what another one collected. */
  merge(other: Tallied): void {
    addTo(this.#of, other);
  }

  /**
   * Adds a chain.
   * @param about `label`: of a form that labels chains. `warns`: whether it is an example to follow, which warnings are about. `findings`: what the
   * last examination found in it.
   */
  add(
    chain: Chain,
    problem: Problem,
    review: ReviewedText,
    rows: Pick<ExportedChain, 'trained' | 'masked' | 'prefix' | 'apart'>,
    {
      label,
      warns = label !== false,
      findings = [],
    }: { label?: boolean | undefined; warns?: boolean; findings?: readonly FindingId[] } = {},
  ): void {
    this.#of.chains++;
    this.#of.problems.add(problem.id);
    count(this.#of.byClass, chain.class ?? 'none');
    count(this.#of.byDecision, review.decision satisfies Decision);
    count(this.#of.byRound, chain.round);
    for (const tag of review.tags) count(this.#of.byTag, tag);
    const failed = chain.filters.filter(({ passed }) => !passed).map(({ id }) => id);
    for (const filter of failed) count(this.#of.failedFilter, filter);
    const override = combineOverrides(review.overrides.map(({ outcome }) => outcome));
    const ended = chainReplyOutcome(chain.pieces);
    if (warns) addWarnings(this.#of.warnings, { outcome: chain.verdict.outcome, ended, failed, override, findings });
    for (const span of review.spans) count(this.#of.byBehaviour, span.kind);
    for (const reviewer of review.acceptedBy) {
      const counts = this.#of.reviewers.get(reviewer) ?? { accepted: 0, edited: 0 };
      counts.accepted++;
      if (reviewer === review.editedBy) counts.edited++;
      this.#of.reviewers.set(reviewer, counts);
    }
    if (review.reviews.length > 0) this.#of.reviewed++;
    if (review.editedBy !== undefined) this.#of.edited++;
    if (review.overrides.some(({ outcome }) => outcome !== chain.verdict.outcome)) this.#of.overruled++;
    this.#addSource(problem);
    this.#of.trained += rows.trained;
    this.#of.masked += rows.masked;
    if (rows.prefix) this.#of.prefixRows++;
    if (label !== undefined) {
      this.#of.byLabel ??= { true: 0, false: 0 };
      this.#of.byLabel[label ? 'true' : 'false']++;
    }
    if (rows.apart) this.#of.apart++;
    this.seen(chain.createdAt);
    if (review.at !== undefined) this.seen(review.at);
  }

  /** Adds a problem without a chain. @param isContaminated It shares text with a benchmark problem. */
  addProblem(problem: Problem, isContaminated: boolean): void {
    this.#of.problems.add(problem.id);
    if (isContaminated) this.#of.warnings.contaminated++;
    this.#addSource(problem, 0);
  }

  /** Counts a pair of chains. */
  addPair(): void {
    this.#of.pairs = (this.#of.pairs ?? 0) + 1;
  }

  /** Counts the source of the latest chain. */
  from(source: MergeSource): void {
    count(this.#of.bySource, source);
  }

  /** Counts a chain with the labels of a judgement. */
  judged({ judge: { model, host, prompt }, at }: JudgementLine): void {
    const key = JSON.stringify([model, host, prompt]);
    const known = this.#of.judges.get(key) ?? { model, host, promptHash: prompt, chains: 0 };
    known.chains++;
    this.#of.judges.set(key, known);
    this.seen(at);
  }

  /** Records a time of the lineage, ISO 8601. */
  seen(at: string): void {
    if (at > this.#of.latest) this.#of.latest = at;
  }

  get latest(): string {
    return this.#of.latest;
  }

  get counts(): Counts {
    return {
      chains: this.#of.chains,
      problems: this.#of.problems.size,
      byClass: sorted(this.#of.byClass),
      byDecision: sorted(this.#of.byDecision),
      byRound: sorted(this.#of.byRound),
      ...defined({
        byTag: this.#of.byTag.size > 0 ? sorted(this.#of.byTag) : undefined,
        bySource: this.#of.bySource.size > 0 ? sorted(this.#of.bySource) : undefined,
        reviewed: this.#of.reviewed || undefined,
        pairs: this.#of.pairs,
        byLabel: this.#of.byLabel && { ...this.#of.byLabel },
      }),
      failedFilter: sorted(this.#of.failedFilter),
      warnings: { ...this.#of.warnings },
      byBehaviour: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, this.#of.byBehaviour.get(kind) ?? 0])) as Record<
        Behaviour,
        number
      >,
      edited: this.#of.edited,
      overruled: this.#of.overruled,
      trained: this.#of.trained,
      masked: this.#of.masked,
      prefixRows: this.#of.prefixRows,
      ...(this.#of.apart > 0 && { apart: this.#of.apart }),
    };
  }

  get reviewers(): Manifest['reviewers'] {
    return [...this.#of.reviewers]
      .sort(([a], [b]) => compare(a, b))
      .map(([reviewer, { accepted, edited }]) => ({ reviewer, accepted, edited }));
  }

  get judges(): NonNullable<Manifest['judges']> {
    return [...this.#of.judges].sort(([a], [b]) => compare(a, b)).map(([, judge]) => judge);
  }

  get sources(): Manifest['sources'] {
    return [...this.#of.sources]
      .sort(([a], [b]) => compare(a, b))
      .map(([, { source, licence, problems, chains }]) => ({ source, licence, problems: problems.size, chains }));
  }

  #addSource(problem: Problem, chains = 1): void {
    const source = problem.source ?? 'unknown';
    const licence = problem.licence ?? 'unknown';
    const key = JSON.stringify([source, licence]);
    const known = this.#of.sources.get(key) ?? { source, licence, problems: new Set<string>(), chains: 0 };
    known.problems.add(problem.id);
    known.chains += chains;
    this.#of.sources.set(key, known);
  }
}

const text = z.string().max(10_000).optional();

/** What a card shows of a round. More members are kept. */
export const Lineage = z.looseObject({
  round: z.string().min(1).max(300),
  kind: RoundKind,
  createdAt: z.string(),
  from: text,
  model: z.looseObject({ kind: z.string(), model: z.string(), host: z.string() }).optional(),
  promptSet: text,
  promptsHash: text,
});

/** The lineage of a round that was imported from an export; undefined for anything else. */
function readLineage(value: unknown): RoundLineage | undefined {
  return Lineage.safeParse(value).data as RoundLineage | undefined;
}

/**
 * The origin of a round's chains. Of an endpoint only the host is included, because a URL may contain a password.
 * @param regraded The policy of the latest regrading, which replaces the plan's.
 */
export function roundLineage(plan: RoundPlan, regraded: RoundPlan['grading']): RoundLineage {
  const { round, kind, createdAt, from, model, promptSet, promptsHash, dialogue, sampling, filters, seed } = plan;
  const known = readLineage(plan.lineage);
  if (known !== undefined) return { ...known, round, ...defined({ grading: regraded }) };
  return {
    round,
    kind,
    createdAt,
    ...defined({
      from,
      model: model && { kind: model.kind, model: model.model, host: hostOf(model) },
      promptSet,
      promptsHash,
      dialogue,
      sampling: sampling && { settings: sampling.settings, response: sampling.response, role: sampling.role },
      filters,
      grading: regraded ?? plan.grading,
      seed,
    }),
  };
}
/** Number of chains that are not exported, by reason. */
export function countReasons(left: readonly { reason: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of left) count(counts, reason);
  return sorted(counts);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sorted(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => compare(a, b)));
}
