import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { showQuickPick } from '../ui/quick-input.ts';
import { runOfNode } from './run-item.ts';
import { runInBrief } from './run-text.ts';
import type { RunOf } from './runs.ts';

/**
 * The run of the argument; without one the only training, or the one that the user picks.
 * @throws {CancellationError} if none is picked.
 */
export async function chooseRun(services: Services, argument: unknown, question?: string): Promise<RunOf> {
  const { datasets, runs } = services;
  await datasets.ready();
  const named = runOfNode(argument);
  const find = (): RunOf[] =>
    runs.all.filter(({ ref, report }) =>
      named === undefined ? report.kind === 'train' : ref.folder === named.ref.folder && report.run === named.run,
    );
  // Another process may have started a run that is not listed yet.
  if (named === undefined || find().length === 0) await runs.refresh(named?.ref);
  const [only, ...rest] = find().reverse();
  if (only === undefined) throw new Error(t('There is no training yet.'));
  if (rest.length === 0) return only;
  const items = [only, ...rest].map((one) => ({
    label: one.report.run,
    description: datasets.all.length > 1 ? one.ref.name : '',
    detail: runInBrief(one.report),
    one,
  }));
  const picked = await showQuickPick(items, { placeHolder: question ?? t('Which training?') });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.one;
}
