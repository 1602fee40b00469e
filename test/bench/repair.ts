// Accepted chains per 1,000 completion tokens: fresh sampling of problems against repairs of the wrong responses to the same problems.
// Run: npm run bench -- repair [--tiny] [--family=sums|counts] [--problems=24] [--samples=4] [--steps=6] [--temperature=0.7] [--seed=1] [--folder=FOLDER], or
// with --url=URL --model=NAME. --tiny: the tiny Llama of the bench step-values in place of the starter.
// A folder is resumed: what is paid there is used again. With --labelled, a person has labelled the first wrong step of each chain.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { ensureStarter } from '../../scripts/lib/starter.ts';
import { bootstrapRatio } from '../../src/core/evaluation/bootstrap.ts';
import { randomSource } from '../../src/core/maths/random.ts';
import { splitSteps } from '../../src/core/review/steps.ts';
import { type ModelRef, PromptSet, RESPONSE_OF_PROMPT_SET } from '../../src/core/schemas/index.ts';
import { DEFAULT_STARTER } from '../../src/models/starter/catalogue.ts';
import { Dataset } from '../../src/store/index.ts';
import { longhand } from './runner/round.ts';
import { counts, isWrongStep, plantedChains, sums } from './step-values/planted.ts';
import { serveTiny, tinyOptions } from './step-values/tiny.ts';

const { values: flags } = parseArgs({
  options: {
    problems: { type: 'string', default: '24' },
    samples: { type: 'string', default: '4' },
    steps: { type: 'string', default: '6' },
    family: { type: 'string', default: 'sums' },
    temperature: { type: 'string', default: '0.7' },
    tiny: { type: 'boolean', default: false },
    rows: { type: 'string', default: '10000' },
    passes: { type: 'string', default: '2' },
    slips: { type: 'string', default: '0.15' },
    budget: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '4' },
    labelled: { type: 'boolean', default: false },
    folder: { type: 'string' },
    url: { type: 'string' },
    model: { type: 'string', default: 'model' },
  },
});
const [problems, samples, steps] = [Number(flags.problems), Number(flags.samples), Number(flags.steps)];
const family = flags.family === 'counts' ? counts : sums;
const concurrency = Number(flags.concurrency);
const REVIEWER = 'bench';

async function makeDataset(folder: string): Promise<string> {
  if (existsSync(join(folder, 'longhand.json'))) return folder;
  const made = await Dataset.create(folder, { name: 'repair', mediaFolder: join(ROOT, 'media') });
  const { promptSet, sampling } = made.settings;
  const random = randomSource(4);
  // Two solved sums: without them a small model rarely writes the form.
  const turns = [4, steps].flatMap((length) => {
    const { problem, steps: texts } = family(length, -1, random);
    return [`## user\n\n${problem}`, `## assistant\n\n${texts.join('\n\n')}`];
  });
  const isShort = flags.tiny || flags.url !== undefined;
  const prompt = isShort ? '## user\n\n{{problem}}\n' : `${[...turns, '## user\n\n{{problem}}'].join('\n\n')}\n`;
  // The starter changes the prompt set of a dataset to its own.
  for (const set of PromptSet.options) await writeFile(join(made.promptsFolder(set), 'response.md'), prompt);
  // All tokens: the errors of a hasty model are rare ones, which a smaller share would exclude.
  const response = {
    ...RESPONSE_OF_PROMPT_SET[promptSet],
    temperature: Number(flags.temperature),
    ...(flags.tiny && { topP: 1 }),
    maxTokens: 24 * (steps + 2),
  };
  await made.saveSettings({ sampling: { ...sampling, response } });
  await made.close();
  const rows = plantedChains(family, problems, steps, Number(flags.seed)).map(({ id, problem, answer }) => ({
    ...{ id, problem, answer },
  }));
  const file = join(folder, 'problems.jsonl');
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await longhand('import', { dataset: folder, file });
  if (flags.tiny) return folder;
  const model: ModelRef = flags.url
    ? { kind: 'openai', baseURL: flags.url, model: flags.model }
    : { kind: 'starter', model: DEFAULT_STARTER };
  await longhand('model', { dataset: folder, model, role: 'base' });
  return folder;
}

/** What a round used and brought, by problem. */
type ByProblem = Map<string, { tokens: number; accepted: number }>;

async function roundOf(dataset: Dataset, kind: 'sampling' | 'repair'): Promise<string | undefined> {
  for (const round of await dataset.rounds()) if ((await dataset.roundPlan(round)).kind === kind) return round;
  return undefined;
}

