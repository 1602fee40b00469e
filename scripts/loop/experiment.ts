// One experiment with one seed, from problems to paired tests. Every step that costs anything is a verb of Longhand.

import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { Chain, JournalLine } from '../../src/core/schemas/index.ts';
import { linesOf } from '../../src/store/lines/files.ts';
import { Steps } from '../../src/store/selections/steps.ts';
import { writeAtomic } from '../../src/system/atomic-write.ts';
import type { VerbResult } from '../../src/verbs/index.ts';
import { freePort } from '../lib/net.ts';
import { dequantise, type Pretrained, pretrain, writeRows } from './base-model.ts';
import { type CheckCounts, checksOf } from './checks.ts';
import { type ComparisonFacts, comparisonOf, programsOf } from './comparison.ts';
import type { Experiment } from './experiments.ts';
import type { LoopProblem } from './families.ts';
import type { Places } from './places.ts';
import { prepareDataset } from './prepare-dataset.ts';
import { isNamed, readRows } from './rows.ts';
import { type ServedModel, Serving, type ServingOptions } from './serving.ts';
import { drawDevelopment, drawSets } from './splits.ts';
import { chooseVariant, VariantYield, variantYield } from './variants.ts';
import {
  COMPARISON,
  endOfComparison,
  finishComparison,
  finishRound,
  finishTraining,
  longhand,
  type VerbRunner,
} from './verbs.ts';

/** The responses of the base model as a round. */
const IMPORTED = 'base-responses';

const Text = z.string();
const Question = z.object({ id: z.string(), problem: z.string() });
/** A response that was paid for. */
interface Response {
  problemId: string;
  text: string;
  /** It ended by itself. */
  finished: boolean;
}
type Compared = VerbResult<'compare-selections'>;

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
  rows: { direct: number; arms: number };
  comparison: Pick<Compared, 'plan' | 'result'>;
  /** By set of held-out problems and arm. */
  checks: Record<string, Record<string, CheckCounts>>;
  /** Of the steps of the recipe, and of those of the comparison. */
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

export class LoopRun {
  readonly #s: Surroundings;
  readonly #serving: Serving;

  constructor(surroundings: Surroundings) {
    this.#s = surroundings;
    const { places } = surroundings;
    this.#serving = this.#servingOf(places.dataset);
  }

  #servingOf(dataset: string): Serving {
    return new Serving(this.#s.runner, dataset, this.#serverOptions);
  }

