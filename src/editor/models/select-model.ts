import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { type ModelRef, type ModelRole, modelOf, type PromptSet } from '../../core/schemas/index.ts';
import { formatRate } from '../../core/text/format.ts';
import type { EndpointReport } from '../../models/check.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { count, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { showQuickPick } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step } from '../ui/steps.ts';
import type { FoundModel } from './endpoint-wizard.ts';
import { modelPlace } from './model-place.ts';
import { soundsSmall } from './model-size.ts';
import { ModelSteps } from './model-steps.ts';

interface Chosen extends FoundModel {
  role: ModelRole;
  /** Set for the base model. The fine-tuned model gets the same prompts. */
  promptSet?: PromptSet;
}

/** Select Model…: asks for a model, tests it and stores it in the settings. */
export async function selectModel(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const chosen = await chooseModel(services, ref);
  if (chosen === 'removed') {
    void showInformationMessage(t('The dataset no longer has a fine-tuned model.'));
  } else if (chosen !== undefined) await showSelected(ref, chosen);
}

/**
 * The wizard without its last message.
 * @returns The stored model; `removed` if the fine-tuned model was removed; undefined if the user cancels.
 */
export async function chooseModel(services: Services, ref: DatasetRef): Promise<Chosen | 'removed' | undefined> {
  const dataset = await services.datasets.open(ref);
  const title = t('Select Model');
  const wizard = new SelectModel(services, await dataset.reloadSettings());
  if (!(await runSteps(title, wizard.first)) || wizard.chosen === undefined) return undefined;
  await wizard.remember();
  await services.verbs.run('model', { dataset: ref.folder, ...argsOf(wizard.chosen) }, { title });
  await dataset.reloadSettings();
  await services.datasets.refresh(ref);
  return wizard.chosen;
}

/** The model that continues chains; asks for one where the dataset has none. @returns undefined if the user cancels */
export async function continuingModel(
  services: Services,
  ref: DatasetRef,
  dataset: Dataset,
): Promise<ModelRef | undefined> {
  const own = modelOf(await dataset.reloadSettings(), 'fine-tuned', true);
  if (own !== undefined || (await chooseModel(services, ref)) === undefined) return own;
  return modelOf(await dataset.reloadSettings(), 'fine-tuned', true);
}

function argsOf(chosen: Chosen | 'removed'): Omit<VerbArgs<'model'>, 'dataset'> {
  if (chosen === 'removed') return { role: 'fine-tuned', remove: true };
  const { model, role, promptSet } = chosen;
  return { model, role, ...defined({ promptSet }) };
}

class SelectModel {
  chosen: Chosen | 'removed' | undefined;
  readonly #services: Services;
  readonly #present: Partial<Record<ModelRole, ModelRef>>;
  #steps: ModelSteps | undefined;

  constructor(services: Services, settings: { model?: ModelRef | undefined; fineTuned?: ModelRef | undefined }) {
    this.#services = services;
    const [base, tuned] = [modelOf(settings, 'base'), modelOf(settings, 'fine-tuned')];
    this.#present = { ...(base && { base }), ...(tuned && { 'fine-tuned': tuned }) };
  }

  /** The first model of a dataset is its base model. */
  get first(): Step {
    return Object.keys(this.#present).length === 0 ? this.#askFor('base') : this.#askRole;
  }

  /** Stores the key and the address. */
  async remember(): Promise<void> {
    await this.#steps?.endpoint.saveKey();
    if (this.chosen === 'removed') return;
    if (this.chosen?.model.kind === 'openai') await this.#services.endpoints.add(this.chosen.model.baseURL);
  }

  readonly #askRole: Step = async (ui) => {
    const now = (role: ModelRole): string => {
      const model = this.#present[role];
      return model === undefined ? t('not selected') : `${model.model} · ${modelPlace(model)}`;
    };
    const hasTuned = this.#present['fine-tuned'] !== undefined;
    const role = await ui.pick<ModelRole | 'none'>({
      placeholder: t('Which model of the dataset?'),
      choices: [
        {
          label: t('Base model'),
          description: now('base'),
          detail: t('Writes the chains. Training starts from it.'),
          value: 'base',
        },
        {
          label: t('Fine-tuned model'),
          description: now('fine-tuned'),
          detail: t('Produced by training. It gets the same prompts, so that you can compare both.'),
          value: 'fine-tuned',
        },
        ...(hasTuned ? [noFineTuned()] : []),
      ],
    });
    if (role !== 'none') return this.#askFor(role);
    this.chosen = 'removed';
    return undefined;
  };

