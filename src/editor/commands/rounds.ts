import { join } from 'node:path';
import * as vscode from 'vscode';
import { keyNameOf } from '../../core/model/base-url.ts';
import type { ModelRef } from '../../core/model/index.ts';
import { roundOfNode } from '../dataset-tree.ts';
import { engineName } from '../engine-name.ts';
import type { DatasetRef } from '../find-datasets.ts';
import type { RoundPlace } from '../round-places.ts';
import { callsOf, chainsOf, classesOf, paceOf, progressOf, roundDescription } from '../round-text.ts';
import { isResumable, type RoundOf } from '../rounds.ts';
import type { Services } from '../services.ts';
import type { EngineAccess, ModelAccess } from '../verbs.ts';

/** Resume Round: goes on with a round that stopped, as a detached process. */
export async function resumeRound(services: Services, argument: unknown): Promise<void> {
  const { ref, status } = await chooseRound(services, argument, {
    fits: isResumable,
    question: vscode.l10n.t('Resume which round?'),
    none: vscode.l10n.t('No round has stopped before its end.'),
  });
  const dataset = await services.datasets.open(ref);
  const { model } = await dataset.roundPlan(status.round);
  const before = status.kind === 'sampling' ? await services.roundPlaces.of(ref.folder, status.round) : undefined;
  const place = before === undefined ? undefined : await askPlaceAgain(status.round, before);
  // What a batch has answered is brought home wherever the round goes on.
  const access = [
    await roundAccess(services, model, place),
    await services.engineKeys.of(before ? [before.engine] : []),
  ];
  const title = vscode.l10n.t('Resuming {0}', status.round);
  const args = { dataset: ref.folder, round: status.round, ...place, detach: true };
  // The runner is a process of its own: the status bar stops it once it is there, and a Cancel here would not.
  await services.verbs.run('resume', args, { title, access, cancellable: false });
  await services.rounds.look(ref);
}

/** Where a round goes on that was begun on a cluster. @throws {CancellationError} */
async function askPlaceAgain(round: string, before: RoundPlace): Promise<RoundPlace | undefined> {
  const { batchInWords } = await import('./batch-words.ts');
  const choices: (vscode.QuickPickItem & { place: RoundPlace | undefined })[] = [
    {
      label: `$(server-environment) ${engineName(before.engine)}`,
      description: vscode.l10n.t('as before'),
      detail: batchInWords(before.batch),
      place: before,
    },
    {
      label: `$(device-desktop) ${vscode.l10n.t('This Machine')}`,
      detail: vscode.l10n.t('What the cluster has answered is brought home first; the rest is asked from here'),
      place: undefined,
    },
  ];
  const placeHolder = vscode.l10n.t('Go on with {0} from where?', round);
  const picked = await vscode.window.showQuickPick(choices, { placeHolder });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.place;
}

/** What opens to a round: its model, or the cluster that asks it, to which no key of the model goes. */
export async function roundAccess(
  services: Services,
  model: ModelRef | undefined,
  place: RoundPlace | undefined,
): Promise<ModelAccess | EngineAccess | undefined> {
  return place === undefined ? prepareModel(services, model) : services.engineKeys.of([place.engine]);
}

/** Cancel Round: it stops at the next call and can be resumed. */
export async function cancelRound(services: Services, argument: unknown): Promise<void> {
  const { ref, status } = await chooseRound(services, argument, {
    fits: (one) => one.state === 'running',
    question: vscode.l10n.t('Cancel which round?'),
    none: vscode.l10n.t('No round is running.'),
  });
  await services.verbs.run('cancel', { dataset: ref.folder, round: status.round });
  await services.rounds.look(ref);
}

/** Starts the starter model, or lends a model of this window, where that is needed. @returns What opens the model. */
export async function prepareModel(services: Services, model: ModelRef | undefined): Promise<ModelAccess | undefined> {
  if (model?.kind === 'vscode') return services.bridge.lend();
  if (model?.kind === 'openai') {
    const name = keyNameOf(model.baseURL);
    const key = await services.keys.get(name);
    return key === undefined ? undefined : { key, name };
  }
  if (model?.kind === 'starter') {
    const title = vscode.l10n.t('Starting the starter model');
    await services.verbs.run('starter', { what: 'start', model: model.model }, { title });
  }
  return undefined;
}

