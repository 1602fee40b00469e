import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tally } from '../../core/sampling/index.ts';
import { RoundSummary, type SuspectGoldRecord } from '../../core/schemas/index.ts';
import { readJson } from '../lines/files.ts';

/** A problem with a suspect gold answer, and the round that reports it. */
export interface SuspectGold extends SuspectGoldRecord {
  round: string;
}

/** What the index needs of the summaries of rounds. */
export class RoundSummaries {
  readonly #byRound = new Map<
    string,
    { stamp: string; overQuota: ReadonlySet<string>; suspects: readonly SuspectGoldRecord[] }
  >();

  /** Reads summaries that changed. @returns whether any did */
  async refresh(root: string, rounds: readonly string[]): Promise<boolean> {
    let changed = false;
    for (const round of this.#byRound.keys()) {
      if (rounds.includes(round)) continue;
      this.#byRound.delete(round);
      changed = true;
    }
    for (const round of rounds) {
      const path = join(root, 'rounds', round, 'summary.json');
      const stats = await stat(path).catch(() => undefined);
      const stamp = stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
      if ((this.#byRound.get(round)?.stamp ?? '') === stamp) continue;
      const summary = stats ? await readJson(path, RoundSummary) : undefined;
      this.#byRound.set(round, {
        stamp,
        overQuota: new Set(summary?.quotaDropped),
        suspects: summary?.sampling?.suspectGold ?? [],
      });
      changed = true;
    }
    return changed;
  }

  /** Ids of the chains that the quota of each round filtered out. */
  overQuota(): [round: string, ids: ReadonlySet<string>][] {
    return [...this.#byRound].map(([round, { overQuota }]) => [round, overQuota]);
  }

  /** The latest report for each problem that no sample has solved. @param tallies Of all samples by problem. */
  suspects(rounds: readonly string[], tallies: () => ReadonlyMap<string, Tally>): Map<string, SuspectGold> {
    const suspects = new Map<string, SuspectGold>();
    for (const round of rounds) {
      for (const suspect of this.#byRound.get(round)?.suspects ?? [])
        suspects.set(suspect.problemId, { ...suspect, round });
    }
    if (suspects.size === 0) return suspects;
    const known = tallies();
    for (const id of suspects.keys()) if ((known.get(id)?.successes ?? 0) > 0) suspects.delete(id);
    return suspects;
  }
}