async function useOf(folder: string, kind: 'sampling' | 'repair'): Promise<ByProblem> {
  const dataset = await Dataset.open(folder);
  const by: ByProblem = new Map();
  const round = (await roundOf(dataset, kind)) ?? '';
  const of = (id: string) => {
    const found = by.get(id) ?? { tokens: 0, accepted: 0 };
    by.set(id, found);
    return found;
  };
  for await (const { problemId, reply } of dataset.journal(round)) of(problemId).tokens += reply.usage.completion;
  for (const { problemId, round: own, passed } of dataset.index.chains())
    if (own === round && passed) of(problemId).accepted += 1;
  await dataset.close();
  return by;
}

/** Imports one wrong response of each problem as a trace. @returns their number */
async function importWrong(folder: string): Promise<number> {
  const dataset = await Dataset.open(folder);
  const round = (await roundOf(dataset, 'sampling')) ?? '';
  const wrong = new Set<string>();
  for await (const { key, verdict, reply } of dataset.grades(round))
    if (verdict.outcome === 'incorrect' && verdict.extracted !== undefined && !reply) wrong.add(key);
  const rows = new Map<string, object>();
  for await (const { key, problemId, reply } of dataset.journal(round)) {
    if (!wrong.has(key) || rows.has(problemId)) continue;
    const { problem, answer } = await dataset.problem(problemId);
    rows.set(problemId, { id: problemId, problem, answer, trace: reply.text });
  }
  await dataset.close();
  if (rows.size === 0) return 0;
  const file = join(folder, 'wrong.jsonl');
  await writeFile(file, [...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join(''));
  await longhand('import-traces', { dataset: folder, file });
  return rows.size;
}

async function labelWrong(folder: string): Promise<void> {
  const dataset = await Dataset.open(folder);
  for (const { id, origin } of dataset.index.chains()) {
    if (origin !== 'imported') continue;
    const chain = await dataset.chain(id);
    const { problem } = await dataset.problem(chain.problemId);
    const place = splitSteps(chain.text, chain.segments).find(({ start, end }) =>
      isWrongStep(problem, chain.text.slice(start, end)),
    );
    if (!place) continue;
    const act = { id: `label ${id}`, at: new Date().toISOString(), reviewer: REVIEWER, chainId: id };
    await dataset.appendReview({ ...act, act: 'first-wrong-step', place });
  }
  await dataset.close();
}

function report(name: string, uses: readonly { tokens: number; accepted: number }[]): void {
  const tokens = uses.map((use) => use.tokens);
  const measured = bootstrapRatio(
    tokens,
    uses.map(({ accepted }) => 1000 * accepted),
  );
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  const accepted = sum(uses.map((use) => use.accepted));
  const rate =
    measured && 'low' in measured
      ? `${measured.value.toFixed(2)} (${measured.low?.toFixed(2)} to ${measured.high?.toFixed(2)})`
      : '–';
  console.log(`  ${name.padEnd(18)} ${accepted} accepted chains, ${sum(tokens)} tokens; per 1,000 tokens: ${rate}`);
}

await ensureBuilt();
const folder = flags.folder ? resolve(flags.folder) : await mkdtemp(join(tmpdir(), 'longhand-bench-'));
await mkdir(folder, { recursive: true });
let stop: (() => Promise<unknown>) | undefined;
try {
  if (!flags.url && !flags.tiny) await ensureStarter();
  const dataset = await makeDataset(join(folder, 'dataset'));
  if (flags.tiny) stop = await serveTiny(dataset, folder, { family, steps, ...tinyOptions(flags) });
  const opened = await Dataset.open(dataset);
  const [sampled, made] = [await roundOf(opened, 'sampling'), await roundOf(opened, 'repair')];
  await opened.close();
  if (sampled === undefined)
    await longhand('sample-round', { dataset, policy: { policy: 'cascade', stages: [samples] }, concurrency });
  else await longhand('resume', { dataset, round: sampled });
  const wrong = existsSync(join(dataset, 'wrong.jsonl')) ? 'as before' : await importWrong(dataset);
  if (flags.labelled && made === undefined) await labelWrong(dataset);
  if (made === undefined) {
    const settings = { budget: Number(flags.budget), batch: 2, certainty: 0.8, concurrency };
    await longhand('repair-chains', { dataset, where: 'origin = imported', limit: problems, ...settings });
  } else await longhand('resume', { dataset, round: made });
  const [fresh, repaired] = [await useOf(dataset, 'sampling'), await useOf(dataset, 'repair')];
  const all = [...fresh.values()];
  const right = all.reduce((sum, one) => sum + one.accepted, 0);
  console.log(
    `${all.length} problems of ${steps} steps, ${samples} samples each, seed ${flags.seed}; pass rate ${(right / (all.length * samples)).toFixed(2)}; wrong responses repaired: ${wrong}`,
  );
  report('fresh, all', all);
  report(
    'fresh, the same',
    [...fresh].filter(([id]) => repaired.has(id)).map(([, use]) => use),
  );
  report('repaired', [...repaired.values()]);
} finally {
  await stop?.();
  if (!flags.folder) await rm(folder, { recursive: true, force: true });
}
