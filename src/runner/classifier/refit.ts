import { shippedHash } from '../../core/behaviours/classify.ts';
import { HEAD_INPUTS } from '../../core/behaviours/head/inputs.ts';
import { refitHead } from '../../core/behaviours/head/refit.ts';
import { defined } from '../../core/defined.ts';
import type { RefitResult } from '../../protocol/rework.ts';
import { writeHead } from '../../store/classifier-heads.ts';
import type { Dataset } from '../../store/index.ts';
import type { ReworkContext } from '../rework/chosen-rounds.ts';
import { headStateOf } from './head.ts';
import { datasetLabels } from './labels.ts';

/** Deals the chains to folds. */
const SEED = 1;

/**
 * Fits the head of a dataset to its labels. With `apply`, it becomes the next file of `classifier` if it is better for a behaviour.
 * @throws StoreError `symbolic-link`
 */
export async function refitDataset(
  dataset: Dataset,
  { apply }: { apply: boolean },
  context: ReworkContext,
): Promise<RefitResult> {
  const { chains, labels, corrected, reviewers } = await datasetLabels(dataset, context);
  const began = performance.now();
  const { weights, outcomes } = refitHead(chains, SEED);
  const seconds = (performance.now() - began) / 1000;
  const better = Object.keys(weights).length > 0;
  const written =
    apply && better
      ? await writeHead(dataset, {
          version: 1,
          createdAt: new Date().toISOString(),
          shipped: shippedHash(),
          inputs: [...HEAD_INPUTS],
          labels: labels + corrected,
          chains: chains.length,
          reviewers,
          outcomes,
          weights,
        })
      : undefined;
  // A written update is meant to be used.
  if (written !== undefined && dataset.settings.classifier !== 'dataset') {
    await dataset.saveSettings({ classifier: 'dataset' });
  }
  const { state, stored, problem } = await headStateOf(dataset);
  const current = { state, ...defined({ number: stored?.number, labels: stored?.head.labels, problem }) };
  return {
    labels,
    corrected,
    chains: chains.length,
    reviewers,
    outcomes,
    better,
    current,
    seconds,
    ...defined({ written }),
  };
}
