import { basename } from 'node:path';
import * as vscode from 'vscode';
import { columnsOf, isWholeChat, mapTrace, recogniseTraces, valueAt } from '../../core/dataset/index.ts';
import { present } from '../../core/defined.ts';
import type { Query } from '../../core/query/query.ts';
import { TraceMapping } from '../../core/schemas/index.ts';
import { oneLine } from '../../core/text/format.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askColumns, type ColumnUse } from './column-steps.ts';
import { importTarget, previewOf, SHOWN_ROWS, showImported } from './import-file.ts';
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
];

/** Import Traces…: shows the first traces as they are read, then matches, grades and filters them. */
export async function importTraces(services: Services, argument: unknown): Promise<void> {
  const { file, ref } = await importTarget(services, argument);
  const { rows } = await previewOf(services, file);
  if (columnsOf(rows).length === 0) throw new Error(t('{0} has no rows with named columns.', basename(file)));
  const recognised = recogniseTraces(rows);
  const found = await askColumns<'import'>({
    title: t('Import Traces from {0}', basename(file)),
    rows,
    uses: USES,
    mapping: 'reason' in recognised ? undefined : recognised,
    // One chat holds problem and trace.
    sharable: (column) => rows.some((row) => isWholeChat(valueAt(row, column))),
    confirm: () => [
      {
        icon: 'check',
        label: t('Import into {0}', ref.name),
        detail: t('The traces are matched to problems, graded, filtered and stored as a round.'),
        value: 'import',
      },
    ],
    preview: (columns) => ({
      also: furtherColumns(columns, USE_KEYS),
      rows: previewTraces(rows, TraceMapping.parse(columns)),
    }),
  });
  if (!found) return;
  const mapping = TraceMapping.parse(found.mapping);
  const title = t('Importing {0}', basename(file));
  const result = await services.verbs.run('import-traces', { dataset: ref.folder, file, mapping }, { title });
  await services.datasets.refresh(ref);
  await showImported(services, file, resultText(result), result.bad, {
    title: t('Open Review Queue'),
    run: () => {
      const query: Query = [{ field: 'round', op: '=', values: [result.round] }];
      return vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query });
    },
  });
}

const USE_KEYS = USES.map(({ key }) => key);

function previewTraces(rows: readonly unknown[], mapping: TraceMapping): PickItem[] {
  return rows.slice(0, SHOWN_ROWS).flatMap((row): PickItem[] => {
    const mapped = mapTrace(row, mapping);
    if ('reason' in mapped) return [{ icon: 'warning', label: mapped.reason }];
    return mapped.traces.slice(0, 1).map(({ question, parts }) => {
      const text = parts.thought ?? parts.answer;
      const more = mapped.traces.length > 1 ? counted(mapped.traces.length, '{0} trace · ', '{0} traces · ') : '';
      const length = counted(text.length, '{0} character: ', '{0} characters: ');
      return { icon: 'blank', label: oneLine(question, 90), detail: `${more}${length}${oneLine(text, 90)}` };
    });
  });
}

function resultText({ traces, newProblems, duplicates, passed }: VerbResult<'import-traces'>): string {
  const known = counted(
    traces,
    'Imported {0} trace, {1} passed the filters.',
    'Imported {0} traces, {1} passed the filters.',
    count(passed),
  );
  const extra = present(
    newProblems > 0 && counted(newProblems, '{0} problem is new.', '{0} problems are new.'),
    duplicates > 0 && counted(duplicates, '{0} duplicate was not imported.', '{0} duplicates were not imported.'),
  );
  return [known, ...extra].join(' ');
}
