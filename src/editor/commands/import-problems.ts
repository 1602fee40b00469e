import * as vscode from 'vscode';
import { columnsOf } from '../../core/importing/index.ts';
import type { ColumnMapping, HubOrigin } from '../../core/model/index.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { formatCount, formatRate } from '../format.ts';
import { originText } from '../hub-choice.ts';
import { columnSample, furtherColumns, previewRows, withColumn } from '../import-preview.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { type ImportTarget, importTarget, nameOf, previewOf, SHOWN_ROWS, tellImported } from './import-file.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

type Answer = ColumnMapping['answerFrom'];
type Change = 'import' | 'benchmark' | 'problem' | 'answer' | 'answerFrom';

/** How a file's columns are read, and whether its problems are only to be kept out of training. */
interface Confirmed {
  mapping: ColumnMapping;
  benchmark: boolean;
}

/** Import Problems…: the first rows and what the columns are taken for, then the import, as problems or as a benchmark. */
export async function importProblems(services: Services, argument: unknown): Promise<void> {
  const target = await importTarget(services, argument, { hub: true });
  const found = await previewOf(services, target.file);
  // What was shown is what is imported, though the branch may move on.
  if (found.hub !== undefined) target.file = found.hub.name;
  const confirmed = await askMapping(target, found);
  if (confirmed === undefined) return;
  const { mapping, benchmark } = confirmed;
  const { ref, file } = target;
  const args: VerbArgs<'import'> = { dataset: ref.folder, file, mapping, ...(benchmark ? { benchmark } : {}) };
  const title = vscode.l10n.t('Importing {0}', nameOf(file));
  const result = await services.verbs.run('import', args, { title });
  await services.datasets.refresh(ref);
  if (benchmark) {
    await tellImported(services, file, benchmarkText(result), result.bad, {
      title: vscode.l10n.t('Re-filter Dataset…'),
      run: () => vscode.commands.executeCommand('longhand.refilter', { ref }),
    });
    return;
  }
  await tellImported(services, file, resultText(result), result.bad, {
    title: vscode.l10n.t('Generate Chains…'),
    run: () => vscode.commands.executeCommand('longhand.generateChains', { ref }),
  });
}

/** Shows the recognised mapping over the first rows until it is confirmed. Nothing is written here. */
async function askMapping(
  { file, ref }: ImportTarget,
  { rows, mapping: recognised, reason, hub }: VerbResult<'preview'>,
): Promise<Confirmed | undefined> {
  const columns = columnsOf(rows);
  if (columns.length === 0) throw new Error(vscode.l10n.t('{0} has no rows with named columns.', nameOf(file)));
  let mapping = recognised;
  let benchmark = false;

  const preview: Step = async (ui) => {
    if (mapping === undefined) return askProblem;
    const placeholder = vscode.l10n.t('Nothing is written before you confirm.');
    const change = await ui.pick<Change>({ placeholder, choices: previewChoices(rows, mapping, ref.name, hub) });
    if (change === 'import' || change === 'benchmark') {
      benchmark = change === 'benchmark';
      return undefined;
    }
    return { problem: askProblem, answer: askAnswer, answerFrom: askAnswerFrom }[change];
  };
  const columnChoices = (): Choice<string>[] =>
    columns.map((column) => ({ label: column, description: columnSample(rows, column), value: column }));
  const askProblem: Step = async (ui) => {
    const why = reason !== undefined && mapping === undefined ? `${reason} ` : '';
    const placeholder = `${why}${vscode.l10n.t('Which column is the problem?')}`;
    const column = await ui.pick({ placeholder, choices: columnChoices(), active: mapping?.problem ?? '' });
    if (mapping === undefined) {
      mapping = { problem: column, answer: '', answerFrom: 'plain' };
      return askAnswer;
    }
    mapping = withColumn(mapping, 'problem', column);
    return preview;
  };
  const askAnswer: Step = async (ui) => {
    const placeholder = vscode.l10n.t('Which column holds the answer?');
    const column = await ui.pick({ placeholder, choices: columnChoices(), active: mapping?.answer ?? '' });
    if (mapping !== undefined) mapping = withColumn(mapping, 'answer', column);
    return askAnswerFrom;
  };
  const askAnswerFrom: Step = async (ui) => {
    const from = await ui.pick<Answer>({
      placeholder: vscode.l10n.t('How is the answer read from it?'),
      choices: (['plain', 'boxed', 'hash'] as const).map((value) => ({ label: answerFromName(value), value })),
      active: mapping?.answerFrom ?? 'plain',
    });
    if (mapping !== undefined) mapping = { ...mapping, answerFrom: from };
    return preview;
  };

  const title = vscode.l10n.t('Import {0}', nameOf(file));
  return (await runSteps(title, preview)) && mapping !== undefined ? { mapping, benchmark } : undefined;
}

