import * as vscode from 'vscode';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { refilterTotals } from '../../verbs/review/print.ts';
import { askRounds, roundSizes } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { whereApplyIs } from '../ui/read-only-documents.ts';
import { runSteps, type Step } from '../ui/steps.ts';

type Found = VerbResult<'refilter'>;

/** Refilter Chains…: asks for the rounds, shows what would change, and applies it on request. */
export async function refilterDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const sizes = roundSizes(dataset.index.chains(), await dataset.rounds());
  if (dataset.index.chains().length === 0) throw nothingToFilter();

  const args: VerbArgs<'refilter'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    const question = t(
      'Chains of which rounds? They are filtered by the “filters” of longhand.json. Nothing is changed yet.',
    );
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  if (sizes.size > 1 && !(await runSteps(t('Refilter Chains'), askWhich))) return;
  const found = await findChanges(services, args);
  if (found && (await askToApply(services, ref, found))) await apply(services, ref, args);
}

function nothingToFilter(): ActionableError {
  return new ActionableError(t('The dataset has no chains yet: there is nothing to filter.'), [
    commandAction(t('Generate Chains…'), 'longhand.generateChains'),
    commandAction(t('Import Traces…'), 'longhand.importTraces'),
  ]);
}

/** Filters without changing anything. Undefined if cancelled. */
async function findChanges({ verbs }: Services, args: VerbArgs<'refilter'>): Promise<Found | undefined> {
  try {
    return await verbs.run('refilter', args, { title: t('Filtering again, to see what would change') });
  } catch (error) {
    if (!isCancel(error)) throw error;
    void showInformationMessage(t('Filtering was cancelled. Nothing is changed.'));
    return undefined;
  }
}

/** Shows what would change, and the list on request. @returns Whether to apply it. */
async function askToApply({ documents }: Services, ref: DatasetRef, found: Found): Promise<boolean> {
  const text = formatFound(found);
  const show = t('Show Changes');
  const applying = t('Apply');
  const thresholds = t('Thresholds');
  const isChanged = found.rounds.some(({ changed }) => changed > 0);
  for (;;) {
    const answer = await showInformationMessage(text, ...(isChanged ? [show, applying, thresholds] : [thresholds]));
    if (answer === thresholds) {
      await vscode.commands.executeCommand('longhand.openSettingsFile', { ref });
      return false;
    }
    if (answer !== show) return answer === applying;
    const { refilterPage } = await import('../../verbs/review/print.ts');
    await documents.show(
      t('what filtering {0} again changes.md', ref.name),
      `${refilterPage(found)}\n${whereApplyIs()}\n`,
    );
  }
}

async function apply({ verbs, datasets }: Services, ref: DatasetRef, args: VerbArgs<'refilter'>): Promise<void> {
  try {
    const title = t('Filtering {0} again', ref.name);
    const done = await verbs.run('refilter', { ...args, apply: true }, { title });
    void showInformationMessage(formatApplied(done));
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = t(
      'Filtering was cancelled while results were written. Some chains have new results, others old ones. Filter again to finish.',
    );
    void showWarningMessage(half);
  } finally {
    // Trees and an open reader show what was written, even after a cancel.
    await datasets.refresh(ref);
  }
}

/** The result of a refilter without `--apply`. */
function formatFound(found: Found): string {
  const { chains, changed, passedBefore, passedAfter, quotaBefore, quotaAfter } = refilterTotals(found);
  if (changed === 0)
    return counted(
      chains,
      'No change: {0} chain keeps its filter results.',
      'No change: {0} chains keep their filter results.',
    );
  const moved = found.filters
    .filter(({ rejected, passed }) => rejected + passed > 0)
    .map(({ id, rejected, passed }) => `${id} +${count(rejected)} −${count(passed)}`);
  return [
    t(
      'Chains that pass: {0} now, {1} after, of {2}. Newly filtered out: {3}, newly passed: {4}.',
      ...[passedBefore, passedAfter, chains, found.rejected, found.passed].map(count),
    ),
    ...(moved.length === 0 ? [] : [t('By filter: {0}.', moved.join(', '))]),
    ...(quotaBefore === quotaAfter
      ? []
      : [t('Filtered out by quota or selection: {0} now, {1} after.', count(quotaBefore), count(quotaAfter))]),
    counted(
      changed,
      '{0} chain gets new results; its text and reviews stay.',
      '{0} chains get new results; their texts and reviews stay.',
    ),
  ].join(' ');
}

/** The result of a refilter with `--apply`. */
function formatApplied(done: Found): string {
  const { changed, passedAfter, chains, quotaAfter } = refilterTotals(done);
  return counted(
    changed,
    '{0} chain has new results. Chains that pass the filters: {1} of {2}; of these, filtered out by quota or selection: {3}.',
    '{0} chains have new results. Chains that pass the filters: {1} of {2}; of these, filtered out by quota or selection: {3}.',
    ...[passedAfter, chains, quotaAfter].map(count),
  );
}