  get #serverOptions(): ServingOptions {
    const { python, experiment } = this.#s;
    return { python, sequences: experiment.concurrency, batched: experiment.batched ?? false };
  }

  /** @returns all results, and the report of the comparison in Markdown */
  async run(): Promise<{ results: Results; report: string }> {
    try {
      return await this.#loop();
    } finally {
      await this.#serving.stop();
    }
  }

  async #loop(): Promise<{ results: Results; report: string }> {
    const { steps, places, experiment, seed, python } = this.#s;
    await steps.step('problems', Text, () => this.#problems());
    const shape = experiment.tiny;
    const Made = z.object({ parameters: z.number(), rows: z.number() });
    const pretrained =
      shape &&
      (await steps.step('pretrain', Made, () => pretrain({ ...experiment, tiny: shape }, places, seed, python)));
    const base = await this.#baseWeights();
    const prompts = experiment.variants && (await this.#choosePrompts(base));
    const prompt = experiment.variants?.prompts[prompts?.prompt ?? ''] ?? experiment.prompt;
    await steps.step('datasets', Text, () => this.#dataset(prompt));
    const direct = await this.#sample('direct', experiment.direct, { path: base, role: 'base' });
    const directSet = await this.#export('direct', [direct.round]);
    const first = await this.#train('sft-first', directSet.folder, base);
    const cascade = await this.#sample('cascade', experiment.cascade, { path: first, role: 'fine-tuned' });
    const control = await this.#importResponses(direct.round);
    const rounds = { direct: direct.round, cascade: cascade.round, control };
    const { folder = '', plan, result, report = '' } = await this.#compare(rounds, base, prompts);
    const compared = await Steps.open(folder, () => undefined);
    // Results are committed: they must have neither local paths nor the random id of the comparison.
    const training = { ...plan.training, model: basename(plan.training.model ?? '') };
    const timed = (step: string): string => step.replace(`compare-${plan.id}-`, '');
    const results: Results = {
      ...{ experiment: experiment.name, seed, ...(pretrained ? { pretrained } : {}), ...(prompts ? { prompts } : {}) },
      ...{ rows: { direct: directSet.rows, arms: plan.rows }, comparison: { plan: { ...plan, training }, result } },
      checks: result ? await checksOf(places.dataset, result) : {},
      seconds: Object.fromEntries(
        [...steps.times, ...compared.times].map(({ step, seconds }) => [timed(step), seconds]),
      ),
    };
    return { results, report };
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

  async #dataset(prompt: string): Promise<string> {
    const { places, experiment, runner } = this.#s;
    await prepareDataset(runner, experiment, { folder: places.dataset, problems: places.train, prompt });
    return places.dataset;
  }

  /** The port of a model's server, chosen once: a round and its resume ask the same place. */
  #port(path: string): Promise<number> {
    const inside = relative(this.#s.places.root, path);
    // Results name the steps and are committed: they must not contain local paths.
    const name = inside.startsWith('..') ? basename(path) : inside;
    return this.#s.steps.step(`port of ${name}`, z.number(), () => freePort());
  }

  async #serve(model: ServedModel): Promise<void> {
    await this.#serving.use(model, await this.#port(model.path));
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

  #train(name: string, exported: string, model: string): Promise<string> {
    const { steps, runner, experiment, seed, python, places } = this.#s;
    return steps.step(`train ${name}`, Text, async () => {
      await this.#serving.stop();
      const settings = { ...experiment.training, seed };
      const args = { export: basename(exported), model, settings, program: { python } };
      return finishTraining(runner, places.dataset, name, args);
    });
  }

  /** Every paid response of a round. */
  async #responses(round: string, dataset = this.#s.places.dataset): Promise<Response[]> {
    const responses: Response[] = [];
    const journal = join(dataset, 'rounds', round, 'journal.jsonl');
    for await (const { problemId, reply } of linesOf(journal, JournalLine)) {
      responses.push({ problemId, text: reply.text, finished: reply.finish === 'stop' });
    }
    return responses;
  }

  /** The chains of a round: its right responses, and wrong ones of problems whose gold answer is suspect. A later line of a chain replaces the earlier one. */
  async #chains(dataset: string, round: string): Promise<Chain[]> {
    const chains = new Map<string, Chain>();
    for await (const chain of linesOf(join(dataset, 'rounds', round, 'chains.jsonl'), Chain))
      chains.set(chain.id, chain);
    return [...chains.values()];
  }

  /** The responses of a round that ended by themselves and are no chains, as a round of traces. @returns its name */
  #importResponses(round: string): Promise<string> {
    const { steps, places, runner } = this.#s;
    const { dataset } = places;
    const known = async (): Promise<string | undefined> =>
      (await longhand(runner, 'status', { dataset })).rounds.find((one) => isNamed(one.round, IMPORTED))?.round;
    return steps.step('import responses', Text, async () => {
      const problems = new Map(readRows(places.train, Question).map((one) => [one.id, one.problem]));
      const chains = new Set((await this.#chains(dataset, round)).map(({ problemId, text }) => `${problemId} ${text}`));
      const ended = (await this.#responses(round)).filter(
        ({ finished, text, problemId }) => finished && text.trim() !== '' && !chains.has(`${problemId} ${text}`),
      );
      // Where all are right, the control has the chains of the round alone.
      if (ended.length === 0) return round;
      writeRows(
        places.responses,
        ended.map(({ problemId, text }) => ({ problem: problems.get(problemId), response: text })),
      );
      if ((await known()) === undefined)
        await longhand(runner, 'import-traces', { dataset, file: places.responses, name: IMPORTED });
      return (await known()) ?? '';
    });
  }

  /** Trains and measures the arms. */
  async #compare(rounds: ComparisonFacts['rounds'], base: string, prompts: Prompts | undefined): Promise<Compared> {
    const { places, experiment, seed, runner } = this.#s;
    // An earlier start that was killed may leave its comparison running for a while, with a server that it still uses.
    await endOfComparison(runner, places.dataset, COMPARISON);
    await this.#serving.stop();
    if (prompts) await writeAtomic(places.bestPrompt, experiment.variants?.prompts[prompts.best] ?? experiment.prompt);
    const asked = prompts?.yields[prompts.prompt];
    const args = comparisonOf(experiment, { places, seed, rounds, base, asked }, this.#serverOptions);
    return finishComparison(runner, places.dataset, COMPARISON, programsOf(this.#serverOptions), args);
  }
}
