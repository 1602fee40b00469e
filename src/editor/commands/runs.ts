import * as vscode from 'vscode';
import { readRun } from '../../store/runs.ts';
import { formatCount } from '../format.ts';
import { runNode } from '../run-item.ts';
import { checkpointFolder, isResumableRun, isStoppable, lastCheckpoint, type RunReport } from '../run-state.ts';
import type { Services } from '../services.ts';
import { requireCommand, trainerProgram } from '../trainer-program.ts';
import { chooseRun } from './choose-run.ts';
import { configPath, confirmResume } from './confirm-resume.ts';
import { runAccess } from './run-access.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

/** Stop Run: the job and all that it started, after a question where steps would be lost. */
export async function stopRun(services: Services, argument: unknown): Promise<void> {
  const { ref, report } = await chooseRun(services, argument, {
    fits: isStoppable,
    question: vscode.l10n.t('Stop which run?'),
    none: vscode.l10n.t('No run goes on.'),
  });
  if (!(await mayStop(report))) return;
  const access = await runAccess(services, await readRun(ref.folder, report.run));
  const title = vscode.l10n.t('Stopping {0}', report.run);
  await services.verbs.run('stop-run', { dataset: ref.folder, run: report.run }, { title, access, cancellable: false });
  await services.runs.look(ref);
}

async function mayStop(report: RunReport): Promise<boolean> {
  const saved = lastCheckpoint(report)?.step ?? 0;
  const lost = (report.step ?? 0) - saved;
  if (report.kind !== 'train' || lost <= 0) return true;
  const detail =
    saved === 0
      ? vscode.l10n.t('It has saved no checkpoint: a later Resume begins anew.')
      : vscode.l10n.t('A later Resume goes on from the checkpoint of step {0}.', count(saved));
  const stop = vscode.l10n.t('Stop');
  const question =
    lost === 1
      ? vscode.l10n.t('Stop {0}? One step since its last checkpoint is lost.', report.run)
      : vscode.l10n.t('Stop {0}? {1} steps since its last checkpoint are lost.', report.run, count(lost));
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, stop)) === stop;
}

/** Resume Run: from the last whole checkpoint, another one, or longer than was planned; the command is shown before it runs. */
export async function resumeRun(services: Services, argument: unknown): Promise<void> {
  const { ref, report } = await chooseRun(services, argument, {
    fits: isResumableRun,
    question: vscode.l10n.t('Resume which training?'),
    none: vscode.l10n.t('No training has stopped before its end.'),
  });
  const stored = await readRun(ref.folder, report.run);
  const { record } = stored;
  requireCommand(record.training?.trainer ?? '');
  const from = await chooseCheckpoint(report);
  const longer = report.state === 'succeeded' ? await askEpochs(record.training?.settings.epochs) : {};
  const program = trainerProgram(record.training?.trainer ?? '');
  const args = { dataset: ref.folder, run: report.run, from, ...longer, ...(program === undefined ? {} : { program }) };
  if (!(await confirmResume(services, stored, args))) return;
  const access = await runAccess(services, stored);
  const title = vscode.l10n.t('Resuming {0}', report.run);
  const resumed = await services.verbs.run('resume-run', args, { title, access, cancellable: false });
  await services.runs.look(ref);
  services.runLogs.goOn(services, { ref, report: resumed.report });
  await vscode.commands.executeCommand('longhand.showLoss', runNode(ref, report.run));
  const end = resumed.total === null ? '' : vscode.l10n.t(' and continues to step {0}', count(resumed.total));
  const words =
    resumed.from === 0
      ? vscode.l10n.t('{0} begins anew{1}.', report.run, end)
      : vscode.l10n.t('{0} goes on from step {1}{2}.', report.run, count(resumed.from), end);
  vscode.window.setStatusBarMessage(words, 10_000);
}

/** Asks only where there is a choice; the last whole checkpoint comes first. */
async function chooseCheckpoint({ checkpoints }: RunReport): Promise<number | undefined> {
  const whole = checkpoints.filter((one) => one.whole).sort((a, b) => b.step - a.step);
  if (whole.length === 0) return undefined;
  const items: (vscode.QuickPickItem & { step: number })[] = whole.map(({ step, loss, path }) => ({
    label: `$(save) ${vscode.l10n.t('Step {0}', count(step))}`,
    description: loss === undefined ? '' : vscode.l10n.t('loss {0}', loss.toPrecision(4)),
    detail: path,
    step,
  }));
  items.push({ label: `$(debug-restart) ${vscode.l10n.t('From the beginning')}`, step: 0 });
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Go on from which checkpoint?'),
  });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.step;
}

async function askEpochs(before: number | undefined): Promise<{ epochs: number }> {
  const text = await vscode.window.showInputBox({
    prompt: vscode.l10n.t('The training is finished. Train until which epoch, counted from the beginning?'),
    value: String((before ?? 1) + 1),
    validateInput: (value) =>
      Number(value) > (before ?? 0) && Number(value) <= 1000
        ? undefined
        : vscode.l10n.t('A number above {0}, at most 1,000', before ?? 0),
  });
  if (text === undefined) throw new vscode.CancellationError();
  return { epochs: Number(text) };
}

const anyTraining = () => ({
  fits: ({ kind }: RunReport) => kind === 'train',
  question: vscode.l10n.t('Which training?'),
  none: vscode.l10n.t('There is no training yet.'),
});

/** Open Log: what the job writes, as it writes it. */
export async function openRunLog(services: Services, argument: unknown): Promise<void> {
  const run = await chooseRun(services, argument, {
    fits: ({ attempts }) => attempts > 0,
    question: vscode.l10n.t('Open the log of which run?'),
    none: vscode.l10n.t('No run was started yet.'),
  });
  services.runLogs.show(services, run);
}

/** Open Run Configuration: the file that the trainer reads, which a resume reads again. */
export async function openRunConfig(services: Services, argument: unknown): Promise<void> {
  const { ref, report } = await chooseRun(services, argument, anyTraining());
  const path = configPath(await readRun(ref.folder, report.run));
  if (path === undefined) throw new Error(vscode.l10n.t('{0} is no training.', report.run));
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
}

/** Show Checkpoint Folder: of the trained model, the last checkpoint, or the run, whichever there is. */
export async function showCheckpoint(services: Services, argument: unknown): Promise<void> {
  const { report } = await chooseRun(services, argument, anyTraining());
  const last = lastCheckpoint(report);
  const folder = report.output ?? (last === undefined ? report.folder : checkpointFolder(report, last));
  await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(folder));
}
