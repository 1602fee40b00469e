import * as vscode from 'vscode';
import type { CommandId } from '../contributions/index.ts';
import type { ErrorAction, Reporter } from '../reporter.ts';
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
  const title = t('Resume…');
  await warn(counted(interrupted.length, '{0} round was interrupted.', '{0} rounds were interrupted.'), [
    { title, run: run('longhand.resume', undefined) },
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
  return [text, yieldText(status)].filter((part) => part !== '').join(' ');
}

function interruptedText({ status: { round, runner } }: RoundOf): string {
  if (runner?.state === 'interrupted' && runner.message !== undefined) {
    return t('Round {0} was interrupted. {1}', round, runner.message);
  }
  const at = runner === undefined ? '' : ` (${progressOf(runner)})`;
  return t('Round {0} was interrupted{1}. Calls in its journal are not paid for again.', round, at);
}

type Show = (text: string, ...titles: string[]) => Thenable<string | undefined>;

const asking =
  (show: Show) =>
  async (text: string, actions: readonly ErrorAction[]): Promise<void> => {
    const chosen = await show(text, ...actions.map(({ title }) => title));
    await actions.find(({ title }) => title === chosen)?.run();
  };

const offer = asking(showInformationMessage);
const warn = asking(showWarningMessage);

const run = (command: CommandId, argument: unknown) => () => vscode.commands.executeCommand(command, argument);

const node = ({ ref, status }: RoundOf) => roundNode(ref, status.round);

const resume = (round: RoundOf): ErrorAction => ({
  title: t('Resume'),
  run: run('longhand.resume', node(round)),
});

const showRound = (round: RoundOf): ErrorAction => ({
  title: t('Show Round'),
  run: run('longhand.showRound', node(round)),
});

const difficulty = ({ ref }: RoundOf): ErrorAction => ({
  title: t('Show Difficulty'),
  run: run('longhand.showDifficulty', { ref }),
});
const review = ({ ref, status }: RoundOf): ErrorAction => ({
  title: t('Open Review Queue'),
  run: run('longhand.openReviewQueue', { ref, facet: { facet: 'round', value: status.round } }),
});
