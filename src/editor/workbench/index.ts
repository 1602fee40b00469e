import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { WorkbenchPanel } from './panel.ts';

/** Open Prompt Workbench: of a dataset or of a prompt file in one, on its first problem or the one that the argument names. */
export async function openWorkbench(services: Services, argument: unknown): Promise<void> {
  await services.datasets.ready();
  // From a prompt file, the dataset that it lies in.
  const around = argument instanceof vscode.Uri ? services.datasets.containing(argument) : undefined;
  const ref = around ?? (await services.datasets.resolve(argument));
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  await WorkbenchPanel.show(services, ref, dataset, problemOf(argument));
}

function problemOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('problem' in argument)) return undefined;
  return typeof argument.problem === 'string' ? argument.problem : undefined;
}
