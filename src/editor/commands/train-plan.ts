import * as vscode from 'vscode';
import type { VerbResult } from '../../protocol/verbs.ts';
import { trainerOf } from '../../trainers/index.ts';
import { engineName } from '../engine-name.ts';
import { formatCount } from '../format.ts';
import { type Choice, separator } from '../steps.ts';

type Plan = VerbResult<'train'>['plan'];

/** What of the settings can be changed in the wizard; all else in the configuration. */
export type TrainSetting =
  | 'length'
  | 'learningRate'
  | 'batch'
  | 'lora'
  | 'maxLength'
  | 'saveSteps'
  | 'resources'
  | 'name';
export type Confirmed = 'start' | 'anyway' | 'environment' | 'page' | 'config' | 'unedit' | 'compare' | TrainSetting;

const count = (value: number): string => formatCount(value, vscode.env.language);

/**
 * What would run, as the choices of the last step: start, what can be changed, and what was looked at.
 * @param mayMake Whether Longhand's own environment is missing, and would help.
 */
export function planChoices(
  plan: Plan,
  edited: boolean,
  mayMake: boolean,
): (Choice<Confirmed> | vscode.QuickPickItem)[] {
  const wrong = plan.checks.filter(({ state }) => state === 'error');
  const others = plan.checks.filter(({ state }) => state !== 'error');
  return [
    ...(mayMake ? [environmentChoice()] : []),
    // What Enter chooses first is no start of what can't go well.
    ...(wrong.length === 0
      ? [startChoice(plan)]
      : [separator(vscode.l10n.t('Stands in the way')), ...wrong.map(checkChoice), separator('')]),
    {
      label: `$(edit) ${edited ? vscode.l10n.t('Go On Editing the Configuration') : vscode.l10n.t('Edit the Configuration')}`,
      description: edited ? vscode.l10n.t('{0}, edited', plan.configFile) : plan.configFile,
      value: 'config',
    },
    ...(edited ? [{ label: `$(discard) ${vscode.l10n.t('Take Back the Edits')}`, value: 'unedit' as const }] : []),
    ...(plan.previous === undefined
      ? []
      : [
          {
            label: `$(diff) ${vscode.l10n.t('Compare with {0}', plan.previous.run)}`,
            description: vscode.l10n.t('what is different in the configuration'),
            value: 'compare' as const,
          },
        ]),
    // An edited configuration holds its values itself.
    ...(edited ? [] : [separator(vscode.l10n.t('Change before it starts')), ...settingChoices(plan)]),
    ...(others.length === 0 ? [] : [separator(vscode.l10n.t('Looked at')), ...others.map(checkChoice)]),
    ...(wrong.length === 0 ? [] : [separator(vscode.l10n.t('All the same')), startChoice(plan)]),
  ];
}

function checkChoice({ state, message, advice }: Plan['checks'][number]): Choice<Confirmed> {
  const icons = { ok: 'pass', warning: 'warning', error: 'error' };
  return {
    label: `$(${icons[state]}) ${message}`,
    ...(state === 'ok' || advice === undefined ? {} : { detail: advice }),
    value: 'page',
  };
}

function environmentChoice(): Choice<Confirmed> {
  return {
    label: `$(cloud-download) ${vscode.l10n.t('Make the Environment of the Trainer')}`,
    description: vscode.l10n.t('Python packages of about 1.4 GB, more with CUDA'),
    detail: vscode.l10n.t('In the cache folder of Longhand, from PyPI; it takes some minutes, once'),
    value: 'environment',
  };
}

