// `npm run loop -- tiny|smollm|smollm-2 [--seeds 1,2,3] [--folder FOLDER] [--python PATH] [--as-trained]`: the closed loop through Longhand's own verbs, one experiment a seed; and
// `npm run loop -- --check`: the same script in two minutes with a model too small to learn, to see that the parts fit. If killed at any
// moment, it resumes when started again. See docs/design/closed-loop.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, starterPaths } from '../../src/models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../src/models/starter/catalogue.ts';
import { Steps } from '../../src/store/selections/steps.ts';
import { ensureBuilt } from '../lib/build.ts';
import { ROOT } from '../lib/paths.ts';
import { pythonEnvironment } from '../lib/python.ts';
import { explain, SetupError } from '../lib/say.ts';
import { ensureStarter } from '../lib/starter.ts';
import { askAsTrained } from './as-trained.ts';
import { LoopRun } from './experiment.ts';
import { EXPERIMENTS, type ExperimentName } from './experiments.ts';
import { placesOf } from './places.ts';
import type { VerbRunner } from './verbs.ts';

const SEEDS: Record<ExperimentName, string> = { tiny: '12,13,14', smollm: '21', 'smollm-2': '32', check: '1' };

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean' },
    seeds: { type: 'string' },
    folder: { type: 'string' },
    python: { type: 'string' },
    /** Asks the arms of a finished experiment as they were trained. */
    'as-trained': { type: 'boolean' },
    /** Uses dist/ without a build; for tests, which share it. */
    built: { type: 'boolean' },
  },
});

const isExperiment = (name: string): name is ExperimentName => Object.hasOwn(EXPERIMENTS, name);

function chosen(): ExperimentName {
  const name = flags.check ? 'check' : positionals[0];
  if (name && isExperiment(name)) return name;
  throw new Error(
    'Usage: npm run loop -- tiny|smollm|smollm-2 [--seeds 1,2,3] [--folder FOLDER] [--python PATH], or --check',
  );
}

/** The minimum time between two lines of progress. */
const PRINT_EVERY_MS = 15_000;

function runnerOf(signal: AbortSignal): VerbRunner {
  let printedAt = 0;
  return {
    signal,
    progress: (verb, { done, total, unit, message }) => {
      if (Date.now() - printedAt < PRINT_EVERY_MS) return;
      printedAt = Date.now();
      console.error(
        `  ${verb}: ${done}${total === undefined ? '' : `/${total}`} ${unit}${message ? `, ${message}` : ''}`,
      );
    },
  };
}

/** Of Longhand's own environment for training, which is created if missing. */
async function trainerPython(): Promise<string> {
  const made = await pythonEnvironment('trainer');
  if (typeof made === 'string') throw new SetupError(`Training needs Python packages: ${made}.`);
  return made.python;
}

const writeJson = (path: string, value: unknown): void => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

async function main(): Promise<void> {
  const name = chosen();
  const experiment = EXPERIMENTS[name];
  const cancel = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => cancel.abort(new Error(`Stopped by ${signal}; start it again to resume.`)));
  if (!flags.built) await ensureBuilt();
  await ensureStarter();
  const python = flags.python ?? (await trainerPython());
  const starterWeights = starterPaths(cacheFolder(), starterModel(DEFAULT_STARTER)).weights;
  const reports: string[] = [];
  for (const seed of (flags.seeds ?? SEEDS[name]).split(',').map(Number)) {
    const place = resolve(flags.folder ?? join(ROOT, 'cache', 'loop'));
    const places = placesOf(join(place, `${name}-${seed}`), join(place, `${name}-base`));
    console.error(`${name}, seed ${seed}, in ${places.root}`);
    const log = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
    const steps = await Steps.open(places.root, log);
    const runner = runnerOf(cancel.signal);
    const surroundings = { experiment, seed, places, steps, runner, python, starterWeights };
    if (flags['as-trained']) {
      writeJson(places.asTrained, await askAsTrained(surroundings));
      continue;
    }
    const loop = new LoopRun(surroundings);
    const { results, report } = await loop.run();
    writeJson(places.results, results);
    reports.push(readFileSync(report, 'utf8'));
  }
  console.log(reports.join('\n'));
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
