import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { formatLoss } from '../../core/text/format.ts';
import type { RunReport } from '../../protocol/training.ts';
import { readRun } from '../../store/runs.ts';
import { missingText } from '../../verbs/training/print.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { setStatusBarMessage, showWarningMessage } from '../ui/notify.ts';
import { type PickItem, showInputBox, showQuickPick } from '../ui/quick-input.ts';
import { chooseRun } from './choose-run.ts';
import { configPath, confirmResume } from './confirm-resume.ts';
import { runAccess } from './run-access.ts';
import { type RunNode, runNode } from './run-item.ts';
import { checkpointFolder, lastCheckpoint } from './run-state.ts';
import { requireCommand, trainerProgram } from './trainer-program.ts';

/** Stops a run with all its processes; asks first if steps would be lost. */
export async function stopRun(services: Services, node: RunNode): Promise<void> {
  const { ref, report } = await chooseRun(services, node);
  if (!(await mayStop(report))) return;
  const access = await runAccess(services, await readRun(ref.folder, report.run));
  const title = t('Stopping {0}', report.run);
  await services.verbs.run('stop-run', { dataset: ref.folder, run: report.run }, { title, access, cancellable: false });
  await services.runs.refresh(ref);
}

async function mayStop(report: RunReport): Promise<boolean> {
  const saved = lastCheckpoint(report)?.step ?? 0;
  const lost = (report.step ?? 0) - saved;
  if (report.kind !== 'train' || lost <= 0) return true;
  const detail =
    saved === 0
      ? t('No checkpoint is saved. A later resume restarts from the beginning.')
      : t('A later resume starts from the checkpoint of step {0}.', count(saved));
  const stop = t('Stop');
  const question = counted(
    lost,
    'Stop {1}? {0} step since its last checkpoint is lost.',
    'Stop {1}? {0} steps since its last checkpoint are lost.',
    report.run,
  );
  return (await showWarningMessage(question, { modal: true, detail }, stop)) === stop;
}

/** Resumes a training from a checkpoint, or trains a finished one longer. The command is shown before it runs. */
export async function resumeRun(services: Services, node: RunNode): Promise<void> {
  const { ref, report } = await chooseRun(services, node);
  const stored = await readRun(ref.folder, report.run);
  const { record } = stored;
  requireCommand(record.training?.trainer ?? '');
  const from = await chooseCheckpoint(report);
  const longer = report.state === 'succeeded' ? await askEpochs(record.training?.settings.epochs) : {};
  const program = trainerProgram(record.training?.trainer ?? '');
  const args = { dataset: ref.folder, run: report.run, from, ...longer, ...defined({ program }) };
  const confirmed = await confirmResume(services, stored, args);
  if (confirmed === undefined) return;
  const access = await runAccess(services, stored);
  const title = t('Resuming {0}', report.run);
  const resumed = await services.verbs.run(
    'resume-run',
    { ...args, ...confirmed },
    { title, access, cancellable: false },
  );
  await services.runs.refresh(ref);
  services.runLogs.followNext(services, { ref, report: resumed.report });
  await vscode.commands.executeCommand('longhand.showLoss', runNode(ref, report.run));
  const end = resumed.total === null ? '' : t(' and continues to step {0}', count(resumed.total));
  const message =
    resumed.from === 0
      ? t('{0} restarts from the beginning{1}.', report.run, end)
      : t('{0} resumes from step {1}{2}.', report.run, count(resumed.from), end);
  setStatusBarMessage(message, 10_000);
}

/** The last whole checkpoint comes first. Undefined if there is none. */
async function chooseCheckpoint({ checkpoints }: RunReport): Promise<number | undefined> {
  const whole = checkpoints.filter((one) => one.whole).sort((a, b) => b.step - a.step);
  if (whole.length === 0) return undefined;
  const items: (PickItem & { step: number })[] = whole.map(({ step, loss, path }) => ({
    icon: 'save',
    label: t('Step {0}', count(step)),
    description: loss === undefined ? '' : t('loss {0}', formatLoss(loss)),
    detail: path,
    step,
  }));
  items.push({ icon: 'debug-restart', label: t('From the beginning'), step: 0 });
  const picked = await showQuickPick(items, {
    placeHolder: t('Resume from which checkpoint?'),
  });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.step;
}

async function askEpochs(before: number | undefined): Promise<{ epochs: number }> {
  const text = await showInputBox({
    prompt: t('The training is finished. Train until which epoch, counted from the beginning?'),
    value: String((before ?? 1) + 1),
    validateInput: (value) =>
      Number(value) > (before ?? 0) && Number(value) <= 1000
        ? undefined
        : t('A number above {0}, at most 1,000', before ?? 0),
  });
  if (text === undefined) throw new vscode.CancellationError();
  return { epochs: Number(text) };
}

/** Shows the log of a run, live. */
export async function openRunLog(services: Services, node: RunNode): Promise<void> {
  services.runLogs.show(services, await chooseRun(services, node));
}

/** Open Run Configuration: the file that the trainer reads, also on a resume. */
export async function openRunConfig(services: Services, argument: unknown): Promise<void> {
  const { ref, report } = await chooseRun(services, argument);
  const path = configPath(await readRun(ref.folder, report.run));
  if (path === undefined) throw new Error(t('{0} is not a training.', report.run));
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
}

/** Show Checkpoint Folder: of the trained model, else of the last checkpoint, else of the run. */
export async function showCheckpoint(services: Services, argument: unknown): Promise<void> {
  const { report } = await chooseRun(services, argument);
  const last = lastCheckpoint(report);
  if (report.missing !== undefined && last === undefined) throw new Error(missingText(report.missing, t));
  const folder = report.output ?? (last === undefined ? report.folder : checkpointFolder(report, last));
  await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(folder));
}
