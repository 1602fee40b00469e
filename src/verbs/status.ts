import { Dataset } from '../store/index.ts';
import type { Verb } from './context.ts';

export const status: Verb<'status'> = async ({ dataset: folder }, { log }) => {
  const dataset = await Dataset.open(folder, { log });
  try {
    const chains = dataset.index.chains();
    const counts = { accepted: 0, rejected: 0, skipped: 0, pending: 0 };
    for (const chain of chains) counts[dataset.index.decision(chain.id)]++;
    return {
      dataset: dataset.folder,
      name: dataset.settings.name,
      problems: dataset.index.problems().length,
      chains: chains.length,
      accepted: counts.accepted,
      rejected: counts.rejected,
      // A skipped chain is still to be decided.
      pending: counts.pending + counts.skipped,
      rounds: await dataset.roundStatuses(),
    };
  } finally {
    await dataset.close();
  }
};
