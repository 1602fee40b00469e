import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  type Decision,
  hostOf,
  type JudgementLine,
  type Problem,
  type RoundPlan,
  type RoundSummary,
  type SamplingPlan,
} from '../model/index.ts';
import type { MergeSource, SourceMarkers } from '../sampling/index.ts';
import type { ExportedChain } from './rows.ts';
import { compare, type ReviewedText, type Selection } from './select.ts';
import type { LeftOut } from './sources.ts';

export interface FileEntry {
  sha256: string;
  bytes: number;
  /** Absent for files that hold no rows. */
  rows?: number;
}

/** What a selection means, in words. */
export const SELECTION_RULES: Record<Selection, string> = {
  accepted: 'Chains that at least one reviewer accepted and none rejected.',
  passed:
    'Chains that passed all filters and the quota of their round, and that no reviewer rejected; where a reviewer overruled the verdict on the final answer, that word counts in its place.',
};

export interface Counts {
  chains: number;
  problems: number;
  byClass: Record<string, number>;
  byDecision: Record<string, number>;
  byRound: Record<string, number>;
  /** Only where the export tells the two sources apart. */
  bySource?: Record<string, number>;
  /** Chains that did not pass a filter and are here because a reviewer accepted them or overruled the verdict. */
  failedFilter: Record<string, number>;
  byBehaviour: Record<Behaviour, number>;
  /** Chains whose text a reviewer changed. */
  edited: number;
  /** Chains on whose final answer a reviewer said other than the grader. */
  overruled: number;
  /** UTF-16 code units. */
  trained: number;
  masked: number;
  /** Rows of the prefix file; chains with masked text behind trained text are not in it. */
  prefixRows: number;
}

export interface RoundLineage {
  round: string;
  kind: RoundPlan['kind'];
  createdAt: string;
  from?: string;
  /** Name of the model and where it was reached; never a key. */
  model?: { kind: string; model: string; host: string };
  promptSet?: string;
  promptsHash?: string;
  dialogue?: RoundPlan['dialogue'];
  /** Of a sampling round: how its samples were drawn and kept. */
  sampling?: Pick<SamplingPlan, 'settings' | 'response' | 'role'>;
  filters?: RoundPlan['filters'];
  /** By which its chains are graded now. */
  grading?: RoundPlan['grading'];
  seed?: number;
  /** How its chains were assembled again since, in place of what `dialogue` says. */
  assembly?: RoundSummary['assembly'];
}

export interface SourceLineage {
  source: string;
  licence: string;
  problems: number;
  chains: number;
}

/** `manifest.json` of an export: what is in it, by which rule, and where it comes from. */
export interface Manifest {
  version: 1;
  name: string;
  /** The latest time in the lineage, not that of writing: the same content is the same manifest. */
  createdAt: string;
  longhand: string;
  dataset: { id: string; name: string };
  selection: {
    select: Selection;
    rule: string;
    rounds: string[] | 'all';
    /** The three only where the export tells the two sources apart. `left`: chains of the source that are not in it, by reason. */
    source?: string;
    markers?: SourceMarkers;
    left?: Record<string, number>;
  };
  offsets: string;
  files: Record<string, FileEntry>;
  counts: Counts;
  rounds: RoundLineage[];
  reviewers: { reviewer: string; accepted: number; edited: number }[];
  /** Models that labelled behaviours, whose spans have the source `model`; absent where there is none. */
  judges?: { model: string; host: string; promptHash: string; chains: number }[];
  sources: SourceLineage[];
}

export const OFFSETS =
  'Unicode code points of the content of the assistant, from 0, end exclusive: content[start:end] in Python.';

/** Gathers what the manifest says of the chains, one at a time. */
export class Tally {
  readonly #byClass = new Map<string, number>();
  readonly #byDecision = new Map<string, number>();
  readonly #byRound = new Map<string, number>();
  readonly #bySource = new Map<string, number>();
  readonly #failedFilter = new Map<string, number>();
  readonly #byBehaviour = new Map<string, number>();
  readonly #reviewers = new Map<string, { accepted: number; edited: number }>();
  readonly #sources = new Map<string, { source: string; licence: string; problems: Set<string>; chains: number }>();
  readonly #problems = new Set<string>();
  readonly #judges = new Map<string, NonNullable<Manifest['judges']>[number]>();
  #latest = '';
  #chains = 0;
  #edited = 0;
  #overruled = 0;
  #trained = 0;
  #masked = 0;
  #prefixRows = 0;

