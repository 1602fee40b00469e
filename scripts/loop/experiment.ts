// One experiment with one seed, from problems to paired tests. Every step that costs anything is a verb of Longhand.
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { EvaluationComparison } from '../../src/core/evaluation/compare.ts';
import { EvaluationResult } from '../../src/core/evaluation/evaluation-plan.ts';
import { FILTERS } from '../../src/core/filters/index.ts';
import { DatasetSettings, JournalLine } from '../../src/core/schemas/index.ts';
import { listEvaluations } from '../../src/store/evaluations.ts';
import { linesOf } from '../../src/store/lines/files.ts';
import { readSettings, writeSettings } from '../../src/store/settings.ts';
import { writeAtomic } from '../../src/system/atomic-write.ts';
import { type Pretrained, pretrain, writeRows } from './base-model.ts';
import { controlRows, type DrawnResponse } from './control.ts';
import type { Experiment } from './experiments.ts';
import type { LoopProblem } from './families.ts';
import type { Places } from './places.ts';
import { freePort, isNamed, readRows, rowsPerProblem } from './rows.ts';
import { type ServedModel, Serving } from './serving.ts';
import { drawSets } from './splits.ts';
import type { Steps } from './steps.ts';
import { finishRound, finishTraining, longhand, type VerbRunner } from './verbs.ts';

const ALL_FILTERS = FILTERS.map(({ id }) => id);
/** Which evaluations are held against each other, the one before first. */
const PAIRS = [
  ['base', 'treated'],
  ['control', 'treated'],
  ['base', 'control'],
  ['first', 'treated'],
] as const satisfies readonly (readonly [Arm, Arm])[];

const Text = z.string();
const Question = z.object({ id: z.string(), problem: z.string() });
const Evaluated = z.object({ evaluation: z.string(), result: EvaluationResult });
export const Compared = z.object({ before: z.string(), after: z.string(), comparison: EvaluationComparison });
export type Evaluated = z.infer<typeof Evaluated>;
export type Compared = z.infer<typeof Compared>;

const RoundFacts = z.object({ round: z.string(), samples: z.number(), problems: z.number() });
const ExportFacts = z.object({ folder: z.string(), rows: z.number() });

/** All results of an experiment with one seed; `results.json`. */
export interface Results {
  experiment: string;
  seed: number;
  pretrained?: Pretrained;
  rows: { direct: number; merged: number; control: number };
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
export const ARMS = ['base', 'first', 'treated', 'control'] as const;
export type Arm = (typeof ARMS)[number];

export class LoopRun {
  readonly #s: Surroundings;
  readonly #serving: Serving;

  constructor(surroundings: Surroundings) {
    this.#s = surroundings;
    const { runner, places, python, experiment } = surroundings;
    this.#serving = new Serving(runner, places.dataset, { python, sequences: experiment.concurrency });
  }

  async run(): Promise<Results> {
    try {
      return await this.#arms();
    } finally {
      await this.#serving.stop();
    }
  }

