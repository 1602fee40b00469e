import * as vscode from 'vscode';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { refilterTotals } from '../../verbs/review/print.ts';
import { askRounds, roundSizes } from '../dataset/ask-scope.ts';
import { noChains } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { whereApplyIs } from '../ui/read-only-documents.ts';
import { runSteps, type Step } from '../ui/steps.ts';

type Found = VerbResult<'refilter'>;

/** Refilter Chains…: asks for the rounds, shows what would change, and applies it on request. */
export async function refilterDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const sizes = roundSizes(dataset.index.chains(), await dataset.rounds());
  if (dataset.index.chains().length === 0)
    throw noChains(t('The dataset has no chains yet: there is nothing to filter.'));

  const args: VerbArgs<'refilter'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    const question = t(
      'Chains of which rounds? They are filtered by the “filters” of longhand.json. Nothing is changed yet.',
    );
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  if (sizes.size > 1 && !(await runSteps(t('Refilter Chains'), askWhich))) return;
  await rework(services, {
    ref,
    args,
    verb: 'refilter',
    what: t('Filtering'),
    describe: formatFound,
    isChanged: ({ rounds }) => rounds.some(({ changed }) => changed > 0),
    show: {
      label: t('Show Changes'),
      run: async (found) => {
        const { refilterPage } = await import('../../verbs/review/print.ts');
        const name = t('what filtering {0} again changes.md', ref.name);
        await services.documents.show(name, `${refilterPage(found)}\n${whereApplyIs()}\n`);
      },
    },
    other: {
      label: t('Thresholds'),
      run: () => vscode.commands.executeCommand('longhand.openSettingsFile', { ref }),
    },
    applied: (done) => void showInformationMessage(formatApplied(done)),
  });
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
