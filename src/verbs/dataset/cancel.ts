import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CANCEL_FILE, endLimitMs } from '../../protocol/runner.ts';
import { Dataset, NO_TALLY, roundStatus } from '../../store/index.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'cancel'> = async ({ dataset: folder, round }) => {
  const dataset = await Dataset.open(folder, { index: false });
  const path = await dataset.writableRound(round);
  // @throws when there is no such round
  await dataset.roundPlan(round);
  const state = async (): Promise<string> => (await roundStatus(path, NO_TALLY)).state;
  if ((await state()) === 'running') await writeFile(join(path, CANCEL_FILE), '');
  const limitMs = endLimitMs(dataset.settings.calls.graceSeconds);
  for (const until = Date.now() + limitMs; (await state()) === 'running' && Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { round, state: await state() };
};

export const print: Print<'cancel'> = ({ round, state }) => `Round ${round} is ${state}.`;
