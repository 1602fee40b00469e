import type * as vscode from 'vscode';
import { joined } from '../core/defined.ts';
import { formatRunState, formatSteps } from '../verbs/training/print.ts';
import type { CommandId } from './contributions/index.ts';
import { paceOf, progressOf } from './dataset/round-text.ts';
import { type RoundOf, type Rounds, roundNode } from './dataset/rounds.ts';
import { runNode } from './training/run-item.ts';
import type { Runs } from './training/runs.ts';
import { counted, l10n, t } from './ui/format.ts';
import { statusBarItem } from './ui/notify.ts';

/** The running round and its progress, or the number of running rounds. A click shows details. */
export function roundStatusBar(rounds: Rounds): vscode.Disposable {
  return statusBarItem('longhand.round', t('Longhand Round'), rounds.onDidChange, () => {
    const [first, ...more] = rounds.running;
    if (first === undefined) return undefined;
    const only = more.length === 0;
    return {
      icon: 'sync~spin',
      text: only ? roundText(first) : counted(more.length + 1, '{0} round running', '{0} rounds running'),
      command: command(
        'longhand.showRound',
        t('Show Round'),
        only ? roundNode(first.ref, first.status.round) : undefined,
      ),
    };
  });
}

/** The running training and its progress, or the number of running trainings. A click shows the loss. */
export function runStatusBar(runs: Runs): vscode.Disposable {
  return statusBarItem('longhand.run', t('Longhand Training'), runs.onDidChange, () => {
    const running = runs.live.filter(({ report }) => report.kind === 'train' && report.state !== 'unreachable');
    const [first, ...more] = running;
    if (first === undefined) return undefined;
    const { run } = first.report;
    const only = more.length === 0;
    return {
      icon: 'rocket',
      text: only
        ? `${run}: ${formatSteps(first.report, l10n) || formatRunState(first.report, l10n)}`
        : counted(running.length, '{0} training running', '{0} trainings running'),
      command: command('longhand.showLoss', t('Show Loss'), only ? runNode(first.ref, run) : undefined),
    };
  });
}

const command = (id: CommandId, title: string, node: unknown): vscode.Command => ({
  command: id,
  title,
  arguments: node === undefined ? [] : [node],
});

function roundText({ status }: RoundOf): string {
  const { round, runner } = status;
  if (runner === undefined) return round;
  return joined(' · ', `${round}: ${progressOf(runner)}`, runner.message ?? paceOf(status));
}
