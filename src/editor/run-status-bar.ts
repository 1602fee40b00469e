import * as vscode from 'vscode';
import { runNode } from './run-item.ts';
import { runState, runSteps } from './run-text.ts';
import type { Runs } from './runs.ts';

/** Which training runs and how far it is; hidden while none does. A click shows its loss. */
export function runStatusBar(runs: Runs): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('longhand.run', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Longhand Training');
  const update = (): void => {
    const running = runs.live.filter(({ report }) => report.kind === 'train' && report.state !== 'unreachable');
    const first = running[0];
    if (first === undefined) {
      item.hide();
      return;
    }
    const { run } = first.report;
    const steps = runSteps(first.report) || runState(first.report);
    const text = running.length === 1 ? `${run}: ${steps}` : vscode.l10n.t('{0} trainings running', running.length);
    item.text = `$(rocket) ${text}`;
    item.accessibilityInformation = { label: vscode.l10n.t('Longhand: {0}', text), role: 'button' };
    item.tooltip = vscode.l10n.t('Show Loss');
    item.command = {
      command: 'longhand.showLoss',
      title: vscode.l10n.t('Show Loss'),
      arguments: running.length === 1 ? [runNode(first.ref, run)] : [],
    };
    item.show();
  };
  return vscode.Disposable.from(item, runs.onDidChange(update));
}
