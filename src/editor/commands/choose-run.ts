import * as vscode from 'vscode';
import { runOfNode } from '../run-item.ts';
import { runInBrief } from '../run-text.ts';
import type { RunOf } from '../runs.ts';
import type { Services } from '../services.ts';

interface Which {
  fits: (report: RunOf['report']) => boolean;
  question: string;
  none: string;
}

/** The run of the argument, the only one that fits, or the one that is picked, the newest first. @throws {CancellationError} when none is. */
export async function chooseRun(services: Services, argument: unknown, which: Which): Promise<RunOf> {
  const { datasets, runs } = services;
  await datasets.ready();
  const named = runOfNode(argument);
  const find = (): RunOf[] =>
    runs.all.filter(({ ref, report }) =>
      named === undefined ? which.fits(report) : ref.folder === named.ref.folder && report.run === named.run,
    );
  // What is known is at hand at once; a run that is not known yet was begun by another process.
  if (named === undefined || find().length === 0) await runs.look(named?.ref);
  const [only, ...rest] = find().reverse();
  if (only === undefined) throw new Error(which.none);
  if (rest.length === 0) return only;
  const items = [only, ...rest].map((one) => ({
    label: one.report.run,
    description: datasets.all.length > 1 ? one.ref.name : '',
    detail: runInBrief(one.report),
    one,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: which.question });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.one;
}
