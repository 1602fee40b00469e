import { basename } from 'node:path';
import * as vscode from 'vscode';
import { mapTrace, recogniseTraces } from '../../core/importing/index.ts';
import type { VerbResult } from '../../protocol/verbs.ts';
import { formatCount, oneLine } from '../format.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { importTarget, previewOf, SHOWN_ROWS, tellImported } from './import-file.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);

/** Import Traces…: the first traces as they are understood, then the import, which matches, grades and filters them. */
export async function importTraces(services: Services, argument: unknown): Promise<void> {
  const { file, ref } = await importTarget(services, argument);
  const choices = previewChoices(await previewOf(services, file), ref.name);
  const confirm: Step = async (ui) => {
    await ui.pick({ placeholder: vscode.l10n.t('Nothing is written before you confirm.'), choices });
    return undefined;
  };
  if (!(await runSteps(vscode.l10n.t('Import Traces from {0}', basename(file)), confirm))) return;
  const title = vscode.l10n.t('Importing {0}', basename(file));
  const result = await services.verbs.run('import-traces', { dataset: ref.folder, file }, { title });
  await services.datasets.refresh(ref);
  await tellImported(services, file, resultText(result), result.bad, {
    title: vscode.l10n.t('Open Review Queue'),
    run: () => {
      const facet = { facet: 'round', value: result.round };
      return vscode.commands.executeCommand('longhand.openReviewQueue', { ref, facet });
    },
  });
}

function previewChoices({ rows }: VerbResult<'preview'>, dataset: string): (Choice<true> | vscode.QuickPickItem)[] {
  const shape = recogniseTraces(rows);
  if ('reason' in shape) throw new Error(shape.reason);
  const columns =
    shape.question === shape.replies
      ? vscode.l10n.t('chats in {0}', shape.question)
      : vscode.l10n.t('problem ← {0}, trace ← {1}', shape.question, shape.replies);
  const gold = shape.gold === undefined ? '' : vscode.l10n.t(', answer ← {0}', shape.gold.column);
  const traces = rows.slice(0, SHOWN_ROWS).flatMap((row): vscode.QuickPickItem[] => {
    const mapped = mapTrace(row, shape);
    if ('reason' in mapped) return [{ label: `$(warning) ${mapped.reason}` }];
    return mapped.traces.slice(0, 1).map(({ question, parts }) => {
      const text = parts.thought ?? parts.answer;
      const more = mapped.traces.length > 1 ? vscode.l10n.t('{0} traces · ', mapped.traces.length) : '';
      const length = vscode.l10n.t('{0} characters: ', count(text.length));
      return { label: `$(blank) ${oneLine(question, 90)}`, detail: `${more}${length}${oneLine(text, 90)}` };
    });
  });
  return [
    {
      label: `$(check) ${vscode.l10n.t('Import into {0}', dataset)}`,
      description: `${columns}${gold}`,
      detail: vscode.l10n.t('They are matched to problems, graded and filtered, and become a round to review.'),
      value: true,
    },
    separator(vscode.l10n.t('First rows')),
    ...traces,
  ];
}

function resultText({ traces, newProblems, duplicates, passed }: VerbResult<'import-traces'>): string {
  const known = vscode.l10n.t('Imported {0} traces, {1} passed the filters.', count(traces), count(passed));
  const extra = [
    ...(newProblems > 0 ? [vscode.l10n.t('{0} problems are new.', count(newProblems))] : []),
    ...(duplicates > 0 ? [vscode.l10n.t('{0} duplicates were left out.', count(duplicates))] : []),
  ];
  return [known, ...extra].join(' ');
}
