// How often a search finds a planted wrong step to within one, and with which share of the continuations of a scan of every step with eight each, by real
// models: the starter, a tiny Llama that is trained here on problems of the same kind, or an endpoint.
// Run: npm run bench -- step-values [--models=starter,tiny] [--chains=40] [--steps=8] [--seed=1] [--family=sums|counts] [--slips=0.15]
// [--temperature=0.7] [--folder=FOLDER], or with --url=URL --model=NAME.
// A folder is resumed: what is paid and trained there is used again. A set that people labelled: `longhand step-values --labelled FILE`.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { ensureStarter } from '../../scripts/lib/starter.ts';
import { randomSource } from '../../src/core/maths/random.ts';
import { type ModelRef, RESPONSE_OF_PROMPT_SET } from '../../src/core/schemas/index.ts';
import { DEFAULT_STARTER } from '../../src/models/starter/catalogue.ts';
import { StepValuesResult } from '../../src/protocol/step-values.ts';
import { Dataset } from '../../src/store/index.ts';
import { longhand } from './runner/round.ts';
import { counts, type Family, type PlantedChain, plantedChains, sums } from './step-values/planted.ts';
import { serveTiny, tinyOptions } from './step-values/tiny.ts';

const { values: flags } = parseArgs({
  options: {
    models: { type: 'string', default: 'starter,tiny' },
    chains: { type: 'string', default: '40' },
    steps: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: 'counts' },
    rows: { type: 'string', default: '10000' },
    passes: { type: 'string', default: '2' },
    slips: { type: 'string', default: '0.15' },
    temperature: { type: 'string', default: '0.7' },
    concurrency: { type: 'string', default: '4' },
    folder: { type: 'string' },
    url: { type: 'string' },
    model: { type: 'string', default: 'model' },
  },
});
const [count, steps, seed] = [Number(flags.chains), Number(flags.steps), Number(flags.seed)];
const FAMILIES: Readonly<Record<string, Family>> = { sums, counts };
/** Continuations of a scan at each place, and the share of them that a search may use. */
const OF_A_SCAN = 8;
const SHARE = 0.4;
const BINS = [0, 0.1, 0.3, 0.5, 0.7, 1.01];

/** A problem with its right solution. */
function solved(family: Family, length: number, random: () => number): { prompt: string; completion: string } {
  const { problem, steps: texts } = family(length, -1, random);
  return { prompt: problem, completion: texts.join('\n\n') };
}

/** Solved problems, then the problem: without them a model of 135 million parameters rarely writes the form. */
function workedExamples(family: Family): string {
  const random = randomSource(4);
  const examples = [solved(family, 3, random), solved(family, 4, random)];
  const turns = examples.flatMap(({ prompt, completion }) => [`## user\n\n${prompt}`, `## assistant\n\n${completion}`]);
  return `${[...turns, '## user\n\n{{problem}}'].join('\n\n')}\n`;
}

async function datasetOf(folder: string, prompt: string): Promise<string> {
  if (existsSync(join(folder, 'longhand.json'))) return folder;
  const made = await Dataset.create(folder, { name: 'step-values', mediaFolder: join(ROOT, 'media') });
  const { promptSet, sampling } = made.settings;
  await writeFile(join(made.promptsFolder(promptSet), 'response.md'), prompt);
  const response = {
    ...RESPONSE_OF_PROMPT_SET[promptSet],
    temperature: Number(flags.temperature),
    maxTokens: 24 * (steps + 2),
  };
  await made.saveSettings({ sampling: { ...sampling, response } });
  await made.close();
  return folder;
}

async function measure(name: string, folder: string): Promise<void> {
  const isTiny = name === 'tiny';
  const family = FAMILIES[flags.family];
  if (family === undefined) throw new Error(`The families are ${Object.keys(FAMILIES).join(' and ')}.`);
  const chains = plantedChains(family, count, steps, seed);
  const prompt = isTiny ? '## user\n\n{{problem}}\n' : workedExamples(family);
  const dataset = await datasetOf(join(folder, `dataset-${name}`), prompt);
  const labelled = join(folder, `planted-${name}.jsonl`);
  await writeFile(labelled, chains.map((row) => `${JSON.stringify(row)}\n`).join(''));
  let stop: (() => Promise<unknown>) | undefined;
  if (isTiny) {
    stop = await serveTiny(dataset, folder, { family, steps, ...tinyOptions(flags) });
  } else {
    const model: ModelRef = flags.url
      ? { kind: 'openai', baseURL: flags.url, model: flags.model }
      : { kind: 'starter', model: DEFAULT_STARTER };
    await longhand('model', { dataset, model, role: 'base' });
  }
  try {
    const began = Date.now();
    const budget = Math.floor(SHARE * OF_A_SCAN * (steps + 1));
    const args = { dataset, labelled, limit: count, budget, batch: 4, certainty: 0.9 };
    const given = { ...args, concurrency: Number(flags.concurrency) };
    report(name, StepValuesResult.parse(await longhand('step-values', given)), chains, Date.now() - began);
  } finally {
    await stop?.();
  }
}

function report(
  name: string,
  { values, accuracy, calls }: StepValuesResult,
  chains: readonly PlantedChain[],
  ms: number,
): void {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  if (accuracy === undefined) return;
  const { wrong, exact, near, samples, scan } = accuracy;
  console.log(`${name}: ${wrong} chains of ${steps} steps, seed ${seed}`);
  console.log(
    `  found within one step: ${near} of ${wrong} (${percent(near / wrong)}), exactly: ${exact} (${percent(exact / wrong)})`,
  );
  console.log(`  continuations: ${samples}, ${percent(samples / scan)} of a scan with ${OF_A_SCAN} at each step`);
  const labels = new Map(chains.map(({ id, label }) => [`labelled/${id}`, label + 1]));
  for (const [i, low] of BINS.slice(0, -1).entries()) {
    const high = BINS[i + 1] ?? 1;
    const inside = values.filter(({ before }) => before >= low && before < high);
    if (inside.length === 0) continue;
    const found = inside.filter(
      ({ chainId, firstWrong }) => firstWrong && Math.abs(firstWrong.step - (labels.get(chainId) ?? 0)) <= 1,
    );
    const used = inside.reduce((sum, one) => sum + one.samples, 0) / inside.length;
    console.log(
      `  value before the step ${low.toFixed(1)} to ${Math.min(1, high).toFixed(1)}: ${found.length} of ${inside.length} found, ${used.toFixed(0)} continuations each`,
    );
  }
  console.log(`  ${calls} calls paid in ${(ms / 1000).toFixed(0)} s; load of the machine ${loadavg()[0]?.toFixed(1)}`);
}

await ensureBuilt();
const folder = flags.folder ? resolve(flags.folder) : await mkdtemp(join(tmpdir(), 'longhand-bench-'));
await mkdir(folder, { recursive: true });
try {
  const names = flags.url ? ['endpoint'] : flags.models.split(',');
  if (names.includes('starter')) await ensureStarter();
  for (const name of names) await measure(name, folder);
} finally {
  if (!flags.folder) await rm(folder, { recursive: true, force: true });
}
