import * as vscode from 'vscode';
import type { CommandId } from './contributions/index.ts';
import type { ErrorAction, Reporter } from './reporter.ts';
import { runNode } from './run-item.ts';
import { runSteps } from './run-text.ts';
import type { RunOf, Runs } from './runs.ts';

/** Tells when a run that was followed ends. */
export function runNotices(runs: Runs, reporter: Reporter): vscode.Disposable {
  return runs.onDidEnd((run) => void tell(run, reporter));
}

async function tell(run: RunOf, reporter: Reporter): Promise<void> {
  const { report } = run;
  const { run: name, kind, state, failure, message, hosted } = report;
  const steps = runSteps(report);
  const at = steps === '' ? '' : ` (${steps})`;
  switch (state) {
    case 'succeeded':
      if (kind !== 'train') return;
      return offer(vscode.l10n.t('Training {0} is finished{1}.', name, at), [
        showLoss(run),
        // A host serves what it trained itself.
        ...(hosted ? [] : [serve(run)]),
      ]);
    case 'stopped':
      if (kind !== 'train') return;
      return offer(vscode.l10n.t('Training {0} was stopped{1}. It can be resumed.', name, at), [resume(run)]);
    case 'failed': {
      const words = failure === undefined ? (message ?? '') : `${failure.message} ${failure.advice}`;
      const actions = [...(kind === 'train' ? [showLoss(run)] : []), openLog(run)];
      return reporter.error(new Error(vscode.l10n.t('Run {0} failed{1}. {2}', name, at, words)), ...actions);
    }
    case 'lost': {
      const words = vscode.l10n.t('Run {0} is lost: its engine does not know the job any more.', name);
      return reporter.error(new Error(words), ...(kind === 'train' ? [resume(run)] : []), openLog(run));
    }
    default:
      return;
  }
}

async function offer(text: string, actions: readonly ErrorAction[]): Promise<void> {
  const chosen = await vscode.window.showInformationMessage(text, ...actions.map(({ title }) => title));
  await actions.find(({ title }) => title === chosen)?.run();
}

const action =
  (title: string, command: CommandId) =>
  ({ ref, report }: RunOf): ErrorAction => ({
    title: vscode.l10n.t(title),
    run: () => vscode.commands.executeCommand(command, runNode(ref, report.run)),
  });

const showLoss = action('Show Loss', 'longhand.showLoss');
const openLog = action('Open Log', 'longhand.openRunLog');
const resume = action('Resume Run', 'longhand.resumeRun');
const serve = action('Serve Checkpoint…', 'longhand.serveCheckpoint');
