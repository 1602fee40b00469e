import * as vscode from 'vscode';
import { joined, present } from '../../core/defined.ts';
import type { RunReport } from '../../protocol/training.ts';
import { formatRunProgress, formatRunState, formatSteps, runFacts } from '../../verbs/training/print.ts';
import { l10n, t } from '../ui/format.ts';
import { runModel } from './run-model.ts';
import { isLive } from './run-state.ts';

/**
 * The line of a run in the tree: `step 12 of 80 · starter`, `running · sft-1-checkpoint-12 · 127.0.0.1:8440`. Without a state that the icon
 * shows if there are steps.
 */
export function runInBrief(report: RunReport): string {
  const steps = formatSteps(report, l10n);
  const { state, serving } = report;
  const plain = state === 'running' || state === 'succeeded';
  return joined(
    ' · ',
    steps === '' || !plain ? formatRunState(report, l10n) : '',
    report.missing === undefined ? '' : t('files missing'),
    steps,
    runModel(report),
    serving !== undefined && isLive(report) ? new URL(serving.baseURL).host : '',
  );
}

/** The facts of a run in a few lines, for a tooltip. */
export function runLines(report: RunReport): string[] {
  const { run, trainer, model, serving } = report;
  return present(
    `${run}: ${formatRunProgress(report, l10n)}`,
    ...(serving === undefined ? [] : [t('Served as: {0}', serving.modelName), serving.baseURL]),
    trainer !== undefined && t('Trainer: {0}', trainer),
    model !== undefined && t('Model: {0}', model),
    ...runFacts(report, l10n),
  );
}

/** The icon of a run by its state and kind. */
export function runIcon({ state, kind, missing }: RunReport): vscode.ThemeIcon {
  const colour = (id: string): vscode.ThemeColor => new vscode.ThemeColor(id);
  if (missing !== undefined) return new vscode.ThemeIcon('warning', colour('list.warningForeground'));
  switch (state) {
    case 'running':
      if (kind === 'serve') return new vscode.ThemeIcon('vm-running', colour('charts.blue'));
      return new vscode.ThemeIcon('sync~spin', colour('charts.blue'));
    case 'pending':
      return new vscode.ThemeIcon('watch');
    case 'succeeded':
      return new vscode.ThemeIcon('pass', colour('charts.green'));
    case 'failed':
      return new vscode.ThemeIcon('error', colour('list.errorForeground'));
    case 'stopped':
      // Only a training can resume from where it stopped.
      return new vscode.ThemeIcon(kind === 'train' ? 'debug-pause' : kind === 'serve' ? 'vm-outline' : 'circle-slash');
    case 'prepared':
      return new vscode.ThemeIcon('circle-outline');
    case 'lost':
    case 'unreachable':
    case 'unasked':
      return new vscode.ThemeIcon('question');
  }
}
