import { basename, join } from 'node:path';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { SERVERS, serverTemplate } from '../../serving/servers.ts';
import { trainerOf } from '../../trainers/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { EngineSteps, engineName, runQuestion } from '../training/engine-steps.ts';
import { askModel, trainerChoices } from '../training/train-sources.ts';
import { requireCommand } from '../training/trainer-program.ts';
import { t } from '../ui/format.ts';
import { type Choice, type Step, separator } from '../ui/steps.ts';

type Setting = 'trainer' | 'model' | 'engine' | 'server' | 'k' | 'seeds' | 'problems' | 'base';

/** The defaults of the verb, as they are shown. */
const USUAL = { trainer: 'trl', server: 'starter' as const, k: 2, seeds: [1, 2, 3] };

/** What a comparison is planned with, in one list: Enter plans it, any other line changes a setting. */
export class ComparisonSettings {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #files: readonly string[];
  readonly #args: CompareSelectionsArgs;
  readonly #engines: EngineSteps;

  /** @param files of held-out problems in the dataset */
  constructor(services: Services, ref: DatasetRef, files: readonly string[], args: CompareSelectionsArgs) {
    this.#services = services;
    this.#ref = ref;
    this.#files = files;
    this.#args = args;
    this.#engines = new EngineSteps(services, runQuestion(), (engine) => {
      args.engine = engine.engine === 'local' ? undefined : engine;
      return this.ask;
    });
  }

  readonly ask: Step = async (ui) => {
    const isStarter = (await this.#services.datasets.open(this.#ref)).settings.model?.kind === 'starter';
    const chosen = await ui.pick<Setting | 'plan'>({
      placeholder: t('Plan the comparison, or change a setting'),
      choices: [
        { icon: 'checklist', label: t('Show Plan'), detail: t('Nothing starts yet'), value: 'plan' },
        separator(t('Change settings')),
        ...this.#settings(isStarter),
      ],
      active: 'plan',
    });
    if (chosen !== 'plan') return this.#change(chosen);
    // A model at an endpoint can't be trained.
    return this.#args.model === undefined && !isStarter ? this.#askModel(undefined) : undefined;
  };

  #settings(isStarter: boolean): Choice<Setting>[] {
    const {
      trainer = USUAL.trainer,
      model,
      engine,
      server = USUAL.server,
      k = USUAL.k,
      seeds = USUAL.seeds,
      problems = [],
      base = false,
    } = this.#args;
    const unnamed = isStarter ? t('base model of the dataset') : t('not chosen');
    return [
      { icon: 'tools', label: t('Trainer'), description: trainerOf(trainer).title, value: 'trainer' },
      { icon: 'mortar-board', label: t('Model'), description: model ? basename(model) : unnamed, value: 'model' },
      {
        icon: 'server-environment',
        label: t('Trainings run on'),
        description: engine ? engineName(engine) : t('this machine'),
        value: 'engine',
      },
      {
        icon: 'server-process',
        label: t('Models served by'),
        description: serverTemplate(server).name,
        value: 'server',
      },
      { icon: 'comment', label: t('Answers per problem'), description: String(k), value: 'k' },
      { icon: 'symbol-number', label: t('Seeds'), description: seeds.join(', '), value: 'seeds' },
      {
        icon: 'file',
        label: t('Held-out problems'),
        description: problems.map((file) => basename(file)).join(', '),
        value: 'problems',
      },
      {
        icon: 'server',
        label: t('Base model'),
        description: base ? t('evaluated too') : t('not evaluated'),
        value: 'base',
      },
    ];
  }

  #change(setting: Setting): Step {
    if (setting === 'base') {
      this.#args.base = !(this.#args.base ?? false);
      return this.ask;
    }
    if (setting === 'model') return this.#askModel(this.ask);
    return {
      ...{ trainer: this.#askTrainer, engine: this.#engines.askEngine, server: this.#askServer },
      ...{ k: this.#askAnswers, seeds: this.#askSeeds, problems: this.#askProblems },
    }[setting];
  }

  readonly #askTrainer: Step = async (ui) => {
    const choices = trainerChoices('sft').filter((one) => !('value' in one) || !trainerOf(one.value).hosted);
    const trainer = await ui.pick({ placeholder: t('Which trainer?'), choices });
    requireCommand(trainer);
    this.#args.trainer = trainer;
    return this.ask;
  };

  #askModel(next: Step | undefined): Step {
    return askModel(this.#services, this.#ref, (model) => {
      this.#args.model = model;
      return next;
    });
  }

  readonly #askServer: Step = async (ui) => {
    this.#args.server = await ui.pick({
      placeholder: t('Which server? It serves one model at a time.'),
      choices: SERVERS.map(({ id, name, detail }) => ({ icon: 'server-process', label: name, detail, value: id })),
    });
    return this.ask;
  };

  readonly #askAnswers: Step = async (ui) => {
    const answers = await ui.input({
      prompt: t('Answers per problem and seed. More find smaller differences.'),
      value: String(this.#args.k ?? USUAL.k),
      validate: (value) => (numbersIn(value, 1024)?.length === 1 ? undefined : t('A whole number from 1 to 1024')),
    });
    this.#args.k = Number(answers);
    return this.ask;
  };

  readonly #askSeeds: Step = async (ui) => {
    const seeds = await ui.input({
      prompt: t('Seeds, separated by commas. Each trains all arms again.'),
      value: (this.#args.seeds ?? USUAL.seeds).join(', '),
      validate: (value) => (numbersIn(value, 0xffff_ffff) ? undefined : t('Whole numbers, such as 1, 2, 3')),
    });
    this.#args.seeds = numbersIn(seeds, 0xffff_ffff);
    return this.ask;
  };

  readonly #askProblems: Step = async (ui) => {
    const chosen = new Set(this.#args.problems);
    const known = this.#files.map((file) => join(this.#args.dataset, ...file.split('/')));
    const problems = await ui.pickMany<string>({
      placeholder: t('Which held-out problems? The first set is the question.'),
      choices: [...new Set([...chosen, ...known])].map((file) => ({
        icon: 'file',
        label: basename(file),
        value: file,
        picked: chosen.has(file),
      })),
    });
    // Without any, nothing is changed.
    if (problems.length > 0) this.#args.problems = problems;
    return this.ask;
  };
}

/** Whole numbers from 1 that a text lists, each once; undefined for anything else. */
function numbersIn(text: string, most: number): number[] | undefined {
  const numbers = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  const isWhole = numbers.every((one) => Number.isInteger(one) && one >= 1 && one <= most);
  return isWhole ? [...new Set(numbers)] : undefined;
}
