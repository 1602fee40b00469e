import { join } from 'node:path';
import * as vscode from 'vscode';
import { objectiveIn } from '../../trainers/export-rows.ts';
import { trainerOf } from '../../trainers/index.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { continueBy, runSteps, type Step } from '../ui/steps.ts';
import { EngineSteps, runQuestion } from './engine-steps.ts';
import { runNode } from './run-item.ts';
import { type Confirmed, installChoice, planChoices } from './train-plan.ts';
import { TrainRequest } from './train-request.ts';
import { askSetting } from './train-settings.ts';
import { askModel, exportChoices, trainerChoices } from './train-sources.ts';
import { requireCommand } from './trainer-program.ts';

type Plan = VerbResult<'train'>['plan'];

/** Train…: asks for export, trainer, model and engine, then shows everything that will run before it starts. */
export async function trainModel(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const exports = await exportChoices(ref);
  if (exports.length === 0) {
    throw new ActionableError(t('Nothing to train on: the dataset has no export yet.'), [
      commandAction(t('Export Training Set…'), 'longhand.exportTrainingSet'),
    ]);
  }
  const request = new TrainRequest(services, ref);
  const wizard = new TrainWizard(services, request, exports);
  if (await runSteps(t('Train'), wizard.askExport)) await wizard.finish();
}

class TrainWizard {
  readonly #services: Services;
  readonly #request: TrainRequest;
  readonly #exports: Awaited<ReturnType<typeof exportChoices>>;
  readonly #engines: EngineSteps;
  #started: 'start' | 'anyway' | 'export' | undefined;

  constructor(services: Services, request: TrainRequest, exports: Awaited<ReturnType<typeof exportChoices>>) {
    this.#services = services;
    this.#request = request;
    this.#exports = exports;
    this.#engines = new EngineSteps(services, runQuestion(), (engine) => {
      request.args.engine = engine;
      // Resources are requested only from clusters.
      if (engine.engine === 'local') delete request.args.resources;
      return this.#confirm;
    });
  }

  readonly askExport: Step = async (ui) => {
    const chosen = await ui.pick<string | undefined>({
      placeholder: t('Train on which export?'),
      choices: [...this.#exports, { icon: 'package', label: t('Export Training Set…'), value: undefined }],
    });
    if (chosen === undefined) {
      this.#started = 'export';
      return undefined;
    }
    this.#request.args.export = chosen;
    return this.#askTrainer;
  };

  readonly #askTrainer: Step = async (ui) => {
    const { args } = this.#request;
    const objective = await objectiveIn(join(this.#request.ref.folder, 'exports', args.export ?? ''));
    const trainer = await ui.pick({ placeholder: t('Which trainer?'), choices: trainerChoices(objective ?? 'sft') });
    // An edited configuration belongs to one trainer.
    if (trainer !== args.trainer) delete args.config;
    args.trainer = trainer;
    requireCommand(trainer);
    return trainerOf(trainer).hosted ? this.#askHostedModel : this.#askModel;
  };

  get #askModel(): Step {
    return askModel(this.#services, this.#request.ref, (model) => {
      this.#request.args.model = model;
      return this.#engines.askEngine;
    });
  }

  /** A hosted service has its own names for models, such as `accounts/fireworks/models/…`; the process that watches it runs here. */
  readonly #askHostedModel: Step = async (ui) => {
    const { args } = this.#request;
    const name = await ui.input({
      prompt: t('Name of a model at {0}', trainerOf(args.trainer ?? '').title),
      placeholder: HOSTED_MODELS[args.trainer ?? ''] ?? '',
      validate: (value) => (value.trim() === '' ? t('A name that the service uses') : undefined),
    });
    args.model = name.trim();
    args.engine = { engine: 'local' };
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const plan = await this.#request.plan();
    if (plan.checks.some(({ id, state }) => id === 'environment' && state === 'error')) return this.#install;
    const chosen = await ui.pick<Confirmed>({
      placeholder: whatNow(plan, this.#request.edited),
      choices: planChoices(plan, this.#request.edited),
    });
    return this.#act(plan, chosen);
  };

  /** The checks require an installed trainer. */
  readonly #install: Step = async (ui) => {
    const trainer = this.#request.args.trainer ?? 'trl';
    await ui.pick({
      placeholder: t('{0} is not installed.', trainerOf(trainer).title),
      choices: [installChoice(trainer)],
    });
    return (await this.#request.install()) ? this.#confirm : this.#install;
  };

  async #act(plan: Plan, chosen: Confirmed): Promise<Step | undefined> {
    switch (chosen) {
      case 'start':
      case 'anyway':
        this.#started = chosen;
        return undefined;
      case 'page':
        await this.#request.showPage(plan);
        return continueBy(t('Nothing runs yet. Continue when you have read the plan.'), this.#confirm);
      case 'config':
        await this.#request.editConfig(plan);
        return continueBy(t('Nothing runs yet. Continue when you have edited the configuration.'), this.#confirm);
      case 'unedit':
        delete this.#request.args.config;
        return this.#confirm;
      case 'compare':
        await this.#request.compareConfig(plan);
        return continueBy(t('Nothing runs yet. Continue when you have read the changes.'), this.#confirm);
      default:
        return askSetting(chosen, plan, this.#request.args, this.#confirm);
    }
  }

  async finish(): Promise<void> {
    const { ref } = this.#request;
    if (this.#started === 'export') {
      await vscode.commands.executeCommand('longhand.exportTrainingSet', { ref });
    } else if (this.#started !== undefined) {
      const run = await this.#request.start(this.#started === 'anyway');
      await this.#services.runs.refresh(ref);
      await vscode.commands.executeCommand('longhand.showLoss', runNode(ref, run));
    }
  }
}

const HOSTED_MODELS: Readonly<Record<string, string>> = {
  together: 'Qwen/Qwen3-8B',
  fireworks: 'accounts/fireworks/models/qwen3-8b',
  openai: 'gpt-4.1-mini-2025-04-14',
};

function whatNow({ ready, checks }: Plan, edited: boolean): string {
  const errors = checks.filter(({ state }) => state === 'error').length;
  if (!ready) return counted(errors, 'Not ready to train: {0} error', 'Not ready to train: {0} errors');
  return edited ? t('Nothing runs yet. The edited configuration will run.') : t('Nothing runs yet.');
}
