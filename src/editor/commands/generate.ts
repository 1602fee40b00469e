import * as vscode from 'vscode';
import type { DialogueSettings, RoundPlan } from '../../core/model/index.ts';
import type { VerbArgs } from '../../protocol/verbs.ts';
import type { Dataset } from '../../store/index.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { formatCount } from '../format.ts';
import { modelPlace } from '../model-place.ts';
import { queryProblems } from '../problem-scope.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { EFFORT_TRIES } from '../strategy.ts';
import { optionSteps, type RoundOptions, strategyWords, triesOf } from './generate-options.ts';
import { prepareModel } from './rounds.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);
/** Offered numbers of problems. */
const SIZES = [1, 5, 10, 20, 50, 100, 500, 1000];

type Confirmed = 'start' | 'model' | 'settings' | 'prompts';

/** Generate Chains…: which problems, how many, which strategy, the plan with what it may cost, then a round that runs on its own. */
export async function generateChains(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  if (dataset.index.problems().length === 0) {
    throw new ActionableError(vscode.l10n.t('The dataset has no problems yet.'), [
      commandAction(vscode.l10n.t('Import Problems…'), 'longhand.importProblems'),
    ]);
  }
  if ((await dataset.reloadSettings()).model === undefined) {
    const { chooseModel } = await import('./select-model.ts');
    if ((await chooseModel(services, ref)) === undefined) return;
  }
  const wizard = new GenerateWizard(services, ref, dataset);
  if (!(await runSteps(vscode.l10n.t('Generate Chains'), wizard.askScope))) return;
  await wizard.finish();
}

class GenerateWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  #scope: { levels?: string[]; topics?: string[] } = {};
  #problems = 0;
  /** What is left out is as longhand.json says. */
  #options: RoundOptions = {};
  #confirmed: Confirmed | undefined;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
  }

  readonly askScope: Step = async (ui) => {
    const { levels, topics } = this.#values();
    const choices: Choice<'all' | 'levels' | 'topics'>[] = [
      { label: vscode.l10n.t('All problems'), description: count(this.#dataset.index.problems().length), value: 'all' },
    ];
    if (levels.length > 1)
      choices.push({ label: vscode.l10n.t('Choose levels…'), description: names(levels), value: 'levels' });
    if (topics.length > 1)
      choices.push({ label: vscode.l10n.t('Choose topics…'), description: names(topics), value: 'topics' });
    const placeholder = vscode.l10n.t('Which problems may be used?');
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
        await vscode.commands.executeCommand('longhand.selectModel', { ref: this.#ref });
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
        placeholder: which === 'levels' ? vscode.l10n.t('Which levels?') : vscode.l10n.t('Which topics?'),
        choices: values.map(([value, size]) => ({ label: value, description: count(size), value, picked: false })),
      });
      this.#scope = chosen.length === 0 ? {} : { [which]: chosen };
      return this.#askNumber;
    };
  }

  readonly #askNumber: Step = async (ui) => {
    const available = queryProblems(this.#dataset.index.problems(), this.#scope).length;
    const sizes = SIZES.filter((size) => size < available);
    const number = await ui.pick<number | undefined>({
      placeholder: vscode.l10n.t('How many problems shall the round take?'),
      choices: [
        ...sizes.map((size) => ({ label: count(size), value: size })),
        { label: vscode.l10n.t('All {0}', count(available)), value: available },
        { label: vscode.l10n.t('Another number…'), value: undefined },
      ],
      active: sizes.includes(10) ? 10 : available,
    });
    if (number === undefined) return this.#askOtherNumber(available);
    this.#problems = number;
    return this.#askOptions;
  };

  #askOtherNumber(available: number): Step {
    return async (ui) => {
      const text = await ui.input({
        prompt: vscode.l10n.t('Number of problems, 1 to {0}', count(available)),
        validate: (value) =>
          /^\d+$/.test(value.trim()) && Number(value) >= 1 && Number(value) <= available
            ? undefined
            : vscode.l10n.t('A whole number from 1 to {0} is needed.', count(available)),
      });
      this.#problems = Number(text);
      return this.#askOptions;
    };
  }

  readonly #askOptions: Step = async (ui) => {
    const { tries } = this.#own;
    const { quick, thorough } = EFFORT_TRIES;
    const how = await ui.pick<'own' | 'quick' | 'thorough' | 'options'>({
      placeholder: vscode.l10n.t('How shall the model be asked?'),
      choices: [
        {
          label: vscode.l10n.t('As in longhand.json'),
          description: strategyWords(this.#own),
          detail: triesOf(tries),
          value: 'own',
        },
        { label: vscode.l10n.t('Quick look'), detail: triesOf(quick), value: 'quick' },
        { label: vscode.l10n.t('Thorough'), detail: triesOf(thorough), value: 'thorough' },
        {
          label: vscode.l10n.t('Options…'),
          detail: vscode.l10n.t('turns, one dialogue, hints, behaviours, candidates, chains kept'),
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
    const plan = await this.#services.verbs.run('plan', this.#args(), { title: vscode.l10n.t('Planning the round') });
    this.#confirmed = await ui.pick({
      placeholder: vscode.l10n.t('Nothing has been asked of the model yet.'),
      choices: planChoices(plan),
    });
    return undefined;
  };

  async #start(): Promise<void> {
    const { verbs, rounds } = this.#services;
    const access = await prepareModel(this.#services, this.#dataset.settings.model);
    const title = vscode.l10n.t('Starting the round');
    // The runner is a process of its own: the status bar stops it once it is there, and a Cancel here would not.
    await verbs.run('generate', { ...this.#args(), detach: true }, { title, access, cancellable: false });
    await this.#services.datasets.refresh(this.#ref);
    await rounds.look(this.#ref);
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

  #values(): Record<'levels' | 'topics', [string, number][]> {
    const levels = new Map<string, number>();
    const topics = new Map<string, number>();
    for (const { level, topic } of this.#dataset.index.problems()) {
      if (level !== undefined) levels.set(level, (levels.get(level) ?? 0) + 1);
      if (topic !== undefined) topics.set(topic, (topics.get(topic) ?? 0) + 1);
    }
    const byName = new Intl.Collator(vscode.env.language, { numeric: true });
    const sorted = (values: Map<string, number>) => [...values].sort(([a], [b]) => byName.compare(a, b));
    return { levels: sorted(levels), topics: sorted(topics) };
  }
}

const names = (values: readonly [string, number][]): string => values.map(([value]) => value).join(', ');

function planChoices(plan: RoundPlan): (Choice<Confirmed> | vscode.QuickPickItem)[] {
  const { expected, model, dialogue, promptSet } = plan;
  const requests =
    expected === undefined
      ? ''
      : vscode.l10n.t(
          '{0} to {1} requests, at most {2} tokens written',
          count(expected.requestsMin),
          count(expected.requestsMax),
          count(expected.tokensMax),
        );
  const problems = vscode.l10n.t('{0} problems', count(plan.problemIds.length));
  const choices: (Choice<Confirmed> | vscode.QuickPickItem)[] = [
    {
      label: `$(play) ${vscode.l10n.t('Start {0}', plan.round)}`,
      detail: [problems, requests].filter((part) => part !== '').join(' · '),
      value: 'start',
    },
    separator(vscode.l10n.t('Change before it starts')),
  ];
  if (model !== undefined) {
    const description = `${model.model} · ${modelPlace(model)}`;
    choices.push({ label: `$(server) ${vscode.l10n.t('Model')}`, description, value: 'model' });
  }
  if (promptSet !== undefined) {
    choices.push({ label: `$(edit) ${vscode.l10n.t('Prompts')}`, description: promptSet, value: 'prompts' });
  }
  if (dialogue !== undefined) {
    const description = strategyWords(dialogue);
    const detail = vscode.l10n.t('At most for each problem: {0}', triesOf(dialogue.tries));
    choices.push({ label: `$(settings-gear) ${vscode.l10n.t('Strategy')}`, description, detail, value: 'settings' });
  }
  return choices;
}
