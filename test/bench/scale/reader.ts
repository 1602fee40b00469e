import { DatasetReviewSource } from '../../../src/editor/review/review-source.ts';
import { Dataset } from '../../../src/store/index.ts';
import { buildAndLaunch } from '../reader/browser.ts';
import { measureKeys } from '../reader/keys.ts';
import { traced } from '../reader/trace.ts';

/** Prints how long the reader takes to show the next chain of a dataset in a browser. */
export async function measureReader(folder: string): Promise<void> {
  const dataset = await Dataset.open(folder);
  const browser = await buildAndLaunch();
  try {
    const queue = { query: () => [], order: () => null, set: () => undefined };
    await traced(() => measureKeys(browser, new DatasetReviewSource(dataset, 'bench', queue), 400));
  } finally {
    await browser.close();
    await dataset.close();
  }
}
