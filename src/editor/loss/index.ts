import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandInWords } from '../../core/text/command-words.ts';
import { type LossCommand, SavedLossPage } from '../../protocol/loss-page.ts';
import { attemptsOf, readRun } from '../../store/runs.ts';
import { wholeSteps } from '../../trainers/report.ts';
import { chooseRun } from '../commands/choose-run.ts';
import type { CommandId } from '../contributions/index.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { runNode } from '../run-item.ts';
import type { Services } from '../services.ts';
import { LossPanel } from './panel.ts';

/** Lines of a log that are shown beside a failure. */
const LOG_LINES = 50;

/** Show Loss: how a training goes, live, with others laid over it. */
export async function showLoss(services: Services, argument: unknown): Promise<void> {
  const { ref, report } = await chooseRun(services, argument, {
    fits: ({ kind }) => kind === 'train',
    question: vscode.l10n.t('Show the loss of which training?'),
    none: vscode.l10n.t('There is no training yet.'),
  });
  LossPanel.show(optionsOf(services, ref, report.run));
}

/** Fills a panel that a closed window left open. Throws when its dataset or run is gone. */
export async function reviveLoss(services: Services, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
  const { folder, run, others } = SavedLossPage.parse(state);
  await services.datasets.ready();
  const ref = services.datasets.all.find((one) => one.folder === folder);
  if (ref === undefined) throw new Error(vscode.l10n.t('The dataset of {0} is not in this workspace.', run));
  await readRun(folder, run);
  LossPanel.revive(panel, { ...optionsOf(services, ref, run), others });
  await services.runs.look(ref);
}

function optionsOf(services: Services, ref: DatasetRef, run: string): Parameters<typeof LossPanel.show>[0] {
  const { context, runs, reporter, verbs, engineKeys } = services;
  return {
    extension: context.extensionUri,
    run,
    source: {
      dataset: ref.name,
      folder: ref.folder,
      reports: () => runs.of(ref).filter(({ kind }) => kind === 'train'),
      read: async (id) => {
        const stored = await readRun(ref.folder, id);
        return { record: stored.record, attempts: await attemptsOf(stored) };
      },
      kept: async (id) => wholeSteps(await readRun(ref.folder, id)),
      ask: async (id) => {
        const { record } = await readRun(ref.folder, id);
        const access = await engineKeys.of([record.engine]);
        return verbs.run('run', { dataset: ref.folder, run: id, lines: LOG_LINES }, { access });
      },
      trusted: () => vscode.workspace.isTrusted,
    },
    onDidChange: runs.onDidChange,
    command: (command) => perform(ref, run, command).catch((error: unknown) => reporter.error(error)),
    save: (what, shown) => save(services, ref, what, shown).catch((error: unknown) => reporter.error(error)),
    fail: (error) => void reporter.error(error),
    log: (message) => reporter.log.info(message),
  };
}

const COMMANDS: Record<Exclude<LossCommand, 'copyCommand'>, CommandId> = {
  stop: 'longhand.stopRun',
  resume: 'longhand.resumeRun',
  log: 'longhand.openRunLog',
  config: 'longhand.openRunConfig',
  folder: 'longhand.showCheckpoint',
  serve: 'longhand.serveCheckpoint',
};

async function perform(ref: DatasetRef, run: string, command: LossCommand): Promise<void> {
  if (command !== 'copyCommand') {
    await vscode.commands.executeCommand(COMMANDS[command], runNode(ref, run));
    return;
  }
  const { record } = await readRun(ref.folder, run);
  await vscode.env.clipboard.writeText(commandInWords(record.command, record.env));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The command is copied.'), 3000);
}

async function save({ verbs }: Services, ref: DatasetRef, what: 'svg' | 'csv', runs: readonly string[]): Promise<void> {
  const defaultUri = vscode.Uri.file(join(ref.folder, `loss-${runs.join('-')}.${what}`));
  const filters = what === 'svg' ? { SVG: ['svg'] } : { CSV: ['csv'] };
  const file = await vscode.window.showSaveDialog({ defaultUri, filters });
  if (file === undefined) return;
  await verbs.run('loss', { dataset: ref.folder, runs: [...runs], [what]: file.fsPath });
  const open = vscode.l10n.t('Open');
  const said = vscode.l10n.t('Saved {0}.', vscode.workspace.asRelativePath(file));
  if ((await vscode.window.showInformationMessage(said, open)) === open) {
    await vscode.commands.executeCommand('vscode.open', file);
  }
}
