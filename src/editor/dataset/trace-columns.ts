import { isWholeChat, mapTrace, valueAt } from '../../core/dataset/index.ts';
import { FileMapping } from '../../core/schemas/index.ts';
import { oneLine } from '../../core/text/format.ts';
import { counted, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askColumns, type ColumnUse, type ColumnWizard } from './column-steps.ts';
import { SHOWN_ROWS } from './import-file.ts';
import { furtherColumns } from './import-preview.ts';

const USES: readonly ColumnUse[] = [
  {
    key: 'problem',
    label: t('Problem'),
    question: t('Which column holds the problem, or a chat with problem and trace?'),
  },
  {
    key: 'trace',
    label: t('Trace'),
    question: t('Which column holds the trace, or a list of traces?'),
  },
  {
    key: 'reasoning',
    label: t('Reasoning'),
    question: t('Which column holds reasoning that is not in the trace?'),
    optional: true,
  },
  {
    key: 'answer',
    label: t('Answer'),
    question: t('Which column holds the gold answer?'),
    optional: true,
  },
  {
    key: 'input',
    label: t('Input'),
    question: t('Which column holds text that follows the problem?'),
    optional: true,
  },
  { key: 'model', label: t('Model'), question: t('Which column holds the model?'), optional: true },
  {
    key: 'finish',
    label: t('Finish reason'),
    question: t('Which column holds the reason why the model stopped?'),
    optional: true,
  },
];

/**
 * Shows the columns of traces over the first rows until they are confirmed. See askColumns.
 * @param wizard `problemIsOptional`: the traces are read where they are, and may have no problem.
 */
export async function askTraceColumns<Confirm extends string>({
  problemIsOptional = false,
  ...wizard
}: Pick<ColumnWizard<Confirm>, 'title' | 'rows' | 'mapping' | 'confirm'> & { problemIsOptional?: boolean }): Promise<
  { mapping: FileMapping; confirmed: Confirm } | undefined
> {
  const { rows } = wizard;
  const found = await askColumns<Confirm>({
    ...wizard,
    uses: problemIsOptional ? USES.map((use) => ({ ...use, optional: use.key !== 'trace' })) : USES,
    // One chat holds problem and trace.
    sharable: (column) => rows.some((row) => isWholeChat(valueAt(row, column))),
    preview: (columns) => ({
      also: furtherColumns(columns, USE_KEYS),
      rows: previewTraces(rows, FileMapping.parse(columns)),
    }),
  });
  return found && { mapping: FileMapping.parse(found.mapping), confirmed: found.confirmed };
}

const USE_KEYS = USES.map(({ key }) => key);

function previewTraces(rows: readonly unknown[], mapping: FileMapping): PickItem[] {
  return rows.slice(0, SHOWN_ROWS).flatMap((row): PickItem[] => {
    const mapped = mapTrace(row, mapping);
    if ('reason' in mapped) return [{ icon: 'warning', label: mapped.reason }];
    return mapped.traces.slice(0, 1).map(({ question, parts }) => {
      const text = parts.thought ?? parts.answer;
      const more = mapped.traces.length > 1 ? counted(mapped.traces.length, '{0} trace · ', '{0} traces · ') : '';
      const length = counted(text.length, '{0} character: ', '{0} characters: ');
      return {
        icon: 'blank',
        label: oneLine(question === '' ? text : question, 90),
        detail: `${more}${length}${oneLine(text, 90)}`,
      };
    });
  });
}
