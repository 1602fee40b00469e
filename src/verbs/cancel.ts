import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CANCEL_FILE } from '../protocol/runner.ts';
import { Dataset, roundStatus } from '../store/index.ts';
import type { Verb } from './context.ts';

/** A runner looks for the file four times a second and then gives up its calls; longer than this it hangs. */
const LIMIT_MS = 15_000;

export const cancel: Verb<'cancel'> = async ({ dataset: folder, round }) => {
  const dataset = await Dataset.open(folder, { index: false });
  const path = await dataset.writableRound(round);
  // Says so when there is no such round.
  await dataset.roundPlan(round);
  const state = async (): Promise<string> => (await roundStatus(path, { chains: 0, chainsPassed: 0 })).state;
  if ((await state()) === 'running') await writeFile(join(path, CANCEL_FILE), '');
  for (const until = Date.now() + LIMIT_MS; (await state()) === 'running' && Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { round, state: await state() };
};
