import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Objective } from '../../core/schemas/index.ts';
import { listRuns } from '../../store/runs.ts';
import { objectiveIn } from '../../trainers/export-rows.ts';
import { TRAINERS } from '../../trainers/index.ts';
import type { Trainer } from '../../trainers/trainer.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { starterDetail, starterStatus } from '../models/starter.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, type Step, separator } from '../ui/steps.ts';

/** Exports of the dataset with rows to train on, the newest first, with what they are for where that is not supervised fine-tuning. */
export async function exportChoices(ref: DatasetRef): Promise<Choice<string>[]> {
  const folder = join(ref.folder, 'exports');
  const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: { name: string; time: Date; objective: Objective }[] = [];
  for (const entry of names) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const objective = await objectiveIn(join(folder, entry.name));
    if (objective === undefined) continue;
    const { mtime: time } = await stat(join(folder, entry.name));
    found.push({ name: entry.name, time, objective });
  }
  return found
    .sort((a, b) => b.time.getTime() - a.time.getTime())
    .map(({ name, time, objective }) => ({
      icon: 'archive',
      label: name,
      description: [
        ...(objective === 'sft' ? [] : [objective.toUpperCase()]),
        time.toLocaleString(vscode.env.language),
      ].join(' · '),
      value: name,
    }));
}

type ModelChoice = { model: string } | 'folder' | 'file' | 'name';

/** The starter model, models trained before, then other ways to name a model. */
async function modelChoices(services: Services, ref: DatasetRef): Promise<(Choice<ModelChoice> | PickItem)[]> {
  // Other models must be offered even if the starter model fails.
  const status = await starterStatus(services).catch((error: unknown) => {
    services.reporter.log.warn(String(error));
    return undefined;
  });
  const { settings } = await services.datasets.open(ref);
  const isBase = settings.model?.kind === 'starter';
  const before = new Set((await listRuns(ref.folder)).flatMap(({ record }) => record.training?.model ?? []).reverse());
  return [
    {
      icon: 'mortar-board',
      label: t('Starter model'),
      description: isBase
        ? t('base model of the dataset')
        : status?.installed
          ? t('installed')
          : t('will be installed'),
      detail: starterDetail(status?.installed ?? false),
      value: { model: 'starter' },
    },
    ...[...before]
      .filter((model) => !/\.gguf$/i.test(model) && model !== 'starter')
      .map((model) => ({
        icon: 'history',
        label: model,
        description: t('trained before'),
        value: { model },
      })),
    separator(t('Another model')),
    {
      icon: 'folder',
      label: t('Folder…'),
      detail: t('With config.json and safetensors'),
      value: 'folder',
    },
    {
      icon: 'file-binary',
      label: t('GGUF File…'),
      detail: t('Its weights are unpacked first'),
      value: 'file',
    },
    {
      icon: 'cloud-download',
      label: t('Name on the Hugging Face Hub…'),
      detail: t('The trainer downloads it'),
      value: 'name',
    },
  ];
}

/** Asks for a model whose weights are available. @param next is called with its path or name. */
export function askModel(services: Services, ref: DatasetRef, next: (model: string) => Step | undefined): Step {
  const ask: Step = async (ui) => {
    const chosen = await ui.pick<ModelChoice>({
      placeholder: t('Train which model? Its weights must be available.'),
      choices: await modelChoices(services, ref),
    });
    if (chosen === 'name') return askModelName(next);
    if (typeof chosen === 'object') return next(chosen.model);
    const picked = await vscode.window.showOpenDialog({
      title: t('Model to Train'),
      openLabel: t('Train This'),
      ...(chosen === 'folder'
        ? { canSelectFolders: true, canSelectFiles: false }
        : { filters: { [t('Models')]: ['gguf'] } }),
    });
    return picked?.[0] === undefined ? ask : next(picked[0].fsPath);
  };
  return ask;
}

const askModelName =
  (next: (model: string) => Step | undefined): Step =>
  async (ui) => {
    const name = await ui.input({
      prompt: t('Name of a model on the Hugging Face Hub'),
      placeholder: 'Qwen/Qwen2.5-1.5B',
      validate: (value) =>
        /^[\w-][\w.-]*(?:\/[\w.-]+)?$/.test(value.trim()) ? undefined : t('A name such as owner/model'),
    });
    return next(name.trim());
  };

/**
 * Trainers of an objective; of supervised fine-tuning with how much of the loss mask they keep. Hosted ones are apart, since they upload the data.
 * Details are on the page of the plan.
 */
export function trainerChoices(objective: Objective): (Choice<string> | PickItem)[] {
  const kept = {
    exact: t('keeps the whole loss mask'),
    prefix: t('masks only the beginning of an answer'),
    none: t('gets the mask with the rows'),
  };
  const details = {
    exact: t('Only text that is marked as trained counts in the loss.'),
    prefix: t('Chains with untrained text after trained text are filtered out.'),
    none: t('Your program must read “loss_mask”, or it trains on mistakes.'),
  };
  const choice = ({ name, title, mask }: Trainer): Choice<string> => ({
    label: title,
    ...(objective === 'sft'
      ? { description: kept[mask.kept], detail: details[mask.kept] }
      : { description: objective.toUpperCase() }),
    value: name,
  });
  const able = TRAINERS.filter(({ objectives }) => objective === 'sft' || objectives?.[objective] !== undefined);
  const hosted = able.filter((trainer) => trainer.hosted === true);
  return [
    separator(t('On this machine or a cluster')),
    ...able.filter((trainer) => trainer.hosted !== true).map(choice),
    ...(hosted.length === 0 ? [] : [separator(t('Hosted (uploads the data, paid)')), ...hosted.map(choice)]),
  ];
}
