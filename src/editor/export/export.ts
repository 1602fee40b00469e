import { join } from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { isSelected, type Selection } from '../../core/export/select.ts';
import { sourceOf } from '../../core/export/sources.ts';
import { countWarnings, formatWarnings, type WarningCounts } from '../../core/export/warnings.ts';
import type { MergeSource, SourceMarkers } from '../../core/sampling/index.ts';
import type { ChainEntry } from '../../store/index.ts';
import type { ExportSource } from '../../verbs/export/verbs.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { chainsOf } from '../dataset/ask-scope.ts';
import { damageNotice } from '../dataset/repair.ts';
import { ActionableError, commandAction, noChains } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { type Choice, runSteps, type Step, type StepUi } from '../ui/steps.ts';

/** Number of chains in a selection, and warnings about them. */
interface SelectionSummary {
  chains: number;
  warnings: WarningCounts;
}

async function askName(ui: StepUi, args: VerbArgs<'export'>): Promise<undefined> {
  const name = await ui.input({
    prompt: t('Name of the export. Leave it empty for a numbered name.'),
    placeholder: args.select,
    validate: (value) =>
      /[/\\]/.test(value) ? t('The name becomes a folder name and can’t contain slashes.') : undefined,
  });
  if (name.trim() !== '') args.name = name.trim();
}

/** Export Training Set…: asks for kind, chains, rounds and name, then exports. An argument with `chains` limits it to them. */
export async function exportTrainingSet(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  const { index } = dataset;
  const named = chainsOf(argument);
  const inScope = index.chains().filter(({ id }) => named?.has(id) ?? true);
  let chains: readonly ChainEntry[] = inScope;
  const chosenOf = (select: Selection) =>
    chains.filter((chain) => isSelected(chain, index.decision(chain.id), index.override(chain.id), select));
  const summaryOf = (chosen: readonly ChainEntry[]): SelectionSummary => ({
    chains: chosen.length,
    warnings: countWarnings(chosen.map((chain) => ({ ...chain, override: index.override(chain.id) }))),
  });
  if (chosenOf('accepted').length + chosenOf('passed').length === 0) throw nothingToExport(chains.length);
  const kinds = { dialogue: 0, sampling: 0 };
  for (const { origin } of inScope) kinds[sourceOf(origin)]++;
  const args: VerbArgs<'export'> = {
    ...{ dataset: ref.folder, select: 'accepted' },
    ...defined({ chains: named && [...named] }),
  };

  const askRounds: Step = async (ui) => {
    const sizes = new Map<string, number>();
    for (const { round } of chosenOf(args.select)) sizes.set(round, (sizes.get(round) ?? 0) + 1);
    if (sizes.size > 1) {
      const choices = [...sizes].map(([value, size]) => ({
        label: value,
        description: count(size),
        value,
        picked: true,
      }));
      const chosen = await ui.pickMany({ placeholder: t('From which rounds?'), choices });
      if (chosen.length === 0) throw new Error(t('Nothing to export: no round is selected. Select at least one.'));
      if (chosen.length < sizes.size) args.rounds = chosen;
    }
    return (next) => askName(next, args);
  };
  const askSelection: Step = async (ui) => {
    const sizes = { accepted: summaryOf(chosenOf('accepted')), passed: summaryOf(chosenOf('passed')) };
    if (sizes.accepted.chains + sizes.passed.chains === 0) throw nothingToExport(chains.length);
    args.select = await ui.pick<Selection>({
      placeholder: t('Which chains become training data?'),
      choices: selectionChoices(sizes),
      // Enter must not select unreviewed chains if there are accepted ones.
      active: sizes.accepted.chains > 0 ? 'accepted' : 'passed',
    });
    return askRounds;
  };

  const askSource: Step = async (ui) => {
    const source = await ui.pick<ExportSource>({
      placeholder: t('What do you want to export? Problems end with “sampling.markers” of longhand.json.'),
      choices: sourceChoices(kinds, dataset.settings.sampling.markers),
    });
    args.source = source;
    chains = inScope.filter(({ origin }) => source === 'all' || source === 'merged' || sourceOf(origin) === source);
    return askSelection;
  };

  const title = t('Export Training Set');
  const first = kinds.dialogue > 0 && kinds.sampling > 0 ? askSource : askSelection;
  if (first === askSource) await dataset.reloadSettings();
  if (!(await runSteps(title, first))) return;
  const result = await services.verbs.run('export', args, { title });
  await services.datasets.refresh(ref);
  await showExported(result, damageNotice(ref, result));
}

