import { isDeepStrictEqual } from 'node:util';
import { bandOf, type LengthBand, withBand } from '../../core/filters/index.ts';
import type { Chain } from '../../core/model/index.ts';
import { selectResponses } from '../../core/sampling/index.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import type { SamplingRoundPlan } from './work.ts';

const BAND = 'length-band';

/** Of the correct responses of a round: which are kept. */
export interface Selected {
  /** Those that passed the filters. */
  passed: number;
  /** Of these, those that were selected. */
  kept: number;
  /** Ids of chains that passed the filters and were not selected. */
  dropped: string[];
  /** Correct responses that are not kept, by reason. */
  left: Record<string, number>;
}

type Round = Pick<SamplingRoundPlan, 'round' | 'sampling'>;
type Candidate = Pick<Chain, 'id' | 'text' | 'tokens' | 'verdict' | 'passed'>;

/**
 * Which correct responses of a round are kept, problem by problem, by the chains as the index has them. The length band of the round
 * is known only now: chains that it says something new of are appended.
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

/** The same where it is known already which chains pass the filters; nothing is written. `passing`: their ids. */
export function selectPassing(dataset: Dataset, plan: Round, passing: ReadonlySet<string>): Promise<Selected> {
  return select(dataset, plan, async (chains) => chains.map((chain) => ({ ...chain, passed: passing.has(chain.id) })));
}

/** `filtered` gives the chains of a problem as the filters have them. */
async function select(
  dataset: Dataset,
  { round, sampling }: Round,
  filtered: (chains: readonly Chain[]) => Promise<readonly Candidate[]>,
): Promise<Selected> {
  const byProblem = new Map<string, string[]>();
  for (const { id, problemId, round: of } of dataset.index.chains())
    if (of === round) byProblem.set(problemId, [...(byProblem.get(problemId) ?? []), id]);
  const selected: Selected = { passed: 0, kept: 0, dropped: [], left: {} };
  const leave = (reason: string): void => {
    selected.left[reason] = (selected.left[reason] ?? 0) + 1;
  };
  for (const ids of byProblem.values()) {
    // One problem's texts at a time: those of a whole round do not fit.
    const chains = await filtered(await Promise.all(ids.map((id) => dataset.chain(id))));
    for (const { passed, verdict } of chains) if (!passed && verdict.outcome === 'correct') leave('filters');
    const passed = chains.filter((chain) => chain.passed);
    selected.passed += passed.length;
    const responses = passed.map(({ id, text, tokens }) => ({ id, text, tokens: tokens.count }));
    const { kept, left } = selectResponses(responses, sampling.settings.selection);
    selected.kept += kept.length;
    for (const { response, reason } of left) {
      selected.dropped.push(response.id);
      leave(reason);
    }
  }
  return selected;
}

/** Of the chains that pass every other filter; undefined where the filter is off. */
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
