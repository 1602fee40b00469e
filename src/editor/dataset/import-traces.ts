import { basename } from 'node:path';
import * as vscode from 'vscode';
import { columnsOf, recogniseTraces } from '../../core/dataset/index.ts';
import { present } from '../../core/defined.ts';
import type { Query } from '../../core/query/query.ts';
import { TraceMapping } from '../../core/schemas/index.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { importTarget, previewOf, showImported } from './import-file.ts';
import { askTraceColumns } from './trace-columns.ts';

/** Import Traces…: shows the first traces as they are read, then matches, grades and filters them. */
export async function importTraces(services: Services, argument: unknown): Promise<void> {
  const { file, ref } = await importTarget(services, argument);
  const { rows } = await previewOf(services, file);
  if (columnsOf(rows).length === 0) throw new Error(t('{0} has no rows with named columns.', basename(file)));
  const recognised = recogniseTraces(rows);
  const found = await askTraceColumns<'import'>({
    title: t('Import Traces from {0}', basename(file)),
    rows,
    mapping: 'reason' in recognised ? undefined : recognised,
    confirm: () => [
      {
        icon: 'check',
        label: t('Import into {0}', ref.name),
        detail: t('The traces are matched to problems, graded, filtered and stored as a round.'),
        value: 'import',
      },
    ],
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
