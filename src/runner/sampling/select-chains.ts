import { isDeepStrictEqual } from 'node:util';
import { bandOf, type LengthBand, withBand } from '../../core/filters/index.ts';
import type { Chain } from '../../core/model/index.ts';
import { selectResponses } from '../../core/sampling/index.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import type { SamplingRoundPlan } from './work.ts';

const BAND = 'length-band';

export interface SelectedChains {
  chains: number;
  /** Those that passed the filters. */
  passed: number;
  /** Of these, those that were selected. */
  kept: number;
  /** Ids of chains that passed the filters and were not selected. */
  dropped: string[];
  /** Correct responses that are not kept, by reason. */
  left: Record<string, number>;
}

/**
 * Which correct responses of a round are kept, problem by problem, by the chains as the index has them. The length band of the round
 * is known only now: chains that it says something new of are appended.
 */
export async function selectChains(dataset: Dataset, plan: SamplingRoundPlan): Promise<SelectedChains> {
  const entries = dataset.index.chains().filter(({ round }) => round === plan.round);
  const band = bandOfEntries(entries, plan);
  const byProblem = new Map<string, ChainEntry[]>();
  for (const entry of entries) byProblem.set(entry.problemId, [...(byProblem.get(entry.problemId) ?? []), entry]);
  const selected: SelectedChains = { chains: entries.length, passed: 0, kept: 0, dropped: [], left: {} };
  const leave = (reason: string): void => {
    selected.left[reason] = (selected.left[reason] ?? 0) + 1;
  };
  for (const ofProblem of byProblem.values()) {
    // One problem's texts at a time: those of a whole round do not fit.
    const chains = await Promise.all(ofProblem.map(({ id }) => dataset.chain(id)));
    const banded = chains.map((chain) => withBand(chain, band, plan.filters));
    await dataset.appendChains(plan.round, changed(banded, chains));
    for (const { passed, verdict } of banded) if (!passed && verdict.outcome === 'correct') leave('filters');
    const passed = banded.filter((chain) => chain.passed);
    selected.passed += passed.length;
    const responses = passed.map(({ id, text, tokens }) => ({ id, text, tokens: tokens.count }));
    const { kept, left } = selectResponses(responses, plan.sampling.settings.selection);
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
