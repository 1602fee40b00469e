import { join } from 'node:path';
import * as vscode from 'vscode';
import { adviceText } from '../../core/dataset/funnel/index.ts';
import { defined, present } from '../../core/defined.ts';
import { keyNameOf } from '../../core/models/base-url.ts';
import type { Query } from '../../core/query/query.ts';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import type { RoundPlace } from '../../protocol/sampling.ts';
import { damageText } from '../../verbs/dataset/damage.ts';
import { confirmKeyHost } from '../environment-key.ts';
import type { Services } from '../services.ts';
import { engineName } from '../training/engine-steps.ts';
import { l10n, t } from '../ui/format.ts';
import { createQuickPick, type PickItem, showQuickPick } from '../ui/quick-input.ts';
import type { EngineAccess, ModelAccess } from '../verbs.ts';
import { SETTINGS_FILE } from './find-datasets.ts';
import { funnelItems, roundDescription, roundFacts } from './round-text.ts';
import { isResumable, type RoundNode, type RoundOf, roundNode, roundOfNode } from './rounds.ts';

/** Resumes a round that stopped, in a detached process. */
export async function resumeRound(services: Services, node: RoundNode): Promise<void> {
  const { ref, status } = await chooseRound(services, node);
  const dataset = await services.datasets.open(ref);
  const { model } = await dataset.roundPlan(status.round);
  const before = status.kind === 'sampling' ? await services.roundPlaces.of(ref.folder, status.round) : undefined;
  const place = before === undefined ? undefined : await askPlaceAgain(status.round, before);
  // Answers of a batch are fetched from the cluster, wherever the round is resumed.
  const access = [
    await roundAccess(services, model, place),
    await services.engineKeys.of(before ? [before.engine] : []),
  ];
  const title = t('Resuming {0}', status.round);
  const args = { dataset: ref.folder, round: status.round, ...place, detach: true };
  // A Cancel here would not stop the detached runner; the status bar does.
  await services.verbs.run('resume', args, { title, access, cancellable: false });
  await services.rounds.refresh(ref);
}

/** Asks where to resume a round that was started on a cluster. @throws {CancellationError} */
async function askPlaceAgain(round: string, before: RoundPlace): Promise<RoundPlace | undefined> {
  const { formatBatch } = await import('../sampling/batch-steps.ts');
  const choices: (PickItem & { place: RoundPlace | undefined })[] = [
    {
      icon: 'server-environment',
      label: engineName(before.engine),
      description: t('as before'),
      detail: formatBatch(before.batch),
      place: before,
    },
    {
      icon: 'device-desktop',
      label: t('This Machine'),
      detail: t('Answers on the cluster are fetched first. Other requests are sent from this machine.'),
      place: undefined,
    },
  ];
  const placeHolder = t('Resume {0} where?', round);
  const picked = await showQuickPick(choices, { placeHolder });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.place;
}

/** Access to the model of a round, or to the cluster that sends its requests, which gets no key of the model. */
export async function roundAccess(
  services: Services,
  model: ModelRef | undefined,
  place: RoundPlace | undefined,
): Promise<ModelAccess | EngineAccess | undefined> {
  return place === undefined ? prepareModel(services, model) : services.engineKeys.of([place.engine]);
}

/** Stops a round: no new calls are sent, and calls in flight have a grace period. The round can be resumed. */
export async function cancelRound(services: Services, { ref, round }: RoundNode): Promise<void> {
  await services.verbs.run('cancel', { dataset: ref.folder, round });
  await services.rounds.refresh(ref);
}

/**
 * Starts the starter model, opens the bridge to a model of VS Code, or asks whether the key of the environment may be sent, as needed.
 * @returns Access to the model.
 * @throws {CancellationError} if the question is dismissed.
 */
export async function prepareModel(services: Services, model: ModelRef | undefined): Promise<ModelAccess | undefined> {
  if (model?.kind === 'vscode') return services.bridge.open();
  if (model?.kind === 'openai') {
    const stored = await storedAccess(services, model);
    if (stored === undefined) await confirmKeyHost(model.baseURL);
    return stored;
  }
  if (model?.kind === 'starter') {
    const title = t('Starting the starter model');
    await services.verbs.run('starter', { what: 'start', model: model.model }, { title });
  }
  return undefined;
}

/** The stored key of a model at an endpoint. Asks nothing. */
export async function storedAccess(services: Services, model: ModelRef | undefined): Promise<ModelAccess | undefined> {
  if (model?.kind !== 'openai') return undefined;
  const name = keyNameOf(model.baseURL);
  const key = await services.keys.get(name);
  return key === undefined ? undefined : { key, name };
}

type RoundAction = 'review' | 'cancel' | 'resume' | 'log' | 'repair' | 'settings';
interface RoundItem extends PickItem {
  action?: RoundAction;
}

