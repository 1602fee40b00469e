import * as vscode from 'vscode';
import { defined, present } from '../../core/defined.ts';
import { formatBytes } from '../../core/text/format.ts';
import { installedBytes } from '../../trainers/environment.ts';
import { trainerOf } from '../../trainers/index.ts';
import type { VerbResult } from '../../verbs/index.ts';
import { count, counted, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, separator } from '../ui/steps.ts';
import { engineName } from './engine-steps.ts';

type Plan = VerbResult<'train'>['plan'];

/** Settings that can be changed in the wizard; all others are in the configuration. */
export type TrainSetting =
  | 'length'
  | 'learningRate'
  | 'batch'
  | 'lora'
  | 'maxLength'
  | 'saveSteps'
  | 'resources'
  | 'name';
export type Confirmed = 'start' | 'anyway' | 'page' | 'config' | 'unedit' | 'compare' | TrainSetting;

/** The plan as the choices of the last step: start, what can be changed, and the result of each check. */
export function planChoices(plan: Plan, edited: boolean): (Choice<Confirmed> | PickItem)[] {
  const wrong = plan.checks.filter(({ state }) => state === 'error');
  const warnings = plan.checks.filter(({ state }) => state === 'warning');
  const passed = plan.checks.filter(({ state }) => state === 'ok');
  return present<Choice<Confirmed> | PickItem>(
    // With errors, Enter must not start it.
    ...(wrong.length === 0 ? [startChoice(plan)] : [separator(t('Errors')), ...wrong.map(checkChoice), separator('')]),
    {
      icon: 'open-preview',
      label: t('Show Plan'),
      description: t('checks, rows, command and configuration'),
      value: 'page',
    },
    {
      icon: 'edit',
      label: t('Edit Configuration'),
      description: edited ? t('{0}, edited', plan.configFile) : plan.configFile,
      value: 'config',
    },
    edited && { icon: 'discard', label: t('Discard Edits'), value: 'unedit' },
    plan.previous !== undefined && {
      icon: 'diff',
      label: t('Compare with {0}', plan.previous.run),
      description: t('differences in the configuration'),
      value: 'compare',
    },
    // An edited configuration has its own values.
    ...(edited ? [] : [separator(t('Change before it starts')), ...settingChoices(plan)]),
    ...(warnings.length === 0 ? [] : [separator(t('Warnings')), ...warnings.map(checkChoice)]),
    ...(passed.length === 0 ? [] : [separator(t('Checks passed')), ...passed.map(checkChoice)]),
    ...(wrong.length === 0 ? [] : [separator(t('Start with errors')), startChoice(plan)]),
  );
}

function checkChoice({ state, message, advice }: Plan['checks'][number]): Choice<Confirmed> {
  const icons = { ok: 'pass', warning: 'warning', error: 'error' };
  const detail = state === 'ok' ? undefined : advice;
  return { icon: icons[state], label: message, ...defined({ detail }), value: 'page' };
}

/** The one choice while the trainer is not installed. */
export function installChoice(trainer: string): Choice<true> {
  const bytes = installedBytes(trainerOf(trainer).environment);
  return {
    icon: 'cloud-download',
    label: t('Install Trainer ({0})', formatBytes(bytes, vscode.env.language)),
    detail: t('Python packages in Longhand’s cache folder. You can cancel and resume.'),
    value: true,
  };
}

function startChoice(plan: Plan): Choice<Confirmed> {
  const { rowCount, steps, trainer, device } = plan;
  const facts = [
    steps === null
      ? counted(rowCount, '{0} row', '{0} rows')
      : counted(steps, '{0} step over {1}', '{0} steps over {1}', counted(rowCount, '{0} row', '{0} rows')),
    trainerOf(trainer).title,
    ...(trainerOf(trainer).hosted
      ? [t('uploads the data, paid')]
      : [engineName(plan.engine), device === 'cpu' ? t('on the CPU') : t('on GPUs: {0}', plan.resources.gpus)]),
  ];
  const wrong = plan.checks.filter(({ state }) => state === 'error').length;
  if (wrong === 0) {
    return {
      icon: 'play',
      label: t('Start {0}', plan.run),
      description: facts.join(' · '),
      value: 'start',
    };
  }
  return {
    icon: 'play',
    label: t('Start {0} Anyway', plan.run),
    description: counted(wrong, '{0} error', '{0} errors'),
    detail: facts.join(' · '),
    value: 'anyway',
  };
}

/** Settings of the plan behind the choices; a choice without one is always listed. */
const SETTING_OF: Partial<Record<TrainSetting, keyof Plan['settings']>> = {
  length: 'epochs',
  learningRate: 'learningRate',
  batch: 'batchSize',
  lora: 'loraRank',
  maxLength: 'maxLength',
  saveSteps: 'saveSteps',
};

/** Epochs may be fractional, which `count` would round. */
const epochsText = (epochs: number): string =>
  counted(epochs === 1 ? 1 : 0, '{1} epoch', '{1} epochs', epochs.toLocaleString(vscode.env.language));

function lengthsText({ maxLength, cut, emptied }: Plan['lengths']): string {
  const limit = counted(maxLength, '{0} token', '{0} tokens');
  const truncated = counted(cut, '{0} row', '{0} rows');
  if (emptied === 0) return t('{0}; {1} truncated', limit, truncated);
  const left = count(emptied);
  return t('{0}; {1} truncated, {2} of them without trained tokens', limit, truncated, left);
}

function choice(icon: string, label: string, description: string, value: TrainSetting): Choice<TrainSetting> {
  return { icon, label, description, value };
}

function settingChoices({ settings, lengths, run, trainer, engine, resources }: Plan): Choice<Confirmed>[] {
  const { epochs, maxSteps, learningRate, batchSize, accumulate, loraRank, saveSteps } = settings;
  const { supports } = trainerOf(trainer);
  const isUsed = ({ value }: Choice<TrainSetting>): boolean => {
    const setting = SETTING_OF[value];
    return setting === undefined || supports === undefined || supports.includes(setting);
  };
  const all = present(
    choice(
      'history',
      t('Training length'),
      maxSteps === undefined ? epochsText(epochs) : counted(maxSteps, '{0} step', '{0} steps'),
      'length',
    ),
    choice(
      'graph-line',
      t('Learning rate'),
      learningRate < 0.001 ? learningRate.toExponential() : String(learningRate),
      'learningRate',
    ),
    choice('layers', t('Batch size'), t('{0} × {1} accumulation', count(batchSize), count(accumulate)), 'batch'),
    choice(
      'extensions',
      t('Weights'),
      loraRank === 0 ? t('Full fine-tuning') : t('LoRA adapter of rank {0}', loraRank),
      'lora',
    ),
    choice('symbol-ruler', t('Max length'), lengthsText(lengths), 'maxLength'),
    choice(
      'save',
      t('Checkpoints'),
      saveSteps === undefined ? t('after each epoch') : counted(saveSteps, 'every step', 'every {0} steps'),
      'saveSteps',
    ),
    // The resources of this machine are detected.
    engine.engine !== 'local' &&
      choice(
        'circuit-board',
        t('Cluster resources'),
        t('GPUs: {0} · cores: {1}', resources.gpus, resources.cpus),
        'resources',
      ),
    choice('tag', t('Name'), run, 'name'),
  );
  return all.filter(isUsed);
}
