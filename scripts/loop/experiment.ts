// One experiment with one seed, from problems to paired tests. Every step that costs anything is a verb of Longhand.

import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { EvaluationComparison } from '../../src/core/evaluation/compare.ts';
import { EvaluationResult } from '../../src/core/evaluation/evaluation-plan.ts';
import { Chain, JournalLine } from '../../src/core/schemas/index.ts';
import { listEvaluations } from '../../src/store/evaluations.ts';
import { linesOf } from '../../src/store/lines/files.ts';
import type { Steps } from '../../src/store/selections/steps.ts';
import { dequantise, type Pretrained, pretrain, writeRows } from './base-model.ts';
import { controlRows, type DrawnResponse } from './control.ts';
import type { Experiment } from './experiments.ts';
import type { LoopProblem } from './families.ts';
import type { Places } from './places.ts';
import { prepareDataset, writePrompt } from './prepare-dataset.ts';
import { freePort, isNamed, readRows, rowsPerProblem } from './rows.ts';
import { type ServedModel, Serving } from './serving.ts';
import { drawDevelopment, drawSets } from './splits.ts';
import { chooseVariant, VariantYield, variantYield } from './variants.ts';
import { finishRound, finishTraining, longhand, type VerbRunner } from './verbs.ts';

/** Which evaluations are held against each other, the one before first. */
const PAIRS = [
  ['base', 'treated'],
  ['control', 'treated'],
  ['base', 'control'],
  ['first', 'treated'],
  ['base-best', 'treated'],
  ['ablation', 'treated'],
] as const satisfies readonly (readonly [Arm, Arm])[];

const Text = z.string();
const Question = z.object({ id: z.string(), problem: z.string() });
const Evaluated = z.object({ evaluation: z.string(), result: EvaluationResult });
export const Compared = z.object({ before: z.string(), after: z.string(), comparison: EvaluationComparison });
export type Evaluated = z.infer<typeof Evaluated>;
export type Compared = z.infer<typeof Compared>;

/** The prompt of all arms, and the one that suits the base model best. */
const Prompts = z.object({ prompt: z.string(), best: z.string(), yields: z.record(z.string(), VariantYield) });
type Prompts = z.infer<typeof Prompts>;

const RoundFacts = z.object({ round: z.string(), samples: z.number(), problems: z.number() });
const ExportFacts = z.object({ folder: z.string(), rows: z.number() });

/** All results of an experiment with one seed; `results.json`. */
export interface Results {
  experiment: string;
  seed: number;
  pretrained?: Pretrained;
  prompts?: Prompts;
  rows: { direct: number; merged: number; control: number; ablation?: number };
  evaluations: Record<string, Evaluated>;
  comparisons: Record<string, Compared>;
  seconds: Record<string, number>;
}

export interface Surroundings {
  experiment: Experiment;
  seed: number;
  places: Places;
  steps: Steps;
  runner: VerbRunner;
  python: string;
  /** What is served and trained as base: the folder of the tiny Llama, or the starter's weights. */
  starterWeights: string;
}

/** The arms by the name of their evaluations. */
export const ARMS = ['base', 'base-best', 'first', 'treated', 'control', 'ablation'] as const;
export type Arm = (typeof ARMS)[number];

export class LoopRun {
  readonly #s: Surroundings;
  readonly #serving: Serving;

  constructor(surroundings: Surroundings) {
    this.#s = surroundings;
    const { places } = surroundings;
    this.#serving = this.#servingOf(places.dataset);
  }

