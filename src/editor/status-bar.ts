import * as vscode from 'vscode';
import type { CommandId } from './contributions/index.ts';
import { paceOf, progressOf } from './round-text.ts';
import type { RoundOf, Rounds } from './rounds.ts';

const SHOW: CommandId = 'longhand.showRound';

/** The one status bar item: which round runs and how far it is; hidden while none runs. A click shows its details. */
export function roundStatusBar(rounds: Rounds): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('longhand.round', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('Longhand Round');
  const update = () => {
    const { running } = rounds;
    const first = running[0];
    if (first === undefined) {
      item.hide();
      return;
    }
    const text = running.length === 1 ? roundText(first) : vscode.l10n.t('{0} rounds running', running.length);
    item.text = `$(sync~spin) ${text}`;
    item.accessibilityInformation = { label: vscode.l10n.t('Longhand: {0}', text), role: 'button' };
    item.tooltip = vscode.l10n.t('Show Round');
    item.command = {
      command: SHOW,
      title: vscode.l10n.t('Show Round'),
      arguments: running.length === 1 ? [{ kind: 'round', ref: first.ref, round: first.status.round }] : [],
    };
    item.show();
  };
  return vscode.Disposable.from(item, rounds.onDidChange(update));
}

function roundText({ status: { round, runner } }: RoundOf): string {
  if (runner === undefined) return round;
  return [`${round}: ${progressOf(runner)}`, paceOf(runner)].filter((part) => part !== '').join(' · ');
}
