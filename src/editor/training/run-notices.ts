import type * as vscode from 'vscode';
import { formatSteps } from '../../verbs/training/print.ts';
import type { CommandId } from '../contributions/index.ts';
import { commandAction, type ErrorAction, offering, type Reporter } from '../reporter.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { runNode } from './run-item.ts';
import type { RunOf, Runs } from './runs.ts';

const offer = offering(showInformationMessage);

/** Shows a notification when a followed run ends. */
export function runNotices(runs: Runs, reporter: Reporter): vscode.Disposable {
  return runs.onDidEnd((run) => void notifyEnd(run, reporter));
}

async function notifyEnd(run: RunOf, reporter: Reporter): Promise<void> {
  const { report } = run;
  const { run: name, kind, state, failure, message, hosted } = report;
  const steps = formatSteps(report, l10n);
  const at = steps === '' ? '' : ` (${steps})`;
  switch (state) {
    case 'succeeded':
      if (kind !== 'train') return;
      return offer(t('Training {0} is finished{1}.', name, at), [
        showLoss(run),
        // Hosted services serve their models themselves.
        ...(hosted ? [] : [serve(run)]),
      ]);
    case 'stopped':
      if (kind !== 'train') return;
      return offer(t('Training {0} was stopped{1}. It can be resumed.', name, at), [resume(run)]);
    case 'failed': {
      const reason = failure === undefined ? (message ?? '') : `${failure.message} ${failure.advice}`;
      const actions = [...(kind === 'train' ? [showLoss(run)] : []), openLog(run)];
      return reporter.error(new Error(t('Run {0} failed{1}. {2}', name, at, reason)), ...actions);
    }
    case 'lost': {
      const text = t('Run {0} is lost: its engine no longer lists it.', name);
      return reporter.error(new Error(text), ...(kind === 'train' ? [resume(run)] : []), openLog(run));
    }
    default:
      return;
  }
}

const action =
  (title: string, command: CommandId) =>
  ({ ref, report }: RunOf): ErrorAction =>
    commandAction(t(title), command, runNode(ref, report.run));

const showLoss = action('Show Loss', 'longhand.showLoss');
const openLog = action('Show Log', 'longhand.showLog');
const resume = action('Resume', 'longhand.resume');
const serve = action('Serve Checkpoint…', 'longhand.serveCheckpoint');
