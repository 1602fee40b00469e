import * as vscode from 'vscode';
import { formatCount, formatDuration } from './format.ts';
import { runModel } from './run-model.ts';
import { isLive, type RunReport } from './run-state.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

/** How a run stands, in a word or two. */
export function runState({ state }: RunReport): string {
  switch (state) {
    case 'prepared':
      return vscode.l10n.t('never started');
    case 'pending':
      return vscode.l10n.t('waiting');
    case 'running':
      return vscode.l10n.t('running');
    case 'stopped':
      return vscode.l10n.t('stopped');
    case 'succeeded':
      return vscode.l10n.t('finished');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'lost':
      return vscode.l10n.t('lost');
    case 'unreachable':
      return vscode.l10n.t('not known');
    case 'unasked':
      return vscode.l10n.t('not asked');
  }
}

/** `step 12 of 80`, of a batch `12 of 80 answers`; empty before the first. */
export function runSteps({ kind, step, total }: RunReport): string {
  if (step === undefined) return '';
  if (kind === 'sample' && total !== undefined) return vscode.l10n.t('{0} of {1} answers', count(step), count(total));
  return total === undefined
    ? vscode.l10n.t('step {0}', count(step))
    : vscode.l10n.t('step {0} of {1}', count(step), count(total));
}

/**
 * For the line of a run in the tree: `step 12 of 80 · starter`, `running · sft-1-checkpoint-12 · 127.0.0.1:8440`. A state that the icon
 * shows is left out while there are steps.
 */
export function runInBrief(report: RunReport): string {
  const steps = runSteps(report);
  const { state, serving } = report;
  const plain = state === 'running' || state === 'succeeded';
  return [
    steps === '' || !plain ? runState(report) : '',
    steps,
    runModel(report),
    serving !== undefined && isLive(report) ? new URL(serving.baseURL).host : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** All of a run in a few lines, for a tooltip or a list. */
export function runLines(report: RunReport): string[] {
  const { run, trainer, model, serving, failure, message, secondsLeft, loss, output } = report;
  return [
    `${run}: ${[runState(report), runSteps(report)].filter((part) => part !== '').join(', ')}`,
    ...(loss === undefined ? [] : [vscode.l10n.t('Loss {0}', loss.toPrecision(4))]),
    ...(secondsLeft === undefined ? [] : [vscode.l10n.t('About {0} left', formatDuration(secondsLeft))]),
    ...(serving === undefined ? [] : [vscode.l10n.t('Answers to: {0}', serving.modelName), serving.baseURL]),
    ...(trainer === undefined ? [] : [vscode.l10n.t('Trainer: {0}', trainer)]),
    ...(model === undefined ? [] : [vscode.l10n.t('Model: {0}', model)]),
    ...(failure === undefined ? (message === undefined ? [] : [message]) : [failure.message, failure.advice]),
    ...(output === undefined ? [] : [vscode.l10n.t('Trained model: {0}', output)]),
  ];
}

/** By state; what serves or samples has its own while it runs. */
export function runIcon({ state, kind }: RunReport): vscode.ThemeIcon {
  const colour = (id: string): vscode.ThemeColor => new vscode.ThemeColor(id);
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
      // Only a training goes on from where it was.
      return new vscode.ThemeIcon(kind === 'train' ? 'debug-pause' : kind === 'serve' ? 'vm-outline' : 'circle-slash');
    case 'prepared':
      return new vscode.ThemeIcon('circle-outline');
    case 'lost':
    case 'unreachable':
    case 'unasked':
      return new vscode.ThemeIcon('question');
  }
}
