import { join } from 'node:path';
import * as vscode from 'vscode';
import { isSelected, type Selection } from '../../core/export/select.ts';
import { sourceOf } from '../../core/export/sources.ts';
import type { MergeSource, SourceMarkers } from '../../core/sampling/index.ts';
import type { ExportSource } from '../../protocol/export.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { formatCount } from '../format.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step } from '../steps.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

/** Export Training Set…: which of the two kinds where there are both, which chains of them, from which rounds, under which name. */
export async function exportTrainingSet(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const { index } = dataset;
  let chains = index.chains();
  const chosenOf = (select: Selection) =>
    chains.filter((chain) => isSelected(chain, index.decision(chain.id), index.override(chain.id), select));
  if (chosenOf('accepted').length + chosenOf('passed').length === 0) throw nothingToExport(chains.length);
  const kinds = { dialogue: 0, sampling: 0 };
  for (const { origin } of chains) kinds[sourceOf(origin)]++;
  const args: VerbArgs<'export'> = { dataset: ref.folder, select: 'accepted' };

  const askName: Step = async (ui) => {
    const name = await ui.input({
      prompt: vscode.l10n.t('Name of the export, or nothing for a name with a number'),
      placeholder: args.select,
      validate: (value) => (/[/\\]/.test(value) ? vscode.l10n.t('The name becomes a folder: no slashes.') : undefined),
    });
    if (name.trim() !== '') args.name = name.trim();
    return undefined;
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
      const chosen = await ui.pickMany({ placeholder: vscode.l10n.t('From which rounds?'), choices });
      if (chosen.length === 0) throw new Error(vscode.l10n.t('Without a round there is nothing to export.'));
      if (chosen.length < sizes.size) args.rounds = chosen;
    }
    return askName;
  };
  const askSelection: Step = async (ui) => {
    const accepted = chosenOf('accepted').length;
    const passed = chosenOf('passed').length;
    if (accepted + passed === 0) throw nothingToExport(chains.length);
    args.select = await ui.pick<Selection>({
      placeholder: vscode.l10n.t('Which chains become training data?'),
      choices: selectionChoices(accepted, passed),
      // Never what nobody has read, by a mere Enter, where there is something else.
      active: accepted > 0 ? 'accepted' : 'passed',
    });
    return askRounds;
  };

  const askSource: Step = async (ui) => {
    const source = await ui.pick<ExportSource>({
      placeholder: vscode.l10n.t('What is exported? Problems end with “sampling.markers” of longhand.json.'),
      choices: sourceChoices(kinds, dataset.settings.sampling.markers),
    });
    args.source = source;
    chains = index
      .chains()
      .filter(({ origin }) => source === 'all' || source === 'merged' || sourceOf(origin) === source);
    return askSelection;
  };

  const title = vscode.l10n.t('Export Training Set');
  const first = kinds.dialogue > 0 && kinds.sampling > 0 ? askSource : askSelection;
  if (first === askSource) await dataset.reloadSettings();
  if (!(await runSteps(title, first))) return;
  const result = await services.verbs.run('export', args, { title });
  await services.datasets.refresh(ref);
  await tell(result);
}

/** Only what there is; where nobody has accepted a chain, that is said. */
function selectionChoices(accepted: number, passed: number): Choice<Selection>[] {
  const detail = vscode.l10n.t(
    'Passed the filters and the quota, or overruled to correct by a reviewer; rejected by none',
  );
  const unread = vscode.l10n.t('No reviewer has accepted any chain yet.');
  const read: Choice<Selection> = {
    label: vscode.l10n.t('Accepted chains'),
    description: count(accepted),
    detail: vscode.l10n.t('Accepted by a reviewer and rejected by none'),
    value: 'accepted',
  };
  const filtered: Choice<Selection> = {
    label: vscode.l10n.t('Chains that passed the filters'),
    description: count(passed),
    detail: accepted > 0 ? detail : `${unread} ${detail}`,
    value: 'passed',
  };
  return [...(accepted > 0 ? [read] : []), ...(passed > 0 ? [filtered] : [])];
}

function nothingToExport(chains: number): ActionableError {
  const generate = commandAction(vscode.l10n.t('Generate Chains…'), 'longhand.generateChains');
  if (chains === 0) {
    return new ActionableError(vscode.l10n.t('The dataset has no chains yet: there is nothing to export.'), [
      generate,
      commandAction(vscode.l10n.t('Import Traces…'), 'longhand.importTraces'),
    ]);
  }
  return new ActionableError(
    vscode.l10n.t('There is nothing to export: no chain is accepted, and none of the others passed the filters.'),
    [commandAction(vscode.l10n.t('Open Review Queue'), 'longhand.openReviewQueue'), generate],
  );
}

function sourceChoices(
  { dialogue, sampling }: Readonly<Record<MergeSource, number>>,
  markers: SourceMarkers,
): Choice<ExportSource>[] {
  const marked = (source: MergeSource): string => `“${markers[source]}”`;
  return [
    {
      label: vscode.l10n.t('Merged set'),
      description: count(dialogue + sampling),
      detail: vscode.l10n.t('Both, each problem with the sentence of its kind; no text twice for a problem'),
      value: 'merged',
    },
    {
      label: vscode.l10n.t('Chains'),
      description: count(dialogue),
      detail: marked('dialogue'),
      value: 'dialogue',
    },
    {
      label: vscode.l10n.t('Sampled responses'),
      description: count(sampling),
      detail: marked('sampling'),
      value: 'sampling',
    },
    {
      label: vscode.l10n.t('All as they are'),
      description: count(dialogue + sampling),
      detail: vscode.l10n.t('Both, without any sentence'),
      value: 'all',
    },
  ];
}

async function tell(result: VerbResult<'export'>): Promise<void> {
  const card = vscode.l10n.t('Open Card');
  const reveal = vscode.l10n.t('Show Folder');
  const text = vscode.l10n.t(
    'Exported {0}: {1} characters to train on, {2} as context.',
    result.chains === 1 ? vscode.l10n.t('1 chain') : vscode.l10n.t('{0} chains', count(result.chains)),
    count(result.trained),
    count(result.masked),
  );
  const answer = await vscode.window.showInformationMessage([text, ...leftOut(result)].join(' '), card, reveal);
  const folder = vscode.Uri.file(result.folder);
  if (answer === card) {
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(result.folder, 'README.md')));
  } else if (answer === reveal) {
    await vscode.commands.executeCommand('revealInExplorer', folder);
  }
}

function leftOut({ left = {} }: VerbResult<'export'>): string[] {
  const reasons = Object.entries(left);
  if (reasons.length === 0) return [];
  const words = reasons.map(([reason, number]) => `${reason} ${count(number)}`).join(', ');
  return [vscode.l10n.t('Left out: {0}; left-out.jsonl lists them.', words)];
}
