import * as vscode from 'vscode';
import { columnsOf } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { ColumnMapping, type HubOrigin } from '../../core/schemas/index.ts';
import { formatRate } from '../../core/text/format.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import type { Choice } from '../ui/steps.ts';
import { askColumns, type ColumnUse } from './column-steps.ts';
import { originText } from './hub-choice.ts';
import { type ImportTarget, importTarget, nameOf, previewOf, SHOWN_ROWS, showImported } from './import-file.ts';
import { furtherColumns, previewRows } from './import-preview.ts';

/** The mapping of the columns, and whether the problems are a benchmark to keep out of training. */
interface Confirmed {
  mapping: ColumnMapping;
  benchmark: boolean;
}

/** Import Problems…: shows the first rows and the uses of the columns, then imports problems or a benchmark. */
export async function importProblems(services: Services, argument: unknown): Promise<void> {
  const target = await importTarget(services, argument, { hub: true });
  const found = await previewOf(services, target.file);
  // The commit that was shown is imported, even if the branch changes.
  if (found.hub !== undefined) target.file = found.hub.name;
  const confirmed = await askMapping(target, found);
  if (confirmed === undefined) return;
  const { mapping, benchmark } = confirmed;
  const { ref, file } = target;
  const args: VerbArgs<'import'> = { dataset: ref.folder, file, mapping, benchmark };
  const title = t('Importing {0}', nameOf(file));
  const result = await services.verbs.run('import', args, { title });
  await services.datasets.refresh(ref);
  if (benchmark) {
    await showImported(services, file, benchmarkText(result), result.bad, {
      title: t('Refilter Chains…'),
      run: async () => (await import('../review/refilter.ts')).refilterDataset(services, { ref }),
    });
    return;
  }
  await showImported(services, file, resultText(result), result.bad, {
    title: t('Generate Chains…'),
    run: () => vscode.commands.executeCommand('longhand.generateChains', { ref }),
  });
}

const USES: readonly ColumnUse[] = [
  {
    key: 'problem',
    label: t('Problem'),
    question: t('Which column holds the problem?'),
  },
  { key: 'answer', label: t('Answer'), question: t('Which column holds the answer?') },
];

/** Shows the recognised mapping over the first rows until it is confirmed. */
async function askMapping(
  { file, ref }: ImportTarget,
  { rows, mapping: recognised, hub }: VerbResult<'preview'>,
): Promise<Confirmed | undefined> {
  if (columnsOf(rows).length === 0) throw new Error(t('{0} has no rows with named columns.', nameOf(file)));
  const found = await askColumns<'import' | 'benchmark'>({
    title: t('Import {0}', nameOf(file)),
    rows,
    uses: USES,
    mapping: recognised,
    confirm: () => confirmChoices(ref.name, hub),
    preview: (columns) => ({
      also: furtherColumns(columns, ['problem', 'answer']),
      rows: previewRows(rows, ColumnMapping.parse(columns), SHOWN_ROWS).map((row) =>
        'reason' in row
          ? { icon: 'warning', label: row.reason }
          : { icon: 'blank', label: row.problem, detail: `→ ${row.answer}` },
      ),
    }),
  });
  return found && { mapping: ColumnMapping.parse(found.mapping), benchmark: found.confirmed === 'benchmark' };
}

function confirmChoices(dataset: string, hub: HubOrigin | undefined): Choice<'import' | 'benchmark'>[] {
  return [
    {
      icon: 'check',
      label: t('Import into {0}', dataset),
      ...defined({ detail: hub && originText(hub) }),
      value: 'import',
    },
    {
      icon: 'shield',
      label: t('Import as a benchmark, to keep out of training'),
      detail: t('The filter “decontaminated” filters out chains that contain its problems'),
      value: 'benchmark',
    },
  ];
}

function resultText({ imported, duplicates, rows, seconds }: VerbResult<'import'>): string {
  const rate = formatRate(rows / Math.max(seconds, 0.001), vscode.env.language);
  const problems = counted(imported, '{0} problem', '{0} problems');
  return duplicates === 0
    ? t('Imported {0} ({1} rows/s).', problems, rate)
    : t(
        'Imported {0}, skipped {1} ({2} rows/s).',
        problems,
        counted(duplicates, '{0} duplicate', '{0} duplicates'),
        rate,
      );
}

function benchmarkText({ imported, duplicates, file }: VerbResult<'import'>): string {
  const left = duplicates === 0 ? '' : t(' Duplicates skipped: {0}.', count(duplicates));
  return t(
    'Problems to keep out of training: {0}, in {1}.{2} New chains that contain one are filtered out. To check the existing chains, refilter them.',
    count(imported),
    file,
    left,
  );
}
