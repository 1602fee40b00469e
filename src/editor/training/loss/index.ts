import * as vscode from 'vscode';
import { formatCommand } from '../../../core/text/format.ts';
import { type LossCommand, SavedLossPage } from '../../../protocol/loss-page.ts';
import { attemptsOf, readRun } from '../../../store/runs.ts';
import { wholeSteps } from '../../../trainers/runs/report.ts';
import type { CommandId } from '../../contributions/index.ts';
import type { DatasetRef } from '../../dataset/find-datasets.ts';
import type { Services } from '../../services.ts';
import { t } from '../../ui/format.ts';
import { setStatusBarMessage } from '../../ui/notify.ts';
import { saveFile } from '../../ui/save-file.ts';
import { chooseRun } from '../choose-run.ts';
import { runNode } from '../run-item.ts';
import { LossPanel } from './panel.ts';

/** Lines of a log that are shown beside a failure. */
const LOG_LINES = 50;

/** Show Loss: the loss of a training, live, with others for comparison. */
export async function showLoss(services: Services, argument: unknown): Promise<void> {
  const question = t('Show the loss of which training?');
  const { ref, report } = await chooseRun(services, argument, question);
  LossPanel.show(optionsOf(services, ref, report.run));
}

/** Restores a panel. Throws if its dataset or run no longer exists. */
export async function reviveLoss(services: Services, panel: vscode.WebviewPanel, state: unknown): Promise<void> {
  const { folder, run, others } = SavedLossPage.parse(state);
  await services.datasets.ready();
  const ref = services.datasets.all.find((one) => one.folder === folder);
  if (ref === undefined) throw new Error(t('The dataset of {0} is not in this workspace.', run));
  await readRun(folder, run);
  LossPanel.revive(panel, { ...optionsOf(services, ref, run), others });
  await services.runs.refresh(ref);
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
  stop: 'longhand.stop',
  resume: 'longhand.resume',
  log: 'longhand.showLog',
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
  await vscode.env.clipboard.writeText(formatCommand(record.command, record.env));
  setStatusBarMessage(t('Command copied.'), 3000);
}

function save({ verbs }: Services, ref: DatasetRef, what: 'svg' | 'csv', runs: readonly string[]): Promise<void> {
  return saveFile(ref.folder, `loss-${runs.join('-')}.${what}`, (path) =>
    verbs.run('loss', { dataset: ref.folder, runs: [...runs], [what]: path }),
  );
}
