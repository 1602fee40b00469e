import * as vscode from 'vscode';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { GradingChoice } from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import { formatRegraded, isUnchanged } from '../../verbs/grading/print.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { askRounds, roundSizes } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { noChains, unlessCancelled } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import { withNotification } from '../verbs.ts';
import { askPolicy } from './ask-policy.ts';

type Found = VerbResult<'regrade'>;

/** Regrade Answers…: asks for policy and rounds, shows what would flip, and applies it on request. */
export async function regradeDataset(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  const { grading } = await dataset.reloadSettings();
  const sizes = roundSizes(dataset.index.chains(), await dataset.rounds());
  if (sizes.size === 0) throw noChains(t('Nothing to grade: the dataset has no rounds yet.'));

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
  await rework(services, {
    ref,
    args,
    verb: 'regrade',
    what: t('Regrading'),
    describe: (found) => formatRegraded(found, l10n),
    isChanged: (found) => !isUnchanged(found),
    show: { label: t('Show Flips'), run: (found) => showFlips(services, dataset, found) },
    other: { label: t('Cancel') },
    applied: (done) => showApplied(done, ref, grading),
  });
}

async function showFlips({ documents, reporter }: Services, dataset: Dataset, found: Found): Promise<void> {
  const { flipsPage } = await import('./flips.ts');
  const title = t('Reading {0} and the texts of the answers', found.grading);
  // After a cancel, the question is asked again.
  const page = await unlessCancelled(
    withNotification(title, (signal) => flipsPage(dataset, found, signal, (text) => reporter.log.warn(text))),
  );
  if (page !== undefined) await documents.show(t('flips of {0}.md', found.grading), page);
}

async function showApplied(done: Found, ref: DatasetRef, own: GradingChoice): Promise<void> {
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