function previewChoices(
  rows: readonly unknown[],
  mapping: ColumnMapping,
  dataset: string,
  hub: HubOrigin | undefined,
): (Choice<Change> | vscode.QuickPickItem)[] {
  const further = furtherColumns(mapping);
  const uses = further.map(([use, column]) => (use === column ? use : `${use} ← ${column}`)).join(', ');
  return [
    {
      label: `$(check) ${vscode.l10n.t('Import into {0}', dataset)}`,
      ...(hub === undefined ? {} : { detail: originText(hub) }),
      value: 'import',
    },
    {
      label: `$(shield) ${vscode.l10n.t('Import as a benchmark, to keep out of training')}`,
      detail: vscode.l10n.t('Chains that hold its problems are rejected, by the filter “decontaminated”'),
      value: 'benchmark',
    },
    separator(vscode.l10n.t('Columns')),
    { label: `$(edit) ${vscode.l10n.t('Problem')}`, description: mapping.problem, value: 'problem' },
    { label: `$(edit) ${vscode.l10n.t('Answer')}`, description: mapping.answer, value: 'answer' },
    {
      label: `$(edit) ${vscode.l10n.t('Answer is read')}`,
      description: answerFromName(mapping.answerFrom),
      value: 'answerFrom',
    },
    ...(further.length === 0 ? [] : [{ label: `$(blank) ${vscode.l10n.t('Also')}`, description: uses }]),
    separator(vscode.l10n.t('First rows')),
    ...previewRows(rows, mapping, SHOWN_ROWS).map((row) =>
      'reason' in row
        ? { label: `$(warning) ${row.reason}` }
        : { label: `$(blank) ${row.problem}`, detail: `$(arrow-small-right) ${row.answer}` },
    ),
  ];
}

function answerFromName(from: Answer): string {
  switch (from) {
    case 'plain':
      return vscode.l10n.t('as it stands');
    case 'boxed':
      return vscode.l10n.t('what the last \\boxed{} holds');
    case 'hash':
      return vscode.l10n.t('what follows the last ####');
  }
}

function resultText({ imported, duplicates, rows, seconds }: VerbResult<'import'>): string {
  const rate = formatRate(rows / Math.max(seconds, 0.001), vscode.env.language);
  return duplicates === 0
    ? vscode.l10n.t('Imported {0} problems ({1} rows/s).', count(imported), rate)
    : vscode.l10n.t(
        'Imported {0} problems, left out {1} duplicates ({2} rows/s).',
        count(imported),
        count(duplicates),
        rate,
      );
}

function benchmarkText({ imported, duplicates, file }: VerbResult<'import'>): string {
  const left = duplicates === 0 ? '' : vscode.l10n.t(' {0} came twice.', count(duplicates));
  return vscode.l10n.t(
    'Problems to keep out of training: {0}, in {1}.{2} New chains that hold one are rejected; filter again to find those that are there.',
    count(imported),
    file,
    left,
  );
}
