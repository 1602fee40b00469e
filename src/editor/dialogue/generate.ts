import * as vscode from 'vscode';
import { inScope } from '../../core/dataset/level-topic.ts';
import { joined } from '../../core/defined.ts';
import type { DialogueSettings, RoundPlan } from '../../core/schemas/index.ts';
import { formatDuration } from '../../core/text/format.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import { problemCounts } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { modelPlace } from '../models/model-place.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askNumber, type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { formatStrategy, formatTries, optionSteps, type RoundOptions } from './generate-options.ts';
import { EFFORT_TRIES } from './strategy.ts';

/** Offered numbers of problems. */
const SIZES = [1, 5, 10, 20, 50, 100, 500, 1000];

type Confirmed = 'start' | 'model' | 'settings' | 'prompts';

/** Generate Chains…: asks for problems and strategy, shows the plan with its cost, then starts a detached round. */
export async function generateChains(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  if (dataset.index.problemCount === 0) {
    throw new ActionableError(t('The dataset has no problems yet.'), [
      commandAction(t('Import Problems…'), 'longhand.importProblems'),
    ]);
  }
  if ((await dataset.reloadSettings()).model === undefined) {
    const { chooseModel } = await import('../models/select-model.ts');
    if ((await chooseModel(services, ref)) === undefined) return;
  }
  const wizard = new GenerateWizard(services, ref, dataset);
  if (!(await runSteps(t('Generate Chains'), wizard.askScope))) return;
  await wizard.finish();
}

class GenerateWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  #scope: { levels?: string[]; topics?: string[] } = {};
  #problems = 0;
  /** Absent options are as in longhand.json. */
  #options: RoundOptions = {};
  #confirmed: Confirmed | undefined;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
  }

  readonly askScope: Step = async (ui) => {
    const rows = this.#dataset.index.problems();
    const levels = problemCounts(rows, 'levels', vscode.env.language);
    const topics = problemCounts(rows, 'topics', vscode.env.language);
    const choices: Choice<'all' | 'levels' | 'topics'>[] = [
      { label: t('All problems'), description: count(this.#dataset.index.problemCount), value: 'all' },
    ];
    if (levels.length > 1) choices.push({ label: t('Choose levels…'), description: names(levels), value: 'levels' });
    if (topics.length > 1) choices.push({ label: t('Choose topics…'), description: names(topics), value: 'topics' });
    const placeholder = t('Which problems?');
    const choice = choices.length === 1 ? 'all' : await ui.pick({ placeholder, choices });
    this.#scope = {};
    if (choice === 'all') return this.#askNumber;
    return choice === 'levels' ? this.#askValues('levels', levels) : this.#askValues('topics', topics);
  };

  async finish(): Promise<void> {
    switch (this.#confirmed) {
      case 'start':
        return this.#start();
      case 'model':
        await (await import('../models/select-model.ts')).selectModel(this.#services, { ref: this.#ref });
        return;
      case 'prompts':
        await vscode.commands.executeCommand('longhand.openPrompts', { ref: this.#ref });
        return;
      case 'settings':
        await vscode.commands.executeCommand('longhand.openSettingsFile', { ref: this.#ref });
        return;
      case undefined:
        return;
    }
  }

  #askValues(which: 'levels' | 'topics', values: readonly [string, number][]): Step {
    return async (ui) => {
      const chosen = await ui.pickMany({
        placeholder: which === 'levels' ? t('Which levels?') : t('Which topics?'),
        choices: values.map(([value, size]) => ({ label: value, description: count(size), value, picked: false })),
      });
      this.#scope = chosen.length === 0 ? {} : { [which]: chosen };
      return this.#askNumber;
    };
  }

  readonly #askNumber: Step = async (ui) => {
    const available = this.#dataset.index.problems().filter(inScope(this.#scope)).length;
    const sizes = SIZES.filter((size) => size < available);
    const number = await ui.pick<number | undefined>({
      placeholder: t('How many problems?'),
      choices: [
        ...sizes.map((size) => ({ label: count(size), value: size })),
        { label: t('All {0}', count(available)), value: available },
        { label: t('Another number…'), value: undefined },
      ],
      active: sizes.includes(10) ? 10 : available,
    });
    if (number === undefined) return this.#askOtherNumber(available);
    this.#problems = number;
    return this.#askOptions;
  };

  #askOtherNumber(available: number): Step {
    return async (ui) => {
      const prompt = t('Number of problems, 1 to {0}', count(available));
      this.#problems = await askNumber(ui, prompt, available);
      return this.#askOptions;
    };
  }

  readonly #askOptions: Step = async (ui) => {
    const { tries } = this.#own;
    const { quick, thorough } = EFFORT_TRIES;
    const how = await ui.pick<'own' | 'quick' | 'thorough' | 'options'>({
      placeholder: t('Which strategy?'),
      choices: [
        {
          label: t('As in longhand.json'),
          description: formatStrategy(this.#own),
          detail: formatTries(tries),
          value: 'own',
        },
        { label: t('Quick look'), detail: formatTries(quick), value: 'quick' },
        { label: t('Thorough'), detail: formatTries(thorough), value: 'thorough' },
        {
          label: t('Options…'),
          detail: t('turns, one dialogue, hints, behaviours, candidates, chains kept'),
          value: 'options',
        },
      ],
    });
    if (how === 'options') {
      return optionSteps(this.#own, (options) => {
        this.#options = options;
        return this.#confirm;
      });
    }
    this.#options = how === 'own' ? {} : { tries: EFFORT_TRIES[how] };
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const plan = await this.#services.verbs.run('plan', this.#args(), { title: t('Planning the round') });
    this.#confirmed = await ui.pick({
      placeholder: t('No requests sent yet.'),
      choices: planChoices(plan),
    });
    return undefined;
  };

  async #start(): Promise<void> {
    const { verbs, rounds } = this.#services;
    const access = await prepareModel(this.#services, this.#dataset.settings.model);
    const title = t('Starting the round');
    // A Cancel here would not stop the detached runner; the status bar does.
    await verbs.run('generate', { ...this.#args(), detach: true }, { title, access, cancellable: false });
    await this.#services.datasets.refresh(this.#ref);
    await rounds.refresh(this.#ref);
  }

  #args(): VerbArgs<'plan'> {
    return {
      dataset: this.#ref.folder,
      problems: this.#problems,
      ...this.#scope,
      ...this.#options,
    };
  }

  get #own(): DialogueSettings {
    return this.#dataset.settings.dialogue;
  }
}

const names = (values: readonly [string, number][]): string => values.map(([value]) => value).join(', ');

/** The duration of a round at the speed of the model's latest round. */
function timeText({ secondsMin, secondsMax }: NonNullable<RoundPlan['expected']>): string {
  if (secondsMin === undefined || secondsMax === undefined) {
    return t('time unknown: this model has no finished round');
  }
  return t('{0} to {1}', formatDuration(secondsMin), formatDuration(secondsMax));
}

function planChoices(plan: RoundPlan): (Choice<Confirmed> | PickItem)[] {
  const { expected, model, dialogue, promptSet } = plan;
  const requests =
    expected === undefined
      ? ''
      : t(
          '{0} to {1}, at most {2}',
          count(expected.requestsMin),
          counted(expected.requestsMax, '{0} request', '{0} requests'),
          counted(expected.tokensMax, '{0} token written', '{0} tokens written'),
        );
  const problems = counted(plan.problemIds.length, '{0} problem', '{0} problems');
  const choices: (Choice<Confirmed> | PickItem)[] = [
    {
      icon: 'play',
      label: t('Start {0}', plan.round),
      description: expected === undefined ? '' : timeText(expected),
      detail: joined(' · ', problems, requests),
      value: 'start',
    },
    separator(t('Change before it starts')),
  ];
  if (model !== undefined) {
    const description = `${model.model} · ${modelPlace(model)}`;
    choices.push({ icon: 'server', label: t('Model'), description, value: 'model' });
  }
  if (promptSet !== undefined) {
    choices.push({ icon: 'edit', label: t('Prompts'), description: promptSet, value: 'prompts' });
  }
  if (dialogue !== undefined) {
    const description = formatStrategy(dialogue);
    const detail = t('At most for each problem: {0}', formatTries(dialogue.tries));
    choices.push({ icon: 'settings-gear', label: t('Strategy'), description, detail, value: 'settings' });
  }
  return choices;
}
