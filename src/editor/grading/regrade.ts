import * as vscode from 'vscode';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { GradingChoice } from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { askRounds, roundSizes } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import { withNotification } from '../verbs.ts';
import { askPolicy } from './ask-policy.ts';
import { formatFoundFlips, formatRegraded, isUnchanged } from './grading-format.ts';

type Found = VerbResult<'regrade'>;

/** Regrade Answers…: asks for policy and rounds, shows what would flip, and applies it on request. */
export async function regradeDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const { grading } = await dataset.reloadSettings();
  const sizes = roundSizes(dataset.index.chains(), await dataset.rounds());
  if (sizes.size === 0) throw nothingToGrade();

  const args: VerbArgs<'regrade'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    if (sizes.size === 1) return undefined;
    const question = t('Regrade the answers of which rounds? Nothing is changed yet.');
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  const ask: Step = async (ui) => {
    const question = t('Regrade by which policy? You see the flips before anything is changed.');
    args.policy = await askPolicy(ui, grading, question);
    return askWhich;
  };
  if (!(await runSteps(t('Regrade Answers'), ask))) return;
  const found = await findFlips(services, args);
  if (found === undefined) return;
  if (await askToApply(services, dataset, found)) await apply(services, ref, args, grading);
}

function nothingToGrade(): ActionableError {
  return new ActionableError(t('Nothing to grade: the dataset has no rounds yet.'), [
    commandAction(t('Generate Chains…'), 'longhand.generateChains'),
    commandAction(t('Import Traces…'), 'longhand.importTraces'),
  ]);
}

/** Grades without changing anything. Undefined if cancelled. */
async function findFlips(services: Services, args: VerbArgs<'regrade'>): Promise<Found | undefined> {
  try {
    return await services.verbs.run('regrade', args, { title: t('Finding verdicts that would flip') });
  } catch (error) {
    if (!isCancel(error)) throw error;
    const kept = t(
      'The regrading was cancelled and nothing is changed. Verdicts found so far are kept. To resume it, start it again.',
    );
    void showInformationMessage(kept);
    return undefined;
  }
}

/** Shows what would flip, and the list on request. @returns Whether to apply it. */
async function askToApply(services: Services, dataset: Dataset, found: Found): Promise<boolean> {
  const text = formatFoundFlips(found, l10n);
  if (isUnchanged(found)) {
    void showInformationMessage(text);
    return false;
  }
  const show = t('Show Flips');
  const applying = t('Apply');
  const nothing = t('Cancel');
  for (;;) {
    const answer = await showInformationMessage(text, show, applying, nothing);
    if (answer !== show) return answer === applying;
    await showFlips(services, dataset, found);
  }
}

async function showFlips({ documents, reporter }: Services, dataset: Dataset, found: Found): Promise<void> {
  const { flipsPage } = await import('./flips.ts');
  const title = t('Reading {0} and the texts of the answers', found.grading);
  try {
    const page = await withNotification(title, (signal) =>
      flipsPage(dataset, found, signal, (text) => reporter.log.warn(text)),
    );
    await documents.show(t('flips of {0}.md', found.grading), page);
  } catch (error) {
    // The question is asked again.
    if (!isCancel(error)) throw error;
  }
}

async function apply(
  services: Services,
  ref: DatasetRef,
  args: VerbArgs<'regrade'>,
  own: GradingChoice,
): Promise<void> {
  const { verbs, datasets } = services;
  let done: Found;
  try {
    const title = t('Regrading {0}', ref.name);
    done = await verbs.run('regrade', { ...args, apply: true }, { title });
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = t(
      'The regrading was cancelled while it was written. Some chains have new verdicts, others old ones. To finish, regrade again.',
    );
    void showWarningMessage(half);
    return;
  } finally {
    // Trees and an open reader show what was written, even after a cancel.
    await datasets.refresh(ref);
  }
  const text = formatRegraded(done, l10n);
  const usual = resolvePolicy(own).name ?? '';
  if (done.policy === usual) {
    void showInformationMessage(text);
    return;
  }
  const choose = t('Choose Grading Policy…');
  const still = t('New rounds are still graded by “{0}”.', usual);
  if ((await showInformationMessage(`${text} ${still}`, choose)) !== choose) return;
  await vscode.commands.executeCommand('longhand.chooseGradingPolicy', { ref });
}