function startChoice(plan: Plan): Choice<Confirmed> {
  const { rowCount, steps, trainer, device } = plan;
  const facts = [
    steps === null
      ? vscode.l10n.t('{0} rows', count(rowCount))
      : vscode.l10n.t('{0} steps over {1} rows', count(steps), count(rowCount)),
    trainerOf(trainer).title,
    ...(trainerOf(trainer).hosted
      ? [vscode.l10n.t('the rows are sent there, and its work is paid')]
      : [
          engineName(plan.engine),
          device === 'cpu' ? vscode.l10n.t('on the processor') : vscode.l10n.t('on GPUs: {0}', plan.resources.gpus),
        ]),
  ];
  const wrong = plan.checks.filter(({ state }) => state === 'error').length;
  if (wrong === 0) {
    return { label: `$(play) ${vscode.l10n.t('Start {0}', plan.run)}`, description: facts.join(' · '), value: 'start' };
  }
  return {
    label: `$(play) ${vscode.l10n.t('Start {0} Anyway', plan.run)}`,
    description: wrong === 1 ? vscode.l10n.t('one error') : vscode.l10n.t('{0} errors', wrong),
    detail: facts.join(' · '),
    value: 'anyway',
  };
}

/** Settings of the plan behind the choices; a choice without one is always there. */
const SETTING_OF: Partial<Record<TrainSetting, keyof Plan['settings']>> = {
  length: 'epochs',
  learningRate: 'learningRate',
  batch: 'batchSize',
  lora: 'loraRank',
  maxLength: 'maxLength',
  saveSteps: 'saveSteps',
};

function settingChoices({ settings, lengths, run, trainer, engine, resources }: Plan): Choice<Confirmed>[] {
  const { epochs, maxSteps, learningRate, batchSize, accumulate, loraRank, saveSteps } = settings;
  const choice = (icon: string, label: string, description: string, value: TrainSetting): Choice<TrainSetting> => ({
    label: `$(${icon}) ${label}`,
    description,
    value,
  });
  const { heeds } = trainerOf(trainer);
  const isHeeded = ({ value }: Choice<TrainSetting>): boolean => {
    const setting = SETTING_OF[value];
    return setting === undefined || heeds === undefined || heeds.includes(setting);
  };
  const all = [
    choice(
      'history',
      vscode.l10n.t('How long'),
      maxSteps === undefined ? vscode.l10n.t('{0} epochs', epochs) : vscode.l10n.t('{0} steps', count(maxSteps)),
      'length',
    ),
    choice(
      'graph-line',
      vscode.l10n.t('Learning rate'),
      learningRate < 0.001 ? learningRate.toExponential() : String(learningRate),
      'learningRate',
    ),
    choice(
      'layers',
      vscode.l10n.t('Rows in a step'),
      vscode.l10n.t('{0} at once × {1}', count(batchSize), count(accumulate)),
      'batch',
    ),
    choice(
      'extensions',
      vscode.l10n.t('Weights'),
      loraRank === 0 ? vscode.l10n.t('all of them') : vscode.l10n.t('LoRA adapter of rank {0}', loraRank),
      'lora',
    ),
    choice(
      'symbol-ruler',
      vscode.l10n.t('Longest row'),
      lengths.emptied === 0
        ? vscode.l10n.t('{0} tokens; {1} rows are cut', count(lengths.maxLength), count(lengths.cut))
        : vscode.l10n.t(
            '{0} tokens; {1} rows are cut, {2} of them without a trained token left',
            ...[lengths.maxLength, lengths.cut, lengths.emptied].map(count),
          ),
      'maxLength',
    ),
    choice(
      'save',
      vscode.l10n.t('Checkpoints'),
      saveSteps === undefined ? vscode.l10n.t('after each epoch') : vscode.l10n.t('every {0} steps', count(saveSteps)),
      'saveSteps',
    ),
    // This machine's own are found out by looking.
    ...(engine.engine === 'local'
      ? []
      : [
          choice(
            'circuit-board',
            vscode.l10n.t('Wanted of the cluster'),
            vscode.l10n.t('GPUs: {0} · cores: {1}', resources.gpus, resources.cpus),
            'resources',
          ),
        ]),
    choice('tag', vscode.l10n.t('Name'), run, 'name'),
  ];
  return all.filter(isHeeded);
}
