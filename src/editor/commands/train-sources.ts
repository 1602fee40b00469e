import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { listRuns } from '../../store/runs.ts';
import { TRAINERS } from '../../trainers/index.ts';
import type { Trainer } from '../../trainers/trainer.ts';
import type { DatasetRef } from '../find-datasets.ts';
import type { Services } from '../services.ts';
import { starterDetail } from '../starter-detail.ts';
import { type Choice, separator } from '../steps.ts';
import { starterStatus } from './starter.ts';

/** Exports of the dataset, the newest first. */
export async function exportChoices(ref: DatasetRef): Promise<Choice<string>[]> {
  const folder = join(ref.folder, 'exports');
  const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: { name: string; time: Date }[] = [];
  for (const entry of names) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    found.push({ name: entry.name, time: (await stat(join(folder, entry.name))).mtime });
  }
  return found
    .sort((a, b) => b.time.getTime() - a.time.getTime())
    .map(({ name, time }) => ({
      label: `$(archive) ${name}`,
      description: time.toLocaleString(vscode.env.language),
      value: name,
    }));
}

type ModelChoice = { model: string } | 'folder' | 'file' | 'name';

/** The starter, what was trained before, then every other way to name a model. */
export async function modelChoices(
  services: Services,
  ref: DatasetRef,
): Promise<(Choice<ModelChoice> | vscode.QuickPickItem)[]> {
  // A starter that can't be asked must not keep anybody from another model.
  const status = await starterStatus(services).catch((error: unknown) => {
    services.reporter.log.warn(String(error));
    return undefined;
  });
  const { settings } = await services.datasets.open(ref);
  const isBase = settings.model?.kind === 'starter';
  const before = new Set((await listRuns(ref.folder)).flatMap(({ record }) => record.training?.model ?? []).reverse());
  return [
    {
      label: `$(mortar-board) ${vscode.l10n.t('Starter model')}`,
      description: isBase
        ? vscode.l10n.t('base model of the dataset')
        : status?.installed
          ? vscode.l10n.t('installed')
          : vscode.l10n.t('will be installed'),
      detail: starterDetail(status?.installed ?? false),
      value: { model: 'starter' },
    },
    ...[...before]
      .filter((model) => !/\.gguf$/i.test(model) && model !== 'starter')
      .map((model) => ({
        label: `$(history) ${model}`,
        description: vscode.l10n.t('trained before'),
        value: { model },
      })),
    separator(vscode.l10n.t('Another model')),
    {
      label: `$(folder) ${vscode.l10n.t('Folder…')}`,
      detail: vscode.l10n.t('With config.json and safetensors'),
      value: 'folder',
    },
    {
      label: `$(file-binary) ${vscode.l10n.t('GGUF File…')}`,
      detail: vscode.l10n.t('Its weights are unpacked first'),
      value: 'file',
    },
    {
      label: `$(cloud-download) ${vscode.l10n.t('Name of the Hugging Face Hub…')}`,
      detail: vscode.l10n.t('The trainer downloads it'),
      value: 'name',
    },
  ];
}

/** Trainers by what becomes of the loss mask, which is what tells them apart; those at a host by themselves, since rows and money go there. */
export function trainerChoices(): (Choice<string> | vscode.QuickPickItem)[] {
  const kept = {
    exact: vscode.l10n.t('keeps the whole loss mask'),
    prefix: vscode.l10n.t('masks the beginning of an answer only'),
    none: vscode.l10n.t('gets the mask with the rows'),
  };
  const choice = ({ name, title, mask }: Trainer): Choice<string> => ({
    label: title,
    description: kept[mask.kept],
    detail: mask.words,
    value: name,
  });
  return [
    separator(vscode.l10n.t('Here or on a cluster')),
    ...TRAINERS.filter(({ hosted }) => hosted !== true).map(choice),
    separator(vscode.l10n.t('At a host, which gets the rows and is paid')),
    ...TRAINERS.filter(({ hosted }) => hosted === true).map(choice),
  ];
}