  #askFor(role: ModelRole): Step {
    const question = role === 'base' ? t('Which model writes the chains?') : t('Which model did the training produce?');
    const steps = new ModelSteps(this.#services, this.#present[role] ?? this.#present.base, question, (found) => {
      if (role === 'base') {
        return askPrompts(found, (promptSet) => {
          this.chosen = { ...found, role, promptSet };
        });
      }
      this.chosen = { ...found, role };
      return undefined;
    });
    this.#steps = steps;
    return steps.askKind;
  }
}

function noFineTuned(): Choice<'none'> {
  return {
    label: t('No fine-tuned model'),
    detail: t('Sampling rounds use the base model again. Existing rounds do not change.'),
    value: 'none',
  };
}

function askPrompts(found: FoundModel, chosen: (promptSet: PromptSet) => void): Step {
  return async (ui) => {
    const isSmall = found.model.kind === 'starter' || soundsSmall(found.model.model);
    const proposed = t('proposed');
    const promptSet = await ui.pick<PromptSet>({
      placeholder: t('Which prompts does {0} get?', found.model.model),
      choices: [
        {
          label: t('Full prompts'),
          description: isSmall ? '' : proposed,
          detail: t('Instructions only, for models that follow them'),
          value: 'full',
        },
        {
          label: t('Small prompts'),
          description: isSmall ? proposed : '',
          detail: t('Short, with worked examples, for models below two billion parameters'),
          value: 'small',
        },
      ],
      active: isSmall ? 'small' : 'full',
    });
    chosen(promptSet);
    return undefined;
  };
}

async function showSelected(ref: DatasetRef, { model, role, report }: Chosen): Promise<void> {
  const facts = report === undefined ? '' : ` ${factsOf(report)}`;
  if (role === 'fine-tuned') {
    const plan = t('Plan Sampling Round…');
    const text = t('{0} is the fine-tuned model.{1}', model.model, facts);
    if ((await showInformationMessage(text, plan)) === plan) {
      await vscode.commands.executeCommand('longhand.planSamplingRound', { ref });
    }
    return;
  }
  const generate = t('Generate Chains…');
  const text = t('{0} now generates the chains.{1}', model.model, facts);
  if ((await showInformationMessage(text, generate)) === generate) {
    await vscode.commands.executeCommand('longhand.generateChains', { ref });
  }
}

/** The results of the test calls in one line. */
function factsOf(report: EndpointReport): string {
  const locale = vscode.env.language;
  const perSecond = (1000 * report.usage.completion) / Math.max(1, report.totalMs);
  const seed = {
    honoured: t('the same seed gives the same text'),
    ignored: t('the seed is ignored, so a round can’t be reproduced'),
    unknown: t('support for seeds is unknown'),
  };
  const facts = [
    t('First token after {0} ms', count(report.firstMs)),
    t('{0} tokens/s', formatRate(perSecond, locale)),
    report.streamed ? t('streamed') : t('not streamed'),
    report.usageReported ? t('tokens counted by the server') : t('tokens estimated'),
    seed[report.seed],
    ...(report.reasoningFrom === undefined
      ? []
      : [report.reasoningFrom === 'think' ? t('reasoning in <think>') : t('reasoning in a separate field')]),
  ];
  return `${facts.join(', ')}.`;
}

/** Remove API Key…: deletes the stored key of a host. */
export async function removeKey({ keys }: Services): Promise<void> {
  if (keys.hosts.length === 0) {
    await showInformationMessage(t('No API key is stored.'));
    return;
  }
  const placeHolder = t('Remove the key for which host?');
  const picked = await showQuickPick(
    keys.hosts.map((host) => ({ label: host, host })),
    { placeHolder },
  );
  if (picked === undefined) return;
  const { host } = picked;
  await keys.delete(host);
  await showInformationMessage(t('The key for {0} is removed.', host));
}
