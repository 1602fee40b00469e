import { shuffleKey } from '../maths/random.ts';
import type { MergeSource } from '../sampling/index.ts';
import { compare } from '../text/compare.ts';
import type { LeftReason } from './sources.ts';
import type { ChainWarning } from './warnings.ts';

export const ROW_ORDERS = ['stored', 'problem', 'easy', 'shuffled'] as const;
/** `stored`: as in the dataset. `problem`: rows of a problem together. `easy`: by pass rate, then by level. `shuffled`: at random. */
export type RowOrder = (typeof ROW_ORDERS)[number];

export const DEDUPES = ['none', 'exact', 'near'] as const;
/** `exact`: one row of equal texts of a problem. `near`: also one row of near-duplicate replies of a problem with one label. */
export type Dedupe = (typeof DEDUPES)[number];

/** Which rows are made of the selected chains, and where they go. */
export interface RowChoices {
  /** Chains with one of these warnings have no row. */
  leaveOut: ReadonlySet<ChainWarning>;
  dedupe: Dedupe;
  /** Most rows of a problem, drawn with the seed; all when undefined. */
  perProblem?: number | undefined;
  /** Share of the rows for validation, at least 0 and below 1. */
  validation: number;
  order: RowOrder;
  seed: number;
}

export const DEFAULT_CHOICES: RowChoices = {
  leaveOut: new Set(),
  dedupe: 'none',
  validation: 0,
  order: 'stored',
  seed: 42,
};

/** A selected chain. */
export interface Candidate {
  id: string;
  problemId: string;
  source: MergeSource;
  warnings: readonly ChainWarning[];
  /** The same for problems of which the normalised text is the same. */
  problem: string;
  /** The same for texts that differ in outer spaces at most. */
  text: string;
  /** The first chain of its near-duplicate replies; undefined without any. */
  near?: string | undefined;
  /** Of the problem, 0 to 1; undefined where it is unknown, as is the level. */
  passRate?: number | undefined;
  level?: number | string | undefined;
  /** Only in a form that labels chains; see chainLabel. */
  label?: boolean | undefined;
}

/** The rows of an export in their order. */
export interface RowPlan<C extends Candidate> {
  train: C[];
  validation: C[];
  /** Chains without a row; `by` is the chain that is exported instead. */
  left: { chain: C; reason: LeftReason; by?: C }[];
}

/**
 * Plans the rows of an export. The same candidates and choices always give the same plan. No problem, and no group of near-duplicate problems, is in
 * both training and validation set.
 * @param candidates The selected chains, as stored.
 * @param groupOf The same for near-duplicate problems; called only where rows are split.
 */
export function planRows<C extends Candidate>(
  candidates: readonly C[],
  choices: RowChoices,
  groupOf: (chain: C) => string = ({ problem }) => problem,
): RowPlan<C> {
  const left: RowPlan<C>['left'] = [];
  const wanted = candidates.filter((chain) => {
    const isWanted = !chain.warnings.some((warning) => choices.leaveOut.has(warning));
    if (!isWanted) left.push({ chain, reason: 'warning' });
    return isWanted;
  });
  const kept = capped(withoutDuplicates(wanted, choices.dedupe, left), choices, left);
  const isValidation = validationGroups(kept, choices, groupOf);
  const [train, validation] = [kept, kept].map((rows, set) =>
    ordered(
      choices.validation === 0 ? (set === 0 ? rows : []) : rows.filter((row) => isValidation(row) === (set === 1)),
      choices,
    ),
  );
  return { train: train ?? [], validation: validation ?? [], left };
}

function withoutDuplicates<C extends Candidate>(chains: readonly C[], dedupe: Dedupe, left: RowPlan<C>['left']): C[] {
  if (dedupe === 'none') return [...chains];
  const texts = new Map<string, C>();
  const near = new Map<string, C>();
  return chains.filter((chain) => {
    const key = `${chain.problem} ${chain.text}`;
    const same = texts.get(key);
    const nearKey = chain.near === undefined ? undefined : `${chain.problem} ${chain.label ?? ''} ${chain.near}`;
    const similar = dedupe === 'near' && nearKey !== undefined ? near.get(nearKey) : undefined;
    if (same !== undefined) left.push({ chain, reason: 'duplicate', by: same });
    else if (similar !== undefined) left.push({ chain, reason: 'near-duplicate', by: similar });
    if (same !== undefined || similar !== undefined) return false;
    texts.set(key, chain);
    if (nearKey !== undefined) near.set(nearKey, chain);
    return true;
  });
}

function capped<C extends Candidate>(chains: C[], { perProblem, seed }: RowChoices, left: RowPlan<C>['left']): C[] {
  if (perProblem === undefined) return chains;
  const over = new Set<C>();
  for (const rows of byProblem(chains)) {
    if (rows.length > perProblem) for (const row of drawn(rows, seed).slice(perProblem)) over.add(row);
  }
  return chains.filter((chain) => {
    if (over.has(chain)) left.push({ chain, reason: 'over-cap' });
    return !over.has(chain);
  });
}

/** The rows of each problem, in the order of their first rows. */
function byProblem<C extends Candidate>(chains: readonly C[]): C[][] {
  const rows = new Map<string, C[]>();
  for (const chain of chains) {
    const same = rows.get(chain.problem);
    if (same) same.push(chain);
    else rows.set(chain.problem, [chain]);
  }
  return [...rows.values()];
}

/** In a random order that depends on the ids and the seed. */
function drawn<C extends Candidate>(chains: readonly C[], seed: number): C[] {
  return sortedBy(
    chains,
    ({ id }) => shuffleKey(id, seed),
    ({ id }) => id,
  );
}

/**
 * Whether a row is for validation. Groups are drawn at random until they have the share of the rows; the last group is never drawn, so that one row
 * remains for training.
 */
function validationGroups<C extends Candidate>(
  rows: readonly C[],
  { validation, seed }: RowChoices,
  groupOf: (chain: C) => string,
): (row: C) => boolean {
  if (validation === 0) return () => false;
  const sizes = new Map<string, number>();
  for (const row of rows) sizes.set(groupOf(row), (sizes.get(groupOf(row)) ?? 0) + 1);
  const groups = sortedBy(
    [...sizes],
    ([group]) => shuffleKey(group, seed),
    ([group]) => group,
  );
  const chosen = new Set<string>();
  let size = 0;
  for (const [group, count] of groups.slice(0, -1)) {
    if (size >= validation * rows.length) break;
    chosen.add(group);
    size += count;
  }
  return (row) => chosen.has(groupOf(row));
}

function ordered<C extends Candidate>(rows: readonly C[], { order, seed }: RowChoices): C[] {
  switch (order) {
    case 'stored':
      return [...rows];
    case 'problem':
      return byProblem(rows).flat();
    case 'easy':
      return [...rows].sort((a, b) => ease(b.passRate) - ease(a.passRate) || difficulty(a) - difficulty(b));
    case 'shuffled':
      return drawn(rows, seed);
  }
}

/** Problems without a pass rate come last. */
const ease = (passRate: number | undefined): number => passRate ?? -1;

/** Levels that are no numbers come last. */
function difficulty({ level }: Candidate): number {
  const number = Number(level ?? Number.NaN);
  return Number.isNaN(number) ? Number.MAX_VALUE : number;
}

/** Sorted by a number, then by a text; each is computed once. */
function sortedBy<T>(items: readonly T[], number: (item: T) => number, text: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: number(item), tie: text(item) }))
    .sort((a, b) => a.key - b.key || compare(a.tie, b.tie))
    .map(({ item }) => item);
}
