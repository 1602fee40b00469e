import * as vscode from 'vscode';
import { joined } from '../../core/defined.ts';
import { commandAction, type ErrorAction, offering, type Reporter } from '../reporter.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { isEmptyYield, outcomeOf, progressOf, yieldText } from './round-text.ts';
import { type RoundOf, type Rounds, roundNode } from './rounds.ts';

/** Shows a notification when a running round ends. */
export function roundNotices(rounds: Rounds, reporter: Reporter): vscode.Disposable {
  return rounds.onDidEnd((round) => void notifyEnd(round, reporter));
}

/** Offers to resume rounds that were interrupted while no window was open. */
export async function offerResume(rounds: Rounds): Promise<void> {
  const interrupted = rounds.all.filter(({ status }) => status.state === 'interrupted');
  const first = interrupted[0];
  if (first === undefined || !vscode.workspace.isTrusted) return;
  if (interrupted.length === 1) return warn(interruptedText(first), [resume(first)]);
  await warn(counted(interrupted.length, '{0} round was interrupted.', '{0} rounds were interrupted.'), [
    commandAction(t('Resume…'), 'longhand.resume'),
  ]);
}

async function notifyEnd(round: RoundOf, reporter: Reporter): Promise<void> {
  const { status } = round;
  switch (status.state) {
    case 'finished':
      return offer(finishedText(status), [
        ...(isEmptyYield(status) ? [showRound(round)] : []),
        ...(status.kind === 'sampling' ? [difficulty(round)] : []),
        ...(status.chains > 0 ? [review(round)] : []),
      ]);
    case 'cancelled':
      return offer(t('Round {0} was cancelled. It can be resumed.', status.round), [resume(round)]);
    case 'interrupted':
      return warn(interruptedText(round), [resume(round)]);
    case 'failed': {
      const message = status.runner?.message ?? t('Round {0} failed.', status.round);
      return reporter.error(new Error(message), resume(round), showRound(round));
    }
    default:
      return;
  }
}

function finishedText(status: RoundOf['status']): string {
  const text = t('Round {0} is finished: {1}.', status.round, outcomeOf(status));
  return joined(' ', text, yieldText(status));
}

function interruptedText({ status: { round, runner } }: RoundOf): string {
  if (runner?.state === 'interrupted' && runner.message !== undefined) {
    return t('Round {0} was interrupted. {1}', round, runner.message);
  }
  const at = runner === undefined ? '' : ` (${progressOf(runner)})`;
  return t('Round {0} was interrupted{1}. Calls in its journal are not paid for again.', round, at);
}

const offer = offering(showInformationMessage);
const warn = offering(showWarningMessage);

const node = ({ ref, status }: RoundOf) => roundNode(ref, status.round);

const resume = (round: RoundOf): ErrorAction => commandAction(t('Resume'), 'longhand.resume', node(round));

const showRound = (round: RoundOf): ErrorAction => commandAction(t('Show Round'), 'longhand.showRound', node(round));

const difficulty = ({ ref }: RoundOf): ErrorAction =>
  commandAction(t('Show Difficulty'), 'longhand.showDifficulty', { ref });

const review = ({ ref, status: { round: value } }: RoundOf): ErrorAction =>
  commandAction(t('Open Review Queue'), 'longhand.openReviewQueue', {
    ref,
    query: [{ field: 'round', op: '=', values: [value] }],
  });
