import { basename } from 'node:path';
import * as vscode from 'vscode';
import { columnsOf, isHubName, recogniseTraces } from '../../core/dataset/index.ts';
import { defined, present } from '../../core/defined.ts';
import type { Query } from '../../core/query/query.ts';
import { TraceMapping } from '../../core/schemas/index.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { askExported } from './exported-folder.ts';
import type { DatasetRef } from './find-datasets.ts';
import { importTarget, previewOf, showImported } from './import-file.ts';
import { askTraceColumns } from './trace-columns.ts';

/** Import Traces…: shows the first traces as they are read, then matches, grades and filters them. A file of an export can bring all of it. */
export async function importTraces(services: Services, argument: unknown): Promise<void> {
  const { file, ref } = await importTarget(services, argument);
  const folder = isHubName(file) ? undefined : await askExported(file);
  if (folder !== undefined) return importFrom(services, ref, folder);
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
  if (found) await importFrom(services, ref, file, TraceMapping.parse(found.mapping));
}

/** @param file Also the folder of an export, which needs no mapping. */
async function importFrom(services: Services, ref: DatasetRef, file: string, mapping?: TraceMapping): Promise<void> {
  const args = { dataset: ref.folder, file, ...defined({ mapping }) };
  const result = await services.verbs.run('import-traces', args, { title: t('Importing {0}', basename(file)) });
  await services.datasets.refresh(ref);
  await showImported(services, file, resultText(result), result.bad, {
    title: t('Open Review Queue'),
    run: () => {
      const query: Query = [
        { field: 'round', op: '=', values: result.rounds.length > 0 ? result.rounds : [result.round] },
      ];
      return vscode.commands.executeCommand('longhand.openReviewQueue', { ref, query });
    },
  });
}

function resultText({ traces, newProblems, duplicates, passed, reviews = 0 }: VerbResult<'import-traces'>): string {
  const known = counted(
    traces,
    'Imported {0} trace, {1} passed the filters.',
    'Imported {0} traces, {1} passed the filters.',
    count(passed),
  );
  const extra = present(
    newProblems > 0 && counted(newProblems, '{0} problem is new.', '{0} problems are new.'),
    duplicates > 0 && counted(duplicates, '{0} duplicate was not imported.', '{0} duplicates were not imported.'),
    reviews > 0 && counted(reviews, '{0} review act was taken along.', '{0} review acts were taken along.'),
  );
  return [known, ...extra].join(' ');
}
