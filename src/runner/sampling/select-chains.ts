import { isDeepStrictEqual } from 'node:util';
import { bandOf, type LengthBand, withBand } from '../../core/filters/index.ts';
import { selectResponses } from '../../core/sampling/index.ts';
import type { Chain } from '../../core/schemas/index.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import type { SamplingRoundPlan } from './plan-sampling.ts';

const BAND = 'length-band';

/** The selection of a round's correct responses. */
export interface Selected {
  /** Number that passed the filters. */
  passed: number;
  /** Number of selected ones. */
  kept: number;
  /** Ids of chains that passed the filters and were not selected. */
  overQuota: string[];
  /** Unselected correct responses by reason. */
  left: Record<string, number>;
}

type Round = Pick<SamplingRoundPlan, 'round' | 'sampling'>;
type Candidate = Pick<Chain, 'id' | 'text' | 'tokens' | 'verdict' | 'passed'>;

/**
 * Selects correct responses of a round problem by problem, by the chains in the index. The length band is known only now, so chains whose result
 * changes are appended.
 */
export async function selectChains(dataset: Dataset, plan: SamplingRoundPlan): Promise<Selected & { chains: number }> {
  const entries = dataset.index.chains().filter(({ round }) => round === plan.round);
  const band = bandOfEntries(entries, plan);
  const selected = await select(dataset, plan, async (chains) => {
    const banded = chains.map((chain) => withBand(chain, band, plan.filters));
    await dataset.appendChains(plan.round, changed(banded, chains));
    return banded;
  });
  return { ...selected, chains: entries.length };
}

/** As above with known filter results; nothing is written. `passing`: ids of the passing chains. */
export function selectPassing(dataset: Dataset, plan: Round, passing: ReadonlySet<string>): Promise<Selected> {
  return select(dataset, plan, async (chains) => chains.map((chain) => ({ ...chain, passed: passing.has(chain.id) })));
}

/** `filtered` returns the chains of a problem with their filter results. */
async function select(
  dataset: Dataset,
  { round, sampling }: Round,
  filtered: (chains: readonly Chain[]) => Promise<readonly Candidate[]>,
): Promise<Selected> {
  const byProblem = new Map<string, string[]>();
  for (const { id, problemId, round: of } of dataset.index.chains())
    if (of === round) byProblem.set(problemId, [...(byProblem.get(problemId) ?? []), id]);
  const selected: Selected = { passed: 0, kept: 0, overQuota: [], left: {} };
  const leave = (reason: string): void => {
    selected.left[reason] = (selected.left[reason] ?? 0) + 1;
  };
  for (const ids of byProblem.values()) {
    // Texts of one problem at a time, to save memory.
    const chains = await filtered(await Promise.all(ids.map((id) => dataset.chain(id))));
    for (const { passed, verdict } of chains) if (!passed && verdict.outcome === 'correct') leave('filters');
    const passed = chains.filter((chain) => chain.passed);
    selected.passed += passed.length;
    const responses = passed.map(({ id, text, tokens }) => ({ id, text, tokens: tokens.count }));
    const { kept, left } = selectResponses(responses, sampling.settings.selection);
    selected.kept += kept.length;
    for (const { response, reason } of left) {
      selected.overQuota.push(response.id);
      leave(reason);
    }
  }
  return selected;
}

/** The band of the chains that pass all other filters; undefined when the filter is off. */
function bandOfEntries(entries: readonly ChainEntry[], { filters }: SamplingRoundPlan): LengthBand | undefined {
  if (filters.off.includes(BAND)) return undefined;
  const good = entries.filter(({ failed }) => failed.every((id) => id === BAND));
  return bandOf(
    good.map(({ size }) => size),
    filters,
  );
}

function changed(now: readonly Chain[], before: readonly Chain[]): Chain[] {
  return now.filter((chain, i) => !isDeepStrictEqual(chain.filters, before[i]?.filters));
}
