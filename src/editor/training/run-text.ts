import * as vscode from 'vscode';
import { formatDuration } from '../../core/text/format.ts';
import type { RunReport } from '../../protocol/training.ts';
import { count, counted, t } from '../ui/format.ts';
import { runModel } from './run-model.ts';
import { isLive } from './run-state.ts';

/** The status of a run in a word or two. */
export function runState({ state }: RunReport): string {
  const names: Record<RunReport['state'], string> = {
    prepared: t('never started'),
    pending: t('waiting'),
    running: t('running'),
    stopped: t('stopped'),
    succeeded: t('finished'),
    failed: t('failed'),
    lost: t('lost'),
    unreachable: t('unknown'),
    unasked: t('not checked'),
  };
  return names[state];
}

/** `step 12 of 80`, of a batch `12 of 80 answers`; empty before the first. */
export function runSteps({ kind, step, total }: RunReport): string {
  if (step === undefined) return '';
  if (kind === 'sample' && total !== undefined)
    return counted(total, '{1} of {0} answer', '{1} of {0} answers', count(step));
  return total === undefined ? t('step {0}', count(step)) : t('step {0} of {1}', count(step), count(total));
}

/**
 * The line of a run in the tree: `step 12 of 80 · starter`, `running · sft-1-checkpoint-12 · 127.0.0.1:8440`. Without a state that the icon
 * shows if there are steps.
 */
export function runInBrief(report: RunReport): string {
  const steps = runSteps(report);
  const { state, serving } = report;
  const plain = state === 'running' || state === 'succeeded';
  return [
    steps === '' || !plain ? runState(report) : '',
    report.missing === undefined ? '' : t('files missing'),
    steps,
    runModel(report),
    serving !== undefined && isLive(report) ? new URL(serving.baseURL).host : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

export const missingText = (folder: string): string =>
  t('The trained model is no longer in {0}. Restore the folder, or train again.', folder);

/** The facts of a run in a few lines, for a tooltip. */
export function runLines(report: RunReport): string[] {
  const { run, trainer, model, serving, failure, message, secondsLeft, loss, output, missing } = report;
  return [
    `${run}: ${[runState(report), runSteps(report)].filter((part) => part !== '').join(', ')}`,
    ...(loss === undefined ? [] : [t('Loss {0}', loss.toPrecision(4))]),
    ...(secondsLeft === undefined ? [] : [t('About {0} left', formatDuration(secondsLeft))]),
    ...(serving === undefined ? [] : [t('Served as: {0}', serving.modelName), serving.baseURL]),
    ...(trainer === undefined ? [] : [t('Trainer: {0}', trainer)]),
    ...(model === undefined ? [] : [t('Model: {0}', model)]),
    ...(failure === undefined ? (message === undefined ? [] : [message]) : [failure.message, failure.advice]),
    ...(output === undefined ? [] : [t('Trained model: {0}', output)]),
    ...(missing === undefined ? [] : [missingText(missing)]),
  ];
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
