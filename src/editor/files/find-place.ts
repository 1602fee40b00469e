import * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { rowOfPlace } from '../../store/trace-table/file-order.ts';
import { count, counted, t } from '../ui/format.ts';
import { withProgress } from '../ui/notify.ts';
import type { FileReviewSource } from './file-source.ts';
import type { ChainPlace } from './open-trace-file.ts';
import { late } from './start-at.ts';

/**
 * The chain at a place of a file, with progress that can be cancelled where it takes long to find.
 * @param closed Ends the search. @throws UserError if there is none; the reason of `closed`, or an AbortError after a cancel
 */
export async function findPlace(source: FileReviewSource, place: ChainPlace, closed: AbortSignal): Promise<string> {
  const cancel = new AbortController();
  const finding = source.chainAt(place, AbortSignal.any([closed, cancel.signal]));
  if (await late(finding)) await showProgress(source, place, finding, cancel);
  const found = await finding;
  if (found !== undefined) return found;
  const { name } = source.facts;
  throw new UserError('file', t('{0} has no {1}.', name, describePlace(place)), t('The file may have changed.'));
}

async function showProgress(
  source: FileReviewSource,
  place: ChainPlace,
  finding: Promise<unknown>,
  cancel: AbortController,
): Promise<void> {
  const title = t('Finding {0} of {1}', describePlace(place), source.facts.name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => cancel.abort());
    let shown = 0;
    const report = (): void => {
      const { rows, searched } = source.facts;
      progress.report({
        message: counted(rows, '{0} row so far', '{0} rows so far'),
        increment: (searched - shown) * 100,
      });
      shown = searched;
    };
    const reporting = source.onDidChange(report);
    report();
    await finding.catch(() => undefined).finally(() => reporting.dispose());
  });
}

function describePlace(place: ChainPlace): string {
  if (typeof place !== 'string') return t('row in line {0}', count(place.line));
  return t('row {0}', count((rowOfPlace(place)?.row ?? 0) + 1));
}
