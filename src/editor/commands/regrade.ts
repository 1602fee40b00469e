import * as vscode from 'vscode';
import { resolvePolicy } from '../../core/answers/policies.ts';
import type { GradingChoice } from '../../core/model/index.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import type { Dataset } from '../../store/index.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { runSteps, type Step } from '../steps.ts';
import { withNotification } from '../verbs.ts';
import { askPolicy } from './ask-policy.ts';
import { askRounds } from './ask-rounds.ts';
import { appliedWords, foundWords, isUnchanged } from './grading-words.ts';
import { l10n } from './speech.ts';

type Found = VerbResult<'regrade'>;

/** Regrade Dataset…: by which policy, which rounds; then what would flip, and only then, if it is wanted, the change itself. */
export async function regradeDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const { grading } = await dataset.reloadSettings();
  const sizes = new Map((await dataset.rounds()).map((round) => [round, 0]));
  if (sizes.size === 0) throw nothingToGrade();
  for (const { round } of dataset.index.chains()) sizes.set(round, (sizes.get(round) ?? 0) + 1);

  const args: VerbArgs<'regrade'> = { dataset: ref.folder };
  const askWhich: Step = async (ui) => {
    if (sizes.size === 1) return undefined;
    const question = vscode.l10n.t('Chains of which rounds, and the answers behind them? Nothing is changed yet.');
    args.rounds = await askRounds(ui, sizes, args.rounds, question);
    return undefined;
  };
  const ask: Step = async (ui) => {
    const question = vscode.l10n.t('By which policy? First you see what would flip; nothing is changed yet.');
    args.policy = await askPolicy(ui, grading, question);
    return askWhich;
  };
  if (!(await runSteps(vscode.l10n.t('Regrade Dataset'), ask))) return;
  const found = await look(services, args);
  if (found === undefined) return;
  if (await decide(services, dataset, found)) await apply(services, ref, args, grading);
}

function nothingToGrade(): ActionableError {
  return new ActionableError(vscode.l10n.t('The dataset has no rounds yet: there are no answers to grade.'), [
    commandAction(vscode.l10n.t('Generate Chains…'), 'longhand.generateChains'),
    commandAction(vscode.l10n.t('Import Traces…'), 'longhand.importTraces'),
  ]);
}

/** Grades without changing anything; undefined when it was cancelled. */
async function look(services: Services, args: VerbArgs<'regrade'>): Promise<Found | undefined> {
  try {
    return await services.verbs.run('regrade', args, { title: vscode.l10n.t('Regrading, to see what would flip') });
  } catch (error) {
    if (!isCancel(error)) throw error;
    const kept = vscode.l10n.t(
      'The regrading was cancelled and nothing is changed. Verdicts found so far are kept: started again it goes on there.',
    );
    void vscode.window.showInformationMessage(kept);
    return undefined;
  }
}

/** Says what would flip, as often as its list is looked at; whether it shall be applied. */
async function decide(services: Services, dataset: Dataset, found: Found): Promise<boolean> {
  const text = foundWords(found, l10n);
  if (isUnchanged(found)) {
    void vscode.window.showInformationMessage(text);
    return false;
  }
  const show = vscode.l10n.t('Show Flips');
  const applying = vscode.l10n.t('Apply');
  const nothing = vscode.l10n.t('Nothing');
  for (;;) {
    const answer = await vscode.window.showInformationMessage(text, show, applying, nothing);
    if (answer !== show) return answer === applying;
    await showFlips(services, dataset, found);
  }
}

async function showFlips({ documents }: Services, dataset: Dataset, found: Found): Promise<void> {
  const { flipsPage } = await import('./flips.ts');
  const title = vscode.l10n.t('Reading {0} and the texts of the answers', found.grading);
  try {
    const page = await withNotification(title, (signal) => flipsPage(dataset, found, signal));
    await documents.show(vscode.l10n.t('flips of {0}.md', found.grading), page);
  } catch (error) {
    // The question stands as before.
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
    const title = vscode.l10n.t('Regrading {0}', ref.name);
    done = await verbs.run('regrade', { ...args, apply: true }, { title });
  } catch (error) {
    if (!isCancel(error)) throw error;
    const half = vscode.l10n.t(
      'The regrading was cancelled while it was being written: some chains have their new verdicts, others the old ones. Regrade again to finish it.',
    );
    void vscode.window.showWarningMessage(half);
    return;
  } finally {
    // Trees and an open reader follow what was written, all of it or a part.
    await datasets.refresh(ref);
  }
  const text = appliedWords(done, l10n);
  const usual = resolvePolicy(own).name ?? '';
  if (done.policy === usual) {
    void vscode.window.showInformationMessage(text);
    return;
  }
  const choose = vscode.l10n.t('Choose Grading Policy…');
  const still = vscode.l10n.t('New rounds are still graded by “{0}”.', usual);
  if ((await vscode.window.showInformationMessage(`${text} ${still}`, choose)) !== choose) return;
  await vscode.commands.executeCommand('longhand.chooseGradingPolicy', { ref });
}
