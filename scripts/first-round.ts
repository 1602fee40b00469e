// `npm run first-round [-- FOLDER --levels 1,2]`: the sample dataset with the starter model through one round of stage 1, one cascade of stage 2, the picture of
// difficulty and a merged export; the numbers of docs/design/first-round.md on stdout. `--levels`: the cascade asks for
// problems of these levels alone. After a stop or kill, it resumes when run again: each step looks at
// the folder for its results, and a round repeats no paid call.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { defined } from '../src/core/defined.ts';
import { STARTER_MODELS } from '../src/models/starter/catalogue.ts';
import { VERBS, type VerbName, type VerbResult } from '../src/verbs/index.ts';
import { ensureBuilt } from './lib/build.ts';
import { roundsReport } from './lib/first-round.ts';
import { ROOT } from './lib/paths.ts';
import { run } from './lib/process.ts';
import { copySample } from './lib/sample.ts';
import { explain, step } from './lib/say.ts';
import { ensureStarter } from './lib/starter.ts';

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { levels: { type: 'string' } } });
const folder = resolve(positionals[0] ?? join(ROOT, 'cache', 'first-round'));
const levels = flags.levels?.split(',');
const SEED = 2601;
/** Few tries: a model of 135M on two cores writes some 20 tokens a second while others work there. */
const TRIES = { answer1: 2, answer2: 1, check: 2, summary: 2 };
const POLICY = { policy: 'cascade', stages: [2, 4, 8] };
/** Problems of the sample. */
const PROBLEMS = 68;
const LOOK_EVERY_MS = 2000;

/** A verb of the command line that was built; its progress goes to stderr as it comes. */
async function longhand<V extends VerbName>(verb: V, args: Record<string, unknown>): Promise<VerbResult<V>> {
  const json = JSON.stringify({ dataset: folder, ...args });
  const { stdout } = await run(process.execPath, [
    ...[join(ROOT, 'dist', 'cli.mjs'), verb],
    ...['--json', '--progress', 'none', '--args-json', json],
  ]);
  return VERBS[verb].result.parse(JSON.parse(stdout)) as VerbResult<V>;
}

/** Runs the round of this name to its end: starts it, resumes it, or waits for a runner that an earlier start of this script left. */
async function finish(name: string, begin: () => Promise<unknown>): Promise<string> {
  for (;;) {
    const { rounds } = await longhand('status', {});
    const standing = rounds.find(({ round }) => round.endsWith(`-${name}`));
    if (standing?.state === 'finished') return standing.round;
    if (standing?.state === 'running') await sleep(LOOK_EVERY_MS);
    else if (standing) await longhand('resume', { round: standing.round });
    else await begin();
  }
}

async function prepare(): Promise<void> {
  await ensureBuilt();
  if (!existsSync(join(folder, 'longhand.json'))) {
    await step(`Copy the sample dataset into ${folder}`, async () => {
      await copySample(folder);
      return undefined;
    });
  }
  await ensureStarter();
  await longhand('model', { model: { kind: 'starter', model: STARTER_MODELS[0]?.id } });
}

async function main(): Promise<void> {
  await prepare();
  const stages: string[] = [];
  await step('Stage 1: a round of dialogue chains', async () => {
    const args = { problems: PROBLEMS, name: 'stage-1', seed: SEED, tries: TRIES };
    stages.push(await finish('stage-1', () => longhand('generate', args)));
    return undefined;
  });
  await step('Stage 2: a cascade of samples', async () => {
    const args = { policy: POLICY, name: 'stage-2', seed: SEED, ...defined({ levels }) };
    stages.push(await finish('stage-2', () => longhand('sample-round', args)));
    return undefined;
  });
  const [svg, csv] = [join(folder, 'difficulty.svg'), join(folder, 'difficulty.csv')];
  await longhand('difficulty', { svg, csv });
  const exported = await longhand('export', { select: 'passed', source: 'merged', rounds: stages });
  console.log(await roundsReport(folder, stages));
  const left = Object.entries(exported.left ?? {}).map(([reason, count]) => `${reason} ${count}`);
  console.log(`\nExport (merged): ${exported.chains} rows; filtered out: ${left.join(', ') || 'none'}.`);
  console.error(`\nDataset: ${folder}\nPicture: ${svg}\nTable:   ${csv}\nExport:  ${exported.folder}`);
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