  async #arms(): Promise<Results> {
    const { steps, places, experiment, seed, python, starterWeights } = this.#s;
    await steps.step('problems', Text, () => this.#problems());
    const shape = experiment.tiny;
    const Made = z.object({ parameters: z.number(), rows: z.number() });
    const pretrained =
      shape &&
      (await steps.step('pretrain', Made, () => pretrain({ ...experiment, tiny: shape }, places, seed, python)));
    const base = shape ? places.base : starterWeights;
    await steps.step('datasets', Text, () => this.#datasets());

    const evaluations: Record<string, Evaluated> = {};
    const measure = async (arm: Arm, path: string): Promise<void> => {
      const model: ServedModel = { path, role: arm === 'base' ? 'base' : 'fine-tuned' };
      evaluations[arm] = await this.#evaluate(arm, places.heldOut, model);
      evaluations[`${arm}-families`] = await this.#evaluate(`${arm}-families`, places.heldOutFamilies, model);
    };
    await measure('base', base);
    const direct = await this.#sample('direct', experiment.direct, { path: base, role: 'base' });
    const directSet = await this.#export('direct', [direct.round]);
    const first = await this.#train(places.dataset, 'sft-first', directSet.folder, base);
    if (experiment.measuresFirst) await measure('first', first);
    const cascade = await this.#sample('cascade', experiment.cascade, { path: first, role: 'fine-tuned' });
    const merged = await this.#export('merged', [direct.round, cascade.round]);
    const treated = await this.#train(places.dataset, 'sft-merged', merged.folder, base);
    await measure('treated', treated);
    const controlSet = await this.#controlSet(direct.round, merged);
    const control = await this.#train(places.control, 'sft-control', controlSet.folder, base);
    await measure('control', control);
    const comparisons = await this.#comparisons(evaluations);
    return {
      ...{ experiment: experiment.name, seed, ...(pretrained ? { pretrained } : {}) },
      rows: { direct: directSet.rows, merged: merged.rows, control: controlSet.rows },
      ...{ evaluations, comparisons, seconds: Object.fromEntries(steps.times.map((one) => [one.step, one.seconds])) },
    };
  }

  async #problems(): Promise<string> {
    const { experiment, seed, places } = this.#s;
    const { train, heldOut, heldOutFamilies } = drawSets(experiment.sizes, seed, experiment.scale, experiment.baseSeed);
    const plain = ({ id, problem, answer, topic }: LoopProblem): LoopProblem => ({ id, problem, answer, topic });
    writeRows(places.train, train.map(plain));
    writeRows(places.heldOut, heldOut.map(plain));
    writeRows(places.heldOutFamilies, heldOutFamilies.map(plain));
    return places.train;
  }

  /** Both datasets with their settings. In that of the control arm no filter is on, since it measures training without filters. */
  async #datasets(): Promise<string> {
    const { places, experiment, runner } = this.#s;
    for (const folder of [places.dataset, places.control]) {
      const known = await readSettings(folder).catch(() => undefined);
      if (!known) await longhand(runner, 'init', { dataset: folder, name: basename(folder) });
      const settings = await readSettings(folder);
      const filters = { ...settings.filters, off: folder === places.control ? ALL_FILTERS : experiment.filtersOff };
      const { sampling } = settings;
      const changed = {
        ...settings,
        promptSet: 'small',
        filters,
        sampling: {
          ...sampling,
          selection: { keep: experiment.keep },
          response: experiment.response,
          concurrency: experiment.concurrency,
          // Imported responses count as chains of stage 1.
          markers:
            folder === places.control
              ? { dialogue: experiment.marker, sampling: 'No request was sent.' }
              : { ...sampling.markers, sampling: experiment.marker },
        },
      };
      await writeSettings(folder, DatasetSettings.parse(changed));
      await writeAtomic(join(folder, 'prompts', 'small', 'response.md'), experiment.prompt);
      const { problems } = await longhand(runner, 'status', { dataset: folder });
      if (problems === 0) await longhand(runner, 'import', { dataset: folder, file: places.train });
    }
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
  async #responses(round: string): Promise<DrawnResponse[]> {
    const responses: DrawnResponse[] = [];
    const journal = join(this.#s.places.dataset, 'rounds', round, 'journal.jsonl');
    for await (const { problemId, reply } of linesOf(journal, JournalLine)) {
      responses.push({ problemId, text: reply.text, finished: reply.finish === 'stop' });
    }
    return responses;
  }

  /** Unfiltered responses of the base model, as many as the merged set has rows, through a separate import and export. */
  #controlSet(direct: string, merged: z.infer<typeof ExportFacts>): Promise<z.infer<typeof ExportFacts>> {
    const { steps, places, runner, seed } = this.#s;
    return steps.step('control set', ExportFacts, async () => {
      const rows = controlRows(await this.#responses(direct), rowsPerProblem(merged.folder), seed);
      const problems = new Map(readRows(places.train, Question).map((one) => [one.id, one]));
      const named = rows.map(({ problemId, text }) => ({ problem: problems.get(problemId)?.problem, response: text }));
      writeRows(places.controlRows, named);
      const { control: dataset } = places;
      const { rounds } = await longhand(runner, 'status', { dataset });
      if (!rounds.some(({ round }) => isNamed(round, 'control'))) {
        await longhand(runner, 'import-traces', { dataset, file: places.controlRows, name: 'control' });
      }
      // As a sampling round's rows are exported: each problem with the sentence after it, which is in the prompt of all arms.
      const { folder, chains } = await longhand(runner, 'export', {
        dataset,
        name: 'control',
        select: 'passed',
        source: 'dialogue',
      });
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