type RoundAction = 'review' | 'cancel' | 'resume' | 'log';
interface RoundItem extends vscode.QuickPickItem {
  action?: RoundAction;
}

/** Show Round: how far it is, live, with what can be done about it. */
export async function showRound(services: Services, argument: unknown): Promise<void> {
  const round = await chooseRound(services, argument, {
    fits: () => true,
    question: vscode.l10n.t('Show which round?'),
    none: vscode.l10n.t('There is no round yet.'),
  });
  const action = await pickAction(services, round);
  const node = { kind: 'round', ref: round.ref, round: round.status.round };
  switch (action) {
    case 'review': {
      const facet = { facet: 'round', value: round.status.round };
      await vscode.commands.executeCommand('longhand.openReviewQueue', { ref: round.ref, facet });
      return;
    }
    case 'cancel':
      await vscode.commands.executeCommand('longhand.cancelRound', node);
      return;
    case 'resume':
      await vscode.commands.executeCommand('longhand.resumeRound', node);
      return;
    case 'log':
      await showRunnerLog(services, round);
      return;
    case undefined:
      return;
  }
}

function pickAction(services: Services, { ref, status }: RoundOf): Promise<RoundAction | undefined> {
  const box = vscode.window.createQuickPick<RoundItem>();
  box.title = status.round;
  box.keepScrollPosition = true;
  const current = () => services.rounds.of(ref).find(({ round }) => round === status.round) ?? status;
  const update = () => {
    const label = box.activeItems[0]?.label;
    box.placeholder = roundDescription(current());
    box.items = roundItems(current());
    const active = box.items.find((item) => item.label === label);
    if (active !== undefined) box.activeItems = [active];
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

function roundItems(status: RoundOf['status']): RoundItem[] {
  const { runner } = status;
  const fact = (label: string, description: string): RoundItem[] =>
    description === '' ? [] : [{ label, description }];
  return [
    { label: `$(checklist) ${vscode.l10n.t('Open Review Queue')}`, action: 'review' },
    ...(status.state === 'running'
      ? [{ label: `$(debug-stop) ${vscode.l10n.t('Cancel Round')}`, action: 'cancel' as const }]
      : []),
    ...(isResumable(status)
      ? [{ label: `$(debug-continue) ${vscode.l10n.t('Resume Round')}`, action: 'resume' as const }]
      : []),
    ...(runner === undefined ? [] : [{ label: `$(output) ${vscode.l10n.t('Show Log')}`, action: 'log' as const }]),
    { label: vscode.l10n.t('How it stands'), kind: vscode.QuickPickItemKind.Separator },
    ...fact(vscode.l10n.t('Chains'), chainsOf(status)),
    ...(runner === undefined
      ? []
      : [
          ...fact(vscode.l10n.t('Problems'), progressOf(runner)),
          ...fact(vscode.l10n.t('Classes'), classesOf(runner.byClass)),
          ...fact(vscode.l10n.t('Calls'), callsOf(runner)),
          ...fact(vscode.l10n.t('Pace'), paceOf(runner)),
          ...fact(vscode.l10n.t('Message'), runner.message ?? ''),
        ]),
  ];
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

/** The round of the argument, the only one that fits, or the one that is picked. @throws {CancellationError} when none is. */
async function chooseRound(
  services: Services,
  argument: unknown,
  { fits, question, none }: { fits: (status: RoundOf['status']) => boolean; question: string; none: string },
): Promise<RoundOf> {
  const { datasets, rounds } = services;
  await datasets.ready();
  await rounds.look();
  const named = roundOfNode(argument);
  const candidates = rounds.all.filter(({ ref, status }) =>
    named === undefined ? fits(status) : sameRound(named, ref, status.round),
  );
  const only = candidates[0];
  if (only === undefined) throw new Error(none);
  if (candidates.length === 1) return only;
  const items = candidates.map((round) => ({
    label: round.status.round,
    description: datasets.all.length > 1 ? round.ref.name : '',
    detail: roundDescription(round.status),
    round,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: question });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.round;
}

const sameRound = (named: { ref: DatasetRef; round: string }, ref: DatasetRef, round: string): boolean =>
  named.round === round && named.ref.folder === ref.folder;
