import { defined } from '../../core/defined.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { FilterId } from '../../core/schemas/index.ts';
import {
  ARM_NAMES,
  type ArmName,
  type Drawable,
  drawMatched,
  type Matching,
  type Pool,
} from '../../core/selections/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { type Dataset, queryPositions } from '../../store/index.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { SelectedChain } from '../export/candidates.ts';
import { planExport } from '../export/plan.ts';

/** A chain that an arm may draw. */
export type PoolChain = SelectedChain & Drawable;

/** An arm with all chains that it may draw. */
export interface ArmPool {
  arm: ArmName;
  /** Null for the chains of `a` and `b` together. */
  where: string | null;
  unmasked: boolean;
  /** Only chains that an export of passed chains selects. */
  selected?: true;
  share?: number;
  chains: PoolChain[];
}

/** The rows of one seed. */
export interface SeedDraw {
  seed: number;
  rows: ReadonlyMap<ArmName, readonly PoolChain[]>;
  isMatched: boolean;
}

const UNION = 'union';
const NONE = 'none';
const MATCHES = 'yes';
const DIFFERS = 'no';

/** Selections that differ by one filter. */
function filterQueries(id: FilterId): { a: string; b: string } {
  const others = FilterId.options.filter((one) => one !== id);
  return { a: `not failed = ${FilterId.options.join(', ')}`, b: `not failed = ${others.join(', ')}` };
}

/** The arms and their queries. @throws VerbError */
function armQueries({ a, b, filter, control = UNION }: CompareSelectionsArgs): [ArmName, string | null][] {
  if (filter !== undefined && (a !== undefined || b !== undefined))
    throw new VerbError('--filter gives both selections.', 'Use it without --a and --b.');
  const chosen = filter === undefined ? { a, b } : filterQueries(filter);
  if (chosen.a === undefined)
    throw new VerbError('No selection is named.', 'Name one with --a and --b as queries, or with --filter.');
  const arms: [ArmName, string | null][] = [['a', chosen.a]];
  if (chosen.b !== undefined) arms.push(['b', chosen.b]);
  if (control !== NONE) arms.push(['control', control === UNION ? null : control]);
  if (arms.length < 2)
    throw new VerbError('There is nothing to compare the selection with.', 'Name another one with --b.');
  if (chosen.b === undefined && control === UNION)
    throw new VerbError('Random rows of one selection are that selection.', 'Name its chains with --control.');
  return arms;
}

/**
 * The chains of each arm, each text of a problem once. Where one selection includes the other, it is the control: random rows of both would be its own.
 * @throws QueryError; VerbError
 */
export async function armPools(
  dataset: Dataset,
  args: CompareSelectionsArgs,
  context: Pick<VerbContext, 'signal' | 'log'>,
): Promise<ArmPool[]> {
  if (args.sameProblems && args.shareOf !== undefined)
    throw new VerbError('--same-problems and --share-of can’t be combined.', 'Use one of them.');
  if (args.shareOf !== undefined && args.shareA === undefined && args.shareB === undefined)
    throw new VerbError(
      '--share-of changes nothing by itself.',
      'Give the share of an arm with --share-a or --share-b.',
    );
  if (args.keepAll && (args.shareOf !== undefined || args.sameProblems || args.rows !== undefined))
    throw new VerbError(
      '--keep-all decides the rows of each problem.',
      'Use it without --share-of, --same-problems and --rows.',
    );
  const matching = await matchingPositions(dataset, args.shareOf, context);
  const stratumOf = (chain: SelectedChain): string => {
    if (args.sameProblems || args.keepAll) return chain.problem;
    return matching?.has(chain.position) ? MATCHES : DIFFERS;
  };
  const shares = { a: args.shareA, b: args.shareB };
  const pools: ArmPool[] = [];
  for (const [arm, where] of armQueries(args)) {
    const unmasked = args.unmasked?.some((one) => one === arm) ?? false;
    const share = arm === 'a' || arm === 'b' ? shares[arm] : undefined;
    if (share !== undefined && matching === undefined)
      throw new VerbError(`--share-${arm} requires --share-of.`, 'Name the chains with it.');
    const selected = args.selected?.some((one) => one === arm) ? (true as const) : undefined;
    const chains = where === null ? unionOf(pools) : await chainsOf(dataset, { where, selected }, context);
    if (where === null && !unmasked && randomPool(pools) !== undefined) continue;
    const drawable = chains.map((chain) => ({ ...chain, stratum: stratumOf(chain) }));
    pools.push({ arm, where, unmasked, ...defined({ selected, share }), chains: drawable });
  }
  refuseFew(pools, args);
  return inOneUnit(pools);
}