  #servingOf(dataset: string): Serving {
    const { runner, python, experiment } = this.#s;
    return new Serving(runner, dataset, {
      ...{ python, sequences: experiment.concurrency, batched: experiment.batched ?? false },
    });
  }

  async run(): Promise<Results> {
    try {
      return await this.#arms();
    } finally {
      await this.#serving.stop();
    }
  }

  async #arms(): Promise<Results> {
    const { steps, places, experiment, seed, python } = this.#s;
    await steps.step('problems', Text, () => this.#problems());
    const shape = experiment.tiny;
    const Made = z.object({ parameters: z.number(), rows: z.number() });
    const pretrained =
      shape &&
      (await steps.step('pretrain', Made, () => pretrain({ ...experiment, tiny: shape }, places, seed, python)));
    const base = await this.#baseWeights();
    const prompts = experiment.variants && (await this.#choosePrompts(base));
    const variant = (name: string): string => experiment.variants?.prompts[name] ?? experiment.prompt;
    const asked = prompts ? variant(prompts.prompt) : experiment.prompt;
    await steps.step('datasets', Text, () => this.#datasets(asked));

    const evaluations: Record<string, Evaluated> = {};
    const measure = async (arm: Arm, path: string, prompt = asked): Promise<void> => {
      await writePrompt(places.dataset, prompt);
      const model: ServedModel = { path, role: arm === 'base' ? 'base' : 'fine-tuned' };
      evaluations[arm] = await this.#evaluate(arm, places.heldOut, model);
      evaluations[`${arm}-families`] = await this.#evaluate(`${arm}-families`, places.heldOutFamilies, model);
    };
    // Where a prompt is chosen, nothing held out is measured before the last training.
    if (!prompts) await measure('base', base);
    const direct = await this.#sample('direct', experiment.direct, { path: base, role: 'base' });
    const directSet = await this.#export('direct', [direct.round]);
    const first = await this.#train(places.dataset, 'sft-first', directSet.folder, base);
    if (experiment.measuresFirst) await measure('first', first);
    const cascade = await this.#sample('cascade', experiment.cascade, { path: first, role: 'fine-tuned' });
    const merged = await this.#export('merged', [direct.round, cascade.round]);
    const treated = await this.#train(places.dataset, 'sft-merged', merged.folder, base);
    if (!prompts) await measure('treated', treated);
    const unfiltered = await this.#responses(direct.round);
    const controlSet = await this.#drawnSet('control', unfiltered, merged);
    const control = await this.#train(places.control, 'sft-control', controlSet.folder, base);
    if (!prompts) await measure('control', control);
    const ablationSet =
      experiment.ablates &&
      (await this.#drawnSet('ablation', await this.#rightResponses([direct.round, cascade.round]), merged));
    const ablation = ablationSet && (await this.#train(places.ablation, 'sft-ablation', ablationSet.folder, base));
    if (prompts) {
      await measure('base', base);
      await measure('treated', treated);
      await measure('control', control);
      await measure('base-best', base, variant(prompts.best));
    }
    if (ablation) await measure('ablation', ablation);
    const comparisons = await this.#comparisons(evaluations);
    return {
      ...{ experiment: experiment.name, seed, ...(pretrained ? { pretrained } : {}), ...(prompts ? { prompts } : {}) },
      rows: {
        ...{ direct: directSet.rows, merged: merged.rows, control: controlSet.rows },
        ...(ablationSet ? { ablation: ablationSet.rows } : {}),
      },
      ...{ evaluations, comparisons, seconds: Object.fromEntries(steps.times.map((one) => [one.step, one.seconds])) },
    };
  }

  /** The folder or file of the model that every arm begins from. */
  async #baseWeights(): Promise<string> {
    const { places, experiment, python, starterWeights } = this.#s;
    if (experiment.tiny) return places.base;
    return experiment.batched ? dequantise(starterWeights, places.base, python) : starterWeights;
  }

  async #problems(): Promise<string> {
    const { experiment, seed, places } = this.#s;
    const { sizes, scale, baseSeed, variants } = experiment;
    const { train, heldOut, heldOutFamilies } = drawSets(sizes, seed, scale, baseSeed);
    const plain = ({ id, problem, answer, topic }: LoopProblem): LoopProblem => ({ id, problem, answer, topic });
    writeRows(places.train, train.map(plain));
    writeRows(places.heldOut, heldOut.map(plain));
    writeRows(places.heldOutFamilies, heldOutFamilies.map(plain));
    const development = variants ? drawDevelopment(variants.problems, scale, baseSeed) : [];
    writeRows(join(places.development, 'problems.jsonl'), development.map(plain));
    return places.train;
  }

  /** Samples the development problems with each variant. The datasets are shared by all seeds, so only the first seed pays. */
  async #choosePrompts(base: string): Promise<Prompts> {
    const { steps, places, experiment, runner } = this.#s;
    const { prompts = {}, samples = 0 } = experiment.variants ?? {};
    const yields: Record<string, VariantYield> = {};
    for (const [variant, text] of Object.entries(prompts)) {
      yields[variant] = await steps.step(`try prompt ${variant}`, VariantYield, async () => {
        const folder = join(places.development, variant);
        const problems = join(places.development, 'problems.jsonl');
        await prepareDataset(runner, experiment, { folder, problems, prompt: text });
        const serving = this.#servingOf(folder);
        try {
          await serving.use({ path: base, role: 'base' }, await this.#port(base));
          const policy = { policy: 'cascade', stages: [samples] };
          const args = {
            dataset: folder,
            name: variant,
            policy,
            role: 'base',
            seed: experiment.baseSeed,
            dropBelow: 0,
          };
          const round = await finishRound(runner, folder, variant, () => longhand(runner, 'sample-round', args));
          return variantYield(await this.#chains(folder, round), (await this.#responses(round, folder)).length);
        } finally {
          await serving.stop();
        }
      });
    }
    const { prompt, best } = chooseVariant(yields);
    return steps.step('choose prompt', Prompts, async () => ({ prompt, best, yields }));
  }

  /** The datasets with their settings. In those of the other arms no filter is on. */
  async #datasets(prompt: string): Promise<string> {
    const { places, experiment, runner } = this.#s;
    const imported = [places.control, ...(experiment.ablates ? [places.ablation] : [])];
    const problems = places.train;
    await prepareDataset(runner, experiment, { folder: places.dataset, problems, prompt });
    for (const folder of imported)
      await prepareDataset(runner, experiment, { folder, problems, prompt, imported: true });
    return places.dataset;
  }

  /** The port of a model's server, chosen once: a round and its resume ask the same place. */
  #port(path: string): Promise<number> {
    const inside = relative(this.#s.places.root, path);
    // Results name the steps and are committed: they must not contain local paths.
    const name = inside.startsWith('..') ? basename(path) : inside;
    return this.#s.steps.step(`port of ${name}`, z.number(), freePort);
  }

  async #serve(model: ServedModel): Promise<void> {
    await this.#serving.use(model, await this.#port(model.path));
  }

  #evaluate(name: string, problems: string, model: ServedModel): Promise<Evaluated> {
    const { steps, places, runner, experiment, seed } = this.#s;
    return steps.step(`evaluate ${name}`, Evaluated, async () => {
      await this.#serve(model);
      const { dataset } = places;
      const before = (await listEvaluations(dataset)).find(({ plan }) => isNamed(plan.evaluation, name));
      const how = before
        ? { resume: before.plan.evaluation }
        : { problems, role: model.role, k: experiment.k, name, seed, concurrency: experiment.concurrency };
      const { plan, result } = await longhand(runner, 'evaluate', { dataset, ...how });
      if (!result) throw new Error(`The evaluation ${plan.evaluation} has no result.`);
      return { evaluation: plan.evaluation, result };
    });
  }

  #sample(name: string, policy: Record<string, unknown>, model: ServedModel): Promise<z.infer<typeof RoundFacts>> {
    const { steps, places, runner, seed } = this.#s;
    const { dataset } = places;
    return steps.step(`sample ${name}`, RoundFacts, async () => {
      await this.#serve(model);
      const args = { dataset, name, policy, role: model.role, seed, dropBelow: 0 };
      const round = await finishRound(runner, dataset, name, () => longhand(runner, 'sample-round', args));
      const responses = await this.#responses(round);
      return { round, samples: responses.length, problems: new Set(responses.map((one) => one.problemId)).size };
    });
  }

  #export(name: string, rounds: string[]): Promise<z.infer<typeof ExportFacts>> {
    const { steps, places, runner } = this.#s;
    return steps.step(`export ${name}`, ExportFacts, async () => {
      const args = { dataset: places.dataset, name, select: 'passed', source: 'sampling', rounds };
      const { folder, chains } = await longhand(runner, 'export', args);
      return { folder, rows: chains };
    });
  }

  #train(dataset: string, name: string, exported: string, model: string): Promise<string> {
    const { steps, runner, experiment, seed, python } = this.#s;
    return steps.step(`train ${name}`, Text, async () => {
      await this.#serving.stop();
      const settings = { ...experiment.training, seed };
      const args = { export: basename(exported), model, settings, program: { python } };
      return finishTraining(runner, dataset, name, args);
    });
  }

  /** Every paid response of a round. */
  async #responses(round: string, dataset = this.#s.places.dataset): Promise<DrawnResponse[]> {
    const responses: DrawnResponse[] = [];
    const journal = join(dataset, 'rounds', round, 'journal.jsonl');
    for await (const { problemId, reply } of linesOf(journal, JournalLine)) {
      responses.push({ problemId, text: reply.text, finished: reply.finish === 'stop' });
    }
    return responses;
  }

  /** The chains of a round, which are its right responses. A later line of a chain replaces the earlier one. */
  async #chains(dataset: string, round: string): Promise<Chain[]> {
    const chains = new Map<string, Chain>();
    for await (const chain of linesOf(join(dataset, 'rounds', round, 'chains.jsonl'), Chain))
      chains.set(chain.id, chain);
    return [...chains.values()];
  }

  /** The right responses of rounds, whatever the filters found. */
  async #rightResponses(rounds: readonly string[]): Promise<DrawnResponse[]> {
    const chains = await Promise.all(rounds.map((round) => this.#chains(this.#s.places.dataset, round)));
    const right = chains.flat().filter(({ verdict }) => verdict.outcome === 'correct');
    return right.map(({ problemId, text, pieces }) => ({
      ...{ problemId, text },
      finished: pieces.every(({ finish }) => finish === undefined || finish === 'stop'),
    }));
  }

  /** As many of these responses as the merged set has rows, unfiltered, through a separate import and export. */
  #drawnSet(
    arm: 'control' | 'ablation',
    responses: readonly DrawnResponse[],
    merged: z.infer<typeof ExportFacts>,
  ): Promise<z.infer<typeof ExportFacts>> {
    const { steps, places, runner, seed } = this.#s;
    return steps.step(`${arm} set`, ExportFacts, async () => {
      const rows = controlRows(responses, rowsPerProblem(merged.folder), seed);
      const problems = new Map(readRows(places.train, Question).map((one) => [one.id, one]));
      const named = rows.map(({ problemId, text }) => ({ problem: problems.get(problemId)?.problem, response: text }));
      const file = arm === 'control' ? places.controlRows : places.ablationRows;
      writeRows(file, named);
      const dataset = places[arm];
      const { rounds } = await longhand(runner, 'status', { dataset });
      if (!rounds.some(({ round }) => isNamed(round, arm)))
        await longhand(runner, 'import-traces', { dataset, file, name: arm });
      // As a sampling round's rows are exported: each problem with the sentence after it, which is in the prompt of all arms.
      const args = { dataset, name: arm, select: 'passed', source: 'dialogue' };
      const { folder, chains } = await longhand(runner, 'export', args);
      return { folder, rows: chains };
    });
  }

  async #comparisons(evaluations: Readonly<Record<string, Evaluated>>): Promise<Record<string, Compared>> {
    const { steps, places, runner } = this.#s;
    const found: Record<string, Compared> = {};
    for (const set of ['', '-families']) {
      for (const [before, after] of PAIRS) {
        const name = `${before}${set} to ${after}${set}`;
        const [a, b] = [evaluations[before + set], evaluations[after + set]].map((one) => one?.evaluation);
        if (a === undefined || b === undefined) continue;
        found[name] = await steps.step(`compare ${name}`, Compared, async () => {
          const result = await longhand(runner, 'compare-evaluations', { dataset: places.dataset, a, b });
          return { before: result.a, after: result.b, comparison: result.comparison };
        });
      }
    }
    return found;
  }
}
