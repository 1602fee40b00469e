import { join } from 'node:path';
import * as vscode from 'vscode';
import { isSelected } from '../../core/export/select.ts';
import { sourceOf } from '../../core/export/sources.ts';
import type { MergeSource, SourceMarkers } from '../../core/sampling/index.ts';
import type { ExportSource } from '../../protocol/export.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { formatCount } from '../format.ts';
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
    for (const { round } of chains) sizes.set(round, (sizes.get(round) ?? 0) + 1);
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
    const accepted = chains.filter(({ id }) => index.decision(id) === 'accepted').length;
    const passed = chains.filter((chain) =>
      isSelected(chain, index.decision(chain.id), index.override(chain.id), 'passed'),
    );
    args.select = await ui.pick<'accepted' | 'passed'>({
      placeholder: vscode.l10n.t('Which chains become training data?'),
      choices: [
        {
          label: vscode.l10n.t('Accepted chains'),
          description: count(accepted),
          detail: vscode.l10n.t('Accepted by a reviewer and rejected by none'),
          value: 'accepted',
        },
        {
          label: vscode.l10n.t('Chains that passed the filters'),
          description: count(passed.length),
          detail: vscode.l10n.t(
            'Passed the filters and the quota, or overruled to correct by a reviewer; rejected by none',
          ),
          value: 'passed',
        },
      ],
      // Never what nobody has read, by a mere Enter.
      active: 'accepted',
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