  add(chain: Chain, problem: Problem, review: ReviewedText, rows: ExportedChain): void {
    this.#chains++;
    this.#problems.add(problem.id);
    count(this.#byClass, chain.class ?? 'none');
    count(this.#byDecision, review.decision satisfies Decision);
    count(this.#byRound, chain.round);
    for (const filter of chain.filters) if (!filter.passed) count(this.#failedFilter, filter.id);
    for (const span of review.spans) count(this.#byBehaviour, span.kind);
    for (const reviewer of review.acceptedBy) {
      const said = this.#reviewers.get(reviewer) ?? { accepted: 0, edited: 0 };
      said.accepted++;
      if (reviewer === review.editedBy) said.edited++;
      this.#reviewers.set(reviewer, said);
    }
    if (review.editedBy !== undefined) this.#edited++;
    if (review.overrides.some(({ outcome }) => outcome !== chain.verdict.outcome)) this.#overruled++;
    this.#addSource(problem);
    this.#trained += rows.trained;
    this.#masked += rows.masked;
    if (rows.prefix) this.#prefixRows++;
    this.seen(chain.createdAt);
    if (review.at !== undefined) this.seen(review.at);
  }

  /** The chain that was added last is of this source. */
  from(source: MergeSource): void {
    count(this.#bySource, source);
  }

  /** A chain of the set has the labels of this judgement. */
  judged({ judge: { model, host, prompt }, at }: JudgementLine): void {
    const key = JSON.stringify([model, host, prompt]);
    const known = this.#judges.get(key) ?? { model, host, promptHash: prompt, chains: 0 };
    known.chains++;
    this.#judges.set(key, known);
    this.seen(at);
  }

  /** A time of the lineage, ISO 8601. */
  seen(at: string): void {
    if (at > this.#latest) this.#latest = at;
  }

  get latest(): string {
    return this.#latest;
  }

  get counts(): Counts {
    return {
      chains: this.#chains,
      problems: this.#problems.size,
      byClass: sorted(this.#byClass),
      byDecision: sorted(this.#byDecision),
      byRound: sorted(this.#byRound),
      ...(this.#bySource.size > 0 ? { bySource: sorted(this.#bySource) } : {}),
      failedFilter: sorted(this.#failedFilter),
      byBehaviour: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, this.#byBehaviour.get(kind) ?? 0])) as Record<
        Behaviour,
        number
      >,
      edited: this.#edited,
      overruled: this.#overruled,
      trained: this.#trained,
      masked: this.#masked,
      prefixRows: this.#prefixRows,
    };
  }

  get reviewers(): Manifest['reviewers'] {
    return [...this.#reviewers]
      .sort(([a], [b]) => compare(a, b))
      .map(([reviewer, { accepted, edited }]) => ({ reviewer, accepted, edited }));
  }

  get judges(): NonNullable<Manifest['judges']> {
    return [...this.#judges].sort(([a], [b]) => compare(a, b)).map(([, judge]) => judge);
  }

  get sources(): SourceLineage[] {
    return [...this.#sources]
      .sort(([a], [b]) => compare(a, b))
      .map(([, { source, licence, problems, chains }]) => ({ source, licence, problems: problems.size, chains }));
  }

  #addSource(problem: Problem): void {
    const source = problem.source ?? 'unknown';
    const licence = problem.licence ?? 'unknown';
    const key = JSON.stringify([source, licence]);
    const known = this.#sources.get(key) ?? { source, licence, problems: new Set<string>(), chains: 0 };
    known.problems.add(problem.id);
    known.chains++;
    this.#sources.set(key, known);
  }
}

/**
 * What a round's plan says of where its chains come from; `regraded`: the policy of the last regrading of the round, which stands in
 * place of the plan's. Of an endpoint only the host: a URL may hold a password.
 */
export function roundLineage(plan: RoundPlan, regraded: RoundPlan['grading']): RoundLineage {
  const { model } = plan;
  const grading = regraded ?? plan.grading;
  const host = model ? hostOf(model) : 'starter';
  return {
    round: plan.round,
    kind: plan.kind,
    createdAt: plan.createdAt,
    ...(plan.from === undefined ? {} : { from: plan.from }),
    ...(model ? { model: { kind: model.kind, model: model.model, host } } : {}),
    ...(plan.promptSet ? { promptSet: plan.promptSet } : {}),
    ...(plan.promptsHash === undefined ? {} : { promptsHash: plan.promptsHash }),
    ...(plan.dialogue ? { dialogue: plan.dialogue } : {}),
    ...(plan.sampling ? samplingLineage(plan.sampling) : {}),
    ...(plan.filters ? { filters: plan.filters } : {}),
    ...(grading ? { grading } : {}),
    ...(plan.seed === undefined ? {} : { seed: plan.seed }),
  };
}

function samplingLineage({ settings, response, role }: SamplingPlan): Pick<RoundLineage, 'sampling'> {
  return { sampling: { settings, response, role } };
}

/** How many chains were left out for each reason. */
export function countReasons(left: readonly LeftOut[]): Record<string, number> {
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
