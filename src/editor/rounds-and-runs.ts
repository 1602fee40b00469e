import * as vscode from 'vscode';
import { roundDescription } from './dataset/round-text.ts';
import { isResumable, type RoundNode, type RoundOf, roundNode, roundOfNode } from './dataset/rounds.ts';
import type { Services } from './services.ts';
import { type RunNode, runNode, runOfNode } from './training/run-item.ts';
import { isResumableRun, isStoppable } from './training/run-state.ts';
import { runInBrief } from './training/run-text.ts';
import type { RunOf } from './training/runs.ts';
import { t } from './ui/format.ts';
import { type PickItem, showQuickPick } from './ui/quick-input.ts';

interface Which {
  rounds: (status: RoundOf['status']) => boolean;
  runs: (report: RunOf['report']) => boolean;
  question: string;
  /** The error if nothing fits. */
  none: string;
}

/** Stop…: a running round, which finishes its calls in flight, or a running training, server or evaluation. */
export async function stop(services: Services, argument: unknown): Promise<void> {
  const node = await choose(services, argument, {
    rounds: ({ state }) => state === 'running',
    // The list has the round of a sampling run instead.
    runs: (report) => report.kind !== 'sample' && isStoppable(report),
    question: t('Stop which round or run?'),
    none: t('Nothing is running.'),
  });
  if (node.kind === 'round') return (await import('./dataset/round-commands.ts')).cancelRound(services, node);
  return (await import('./training/run-commands.ts')).stopRun(services, node);
}

/** Resume…: a round or training that stopped before its end. A finished training, given as argument, is trained longer. */
export async function resume(services: Services, argument: unknown): Promise<void> {
  const node = await choose(services, argument, {
    rounds: isResumable,
    runs: isResumableRun,
    question: t('Resume which round or run?'),
    none: t('No round or training can be resumed.'),
  });
  if (node.kind === 'round') return (await import('./dataset/round-commands.ts')).resumeRound(services, node);
  return (await import('./training/run-commands.ts')).resumeRun(services, node);
}

/** Show Log…: of a run or of the extension. */
export async function showLog(services: Services, argument: unknown): Promise<void> {
  const run = runOfNode(argument) ?? (await askLog(services));
  if (run === 'longhand') services.reporter.log.show();
  else await (await import('./training/run-commands.ts')).openRunLog(services, run);
}

async function askLog({ datasets, runs }: Services): Promise<RunNode | 'longhand'> {
  await datasets.ready();
  await runs.refresh();
  const started = runs.all.filter(({ report }) => report.attempts > 0).reverse();
  if (started.length === 0 || !vscode.workspace.isTrusted) return 'longhand';
  const choices: (PickItem & { log: RunNode | 'longhand' })[] = [
    { icon: 'output', label: t('Longhand'), description: t('the extension'), log: 'longhand' },
    ...started.map(({ ref, report }) => ({
      label: report.run,
      description: runInBrief(report),
      log: runNode(ref, report.run),
    })),
  ];
  const picked = await showQuickPick(choices, { placeHolder: t('Show which log?') });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.log;
}

/** The round or run of the argument, the only one that fits, or the one that is picked. @throws {CancellationError} when none is. */
async function choose(services: Services, argument: unknown, which: Which): Promise<RoundNode | RunNode> {
  const named = roundOfNode(argument) ?? runOfNode(argument);
  if (named !== undefined) return named;
  const { datasets, rounds, runs } = services;
  await datasets.ready();
  await Promise.all([rounds.refresh(), runs.refresh()]);
  const choices: (PickItem & { node: RoundNode | RunNode })[] = [
    ...rounds.all
      .filter(({ status }) => which.rounds(status))
      .map(({ ref, status }) => ({
        label: status.round,
        description: ref.name,
        detail: roundDescription(status),
        node: roundNode(ref, status.round),
      })),
    ...runs.all
      .filter(({ report }) => which.runs(report))
      .map(({ ref, report }) => ({
        label: report.run,
        description: ref.name,
        detail: runInBrief(report),
        node: runNode(ref, report.run),
      })),
  ];
  const [only, ...rest] = choices;
  if (only === undefined) throw new Error(which.none);
  const picked = rest.length === 0 ? only : await showQuickPick(choices, { placeHolder: which.question });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.node;
}