/** Show Round: its progress, live, with its actions. */
export async function showRound(services: Services, argument: unknown): Promise<void> {
  const round = await chooseRound(services, argument);
  const action = await pickAction(services, round, await damageOf(services, round));
  const node = roundNode(round.ref, round.status.round);
  switch (action) {
    case 'review': {
      const query: Query = [{ field: 'round', op: '=', values: [round.status.round] }];
      await vscode.commands.executeCommand('longhand.openReviewQueue', { ref: round.ref, query });
      return;
    }
    case 'cancel':
      await vscode.commands.executeCommand('longhand.stop', node);
      return;
    case 'resume':
      await vscode.commands.executeCommand('longhand.resume', node);
      return;
    case 'settings':
      await vscode.window.showTextDocument(vscode.Uri.file(join(round.ref.folder, SETTINGS_FILE)));
      return;
    case 'log':
      await showRunnerLog(services, round);
      return;
    case 'repair':
      await vscode.commands.executeCommand('longhand.repairDataset', { ref: round.ref });
      return;
    case undefined:
      return;
  }
}

/** The damaged files of a round; none if the dataset can't be opened. */
async function damageOf({ datasets }: Services, { ref, status }: RoundOf): Promise<DamagedFile[]> {
  const dataset = await datasets.open(ref).catch(() => undefined);
  return (dataset?.index.damaged() ?? []).filter(({ file }) => file.startsWith(`rounds/${status.round}/`));
}

function pickAction(
  services: Services,
  { ref, status }: RoundOf,
  damaged: readonly DamagedFile[],
): Promise<RoundAction | undefined> {
  const box = createQuickPick<RoundItem>();
  box.title = status.round;
  box.keepScrollPosition = true;
  const current = () => services.rounds.of(ref).find(({ round }) => round === status.round) ?? status;
  const actionsOf = (items: readonly RoundItem[]): string => items.flatMap(({ action }) => action ?? []).join();
  const update = () => {
    box.placeholder = roundDescription(current());
    const items = roundItems(current(), damaged);
    // New items reset the focused row, so they are set only when the actions change.
    if (actionsOf(items) !== actionsOf(box.items)) box.items = items;
  };
  update();
  return new Promise((resolve) => {
    const listening = vscode.Disposable.from(
      services.rounds.onDidChange(update),
      box.onDidAccept(() => {
        const action = box.selectedItems[0]?.action;
        if (action === undefined) return;
        resolve(action);
        box.hide();
      }),
      box.onDidHide(() => {
        resolve(undefined);
        listening.dispose();
        box.dispose();
      }),
    );
    box.show();
  });
}

function roundItems(status: RoundOf['status'], damaged: readonly DamagedFile[]): RoundItem[] {
  const { runner } = status;
  return present<RoundItem>(
    status.chains > 0 && { icon: 'checklist', label: t('Open Review Queue'), action: 'review' },
    status.state === 'running' && { icon: 'debug-stop', label: t('Stop Round'), action: 'cancel' },
    isResumable(status) && { icon: 'debug-continue', label: t('Resume Round'), action: 'resume' },
    runner !== undefined && { icon: 'output', label: t('Show Log'), action: 'log' },
    { label: t('Status'), kind: vscode.QuickPickItemKind.Separator },
    ...roundFacts(status),
    ...damaged.map((one) => ({
      icon: 'warning',
      label: damageText(one, l10n),
      detail: t('Select to repair'),
      action: 'repair' as const,
    })),
    ...yieldItems(status),
  );
}

/** The funnel from calls to kept chains, and the setting that would increase the yield most. */
function yieldItems(status: RoundOf['status']): RoundItem[] {
  const items = funnelItems(status);
  const advice = status.funnel?.advice;
  if (items.length === 0) return [];
  return present<RoundItem>(
    { label: t('Yield'), kind: vscode.QuickPickItemKind.Separator },
    ...items,
    advice !== undefined && {
      icon: 'lightbulb',
      label: adviceText(advice, l10n),
      ...defined({ action: advice.setting === undefined ? undefined : ('settings' as const) }),
    },
  );
}

async function showRunnerLog(services: Services, { ref, status }: RoundOf): Promise<void> {
  const file = vscode.Uri.file(join(ref.folder, 'rounds', status.round, 'runner.log'));
  try {
    await vscode.window.showTextDocument(file, { preview: true });
  } catch (error) {
    services.reporter.log.warn(String(error));
    services.reporter.log.show();
  }
}

/** The round of the argument, the only round, or the one that the user picks. @throws {CancellationError} if none is picked. */
async function chooseRound(services: Services, argument: unknown): Promise<RoundOf> {
  const { datasets, rounds } = services;
  await datasets.ready();
  await rounds.refresh();
  const named = roundOfNode(argument);
  const candidates = rounds.all.filter(
    ({ ref, status }) => named === undefined || (named.round === status.round && named.ref.folder === ref.folder),
  );
  const only = candidates[0];
  if (only === undefined) throw new Error(t('There is no round yet.'));
  if (candidates.length === 1) return only;
  const items = candidates.map((round) => ({
    label: round.status.round,
    description: datasets.all.length > 1 ? round.ref.name : '',
    detail: roundDescription(round.status),
    round,
  }));
  const picked = await showQuickPick(items, { placeHolder: t('Show which round?') });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.round;
}