/** Estimated tokens, such as those of imported traces, by the tokens per character of the chains whose tokens were counted: else lengths could not be compared. */
function inOneUnit(pools: ArmPool[]): ArmPool[] {
  const counted = unionOf(pools).filter(({ estimated }) => !estimated);
  const sum = (number: (chain: PoolChain) => number): number => counted.reduce((all, chain) => all + number(chain), 0);
  const size = sum((chain) => chain.size);
  if (size === 0) return pools;
  const rate = sum(({ tokens }) => tokens) / size;
  const measured = (chain: PoolChain): PoolChain =>
    chain.estimated ? { ...chain, tokens: Math.round(rate * chain.size) } : chain;
  return pools.map((pool) => ({ ...pool, chains: pool.chains.map(measured) }));
}

/** @throws VerbError where an arm is empty, or has fewer chains than the one that is kept whole */
function refuseFew(pools: readonly ArmPool[], { keepAll }: CompareSelectionsArgs): void {
  const empty = pools.find(({ chains }) => chains.length === 0);
  if (empty) throw new VerbError(`No chain matches ${nameOf(empty)}.`, 'Change its query.');
  const kept = pools.find(({ arm }) => arm === keepAll);
  const few = kept && pools.find(({ chains }) => chains.length < kept.chains.length);
  if (few === undefined) return;
  const numbers = `${ARM_NAMES[few.arm]} has ${plural(few.chains.length, 'chain')}, and ${ARM_NAMES[kept?.arm ?? 'a']} ${formatCount(kept?.chains.length ?? 0)}`;
  throw new VerbError(`${numbers}: it can’t have as many rows.`, 'Widen its query, or omit --keep-all.');
}

const nameOf = ({ arm, where }: ArmPool): string => `${arm}${where === null || where === '' ? '' : ` (${where})`}`;

/** @param selected by the rules of an export, which selects over rounds only where it has the sentences of sources. */
async function chainsOf(
  dataset: Dataset,
  { where, selected }: { where: string; selected: true | undefined },
  context: Pick<VerbContext, 'signal' | 'log'>,
): Promise<SelectedChain[]> {
  const how = selected ? ({ select: 'passed', source: 'merged' } as const) : ({ select: 'all' } as const);
  const args = { ...how, where, dataset: dataset.folder, dedupe: 'exact' as const };
  return (await planExport(dataset, args, context)).rows.train;
}

function unionOf(pools: readonly ArmPool[]): PoolChain[] {
  return [...new Map(pools.flatMap(({ chains }) => chains).map((chain) => [chain.id, chain])).values()].sort(
    (a, b) => a.position - b.position,
  );
}

/** The selection that includes the other one and is trained as a control would be: its rows are random rows of both. */
export function randomPool(pools: readonly ArmPool[]): ArmPool | undefined {
  const selections = pools.filter(({ arm }) => arm !== 'control');
  const all = unionOf(selections).length;
  return selections.find(({ chains, unmasked, share }) => chains.length === all && !unmasked && share === undefined);
}

async function matchingPositions(
  dataset: Dataset,
  text: string | undefined,
  { signal }: Pick<VerbContext, 'signal'>,
): Promise<ReadonlySet<number> | undefined> {
  if (text === undefined) return undefined;
  const query = parseQuery(text);
  return new Set(queryPositions(dataset.index, query, { hasText: await dataset.searchTexts(query, { signal }) }));
}

/** The rows of each arm for one seed. The control has an order of its own, so that it is no copy of a selection. */
export function drawRows(
  pools: readonly ArmPool[],
  seed: number,
  matching: Omit<Matching, 'keepAll'>,
  kept?: ArmName,
): SeedDraw {
  const drawn = pools.map(({ arm, chains, share }): Pool<PoolChain> => {
    const own = arm === 'control' ? (seed ^ CONTROL) >>> 0 : seed;
    if (share === undefined) return { chains, seed: own };
    const shares = new Map([
      [MATCHES, share],
      [DIFFERS, 1 - share],
    ]);
    return { chains, seed: own, shares };
  });
  const keepAll = kept === undefined ? undefined : pools.findIndex(({ arm }) => arm === kept);
  const { rows, isMatched } = drawMatched(drawn, { ...matching, keepAll });
  return { seed, rows: new Map(pools.map(({ arm }, i) => [arm, rows[i] ?? []])), isMatched };
}

/** Changes the seed of the control. */
const CONTROL = 0x5bd1e995;