/** Only selections with chains; with a hint if no chain is accepted yet. */
function selectionChoices({ accepted, passed }: Record<Selection, SelectionSummary>): Choice<Selection>[] {
  const detail = t(
    'Passed the filters and the quota, or overridden as correct by a reviewer. Rejected by no reviewer.',
  );
  const unread = t('No reviewer has accepted any chain yet.');
  const read: Choice<Selection> = {
    label: t('Accepted chains'),
    description: count(accepted.chains),
    detail: withWarnings(t('Accepted by a reviewer, rejected by no reviewer'), accepted.warnings),
    value: 'accepted',
  };
  const filtered: Choice<Selection> = {
    label: t('Chains that passed the filters'),
    description: count(passed.chains),
    detail: withWarnings(accepted.chains > 0 ? detail : `${unread} ${detail}`, passed.warnings),
    value: 'passed',
  };
  return [...(accepted.chains > 0 ? [read] : []), ...(passed.chains > 0 ? [filtered] : [])];
}

function withWarnings(detail: string, warnings: WarningCounts): string {
  const phrases = formatWarnings(warnings, l10n);
  return phrases.length === 0 ? detail : `${t('Warning: {0}', phrases.join(' · '))} · ${detail}`;
}

function nothingToExport(chains: number): ActionableError {
  if (chains === 0) return noChains(t('Nothing to export: the dataset has no chains yet.'));
  return new ActionableError(t('Nothing to export: no chain is accepted, and no chain passed the filters.'), [
    commandAction(t('Open Review Queue'), 'longhand.openReviewQueue'),
    commandAction(t('Generate Chains…'), 'longhand.generateChains'),
  ]);
}

function sourceChoices(
  { dialogue, sampling }: Readonly<Record<MergeSource, number>>,
  markers: SourceMarkers,
): Choice<ExportSource>[] {
  const marked = (source: MergeSource): string => `“${markers[source]}”`;
  return [
    {
      label: t('Merged set'),
      description: count(dialogue + sampling),
      detail: t('Both kinds, each problem with the marker of its kind, without duplicate texts'),
      value: 'merged',
    },
    {
      label: t('Chains'),
      description: count(dialogue),
      detail: marked('dialogue'),
      value: 'dialogue',
    },
    {
      label: t('Sampled responses'),
      description: count(sampling),
      detail: marked('sampling'),
      value: 'sampling',
    },
    {
      label: t('All, unchanged'),
      description: count(dialogue + sampling),
      detail: t('Both kinds, without markers'),
      value: 'all',
    },
  ];
}

async function showExported(result: VerbResult<'export'>, damage: ReturnType<typeof damageNotice>): Promise<void> {
  const card = t('Open Card');
  const reveal = t('Show Folder');
  const text = t(
    'Exported {0}: {1} to train on, {2} as context.',
    counted(result.chains, '{0} chain', '{0} chains'),
    counted(result.trained, '{0} character', '{0} characters'),
    count(result.masked),
  );
  const phrases = formatWarnings(result.warnings, l10n);
  const warning = phrases.length === 0 ? [] : [t('Of these, {0}.', phrases.join(', '))];
  const sentences = [text, ...warning, ...formatFilteredOut(result), ...(damage ? [damage.text] : [])].join(' ');
  const actions = [...(damage ? [damage.action.title] : []), card, reveal];
  const show = phrases.length === 0 && !damage ? showInformationMessage : showWarningMessage;
  const answer = await show(sentences, ...actions);
  if (damage && answer === damage.action.title) await damage.action.run();
  const folder = vscode.Uri.file(result.folder);
  if (answer === card) {
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(result.folder, 'README.md')));
  } else if (answer === reveal) {
    await vscode.commands.executeCommand('revealInExplorer', folder);
  }
}

function formatFilteredOut({ left = {} }: VerbResult<'export'>): string[] {
  const reasons = Object.entries(left).map(([reason, number]) => `${reason} ${count(number)}`);
  if (reasons.length === 0) return [];
  return [t('Filtered out: {0}. They are listed in left-out.jsonl.', reasons.join(', '))];
}
