import { isDeepStrictEqual } from 'node:util';
import { bandOfChains, withBand } from '../core/filters/index.ts';
import {
  type Chain,
  type FilterSettings,
  noReplies,
  type RepliesByKind,
  ReplyKind,
  replyOutcome,
} from '../core/schemas/index.ts';
import type { Dataset } from '../store/index.ts';

/** The chains of the finished round with their length band results; changes are appended. */
export async function bandedChains(
  dataset: Dataset,
  { round, filters }: { round: string; filters: FilterSettings },
): Promise<Chain[]> {
  const chains = [...(await chainsOf(dataset, round)).values()];
  const band = bandOfChains(chains, filters);
  const banded = chains.map((chain) => withBand(chain, band, filters));
  const changed = banded.filter((chain, i) => !isDeepStrictEqual(chain.filters, chains[i]?.filters));
  await dataset.appendChains(round, changed);
  return banded;
}

/** The chains of a round by id; of several lines for one, the last. */
export async function chainsOf(dataset: Dataset, round: string): Promise<Map<string, Chain>> {
  const chains = new Map<string, Chain>();
  for await (const chain of dataset.chainLines(round)) chains.set(chain.id, chain);
  return chains;
}

export interface Spent {
  calls: number;
  tokens: number;
  replies: RepliesByKind;
}

/** Calls, completion tokens and replies of the whole round, including earlier runs. */
export async function spent(dataset: Dataset, round: string): Promise<Spent> {
  const sum: Spent = { calls: 0, tokens: 0, replies: {} };
  for await (const { piece, reply } of dataset.journal(round)) {
    sum.calls++;
    sum.tokens += reply.usage.completion;
    const kind = ReplyKind.safeParse(piece.replace(/\[.*/, '')).data;
    if (kind === undefined) continue;
    const counts = sum.replies[kind] ?? noReplies();
    sum.replies[kind] = counts;
    counts[replyOutcome(reply)]++;
  }
  return sum;
}
