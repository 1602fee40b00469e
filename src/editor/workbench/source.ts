import { join } from 'node:path';
import * as vscode from 'vscode';
import { effectivePrompts, piecesOf } from '../../core/dialogue/index.ts';
import { type ModelRole, modelOf, Problem } from '../../core/model/index.ts';
import { readLines } from '../../store/files.ts';
import type { Dataset } from '../../store/index.ts';
import { prepareModel } from '../commands/rounds.ts';
import type { DatasetRef } from '../find-datasets.ts';
import type { Services } from '../services.ts';
import type { WorkbenchNow, WorkbenchSource } from './session.ts';

/** A dataset as the workbench needs it; `try` runs in a process of its own, as every verb. */
export function datasetSource(services: Services, ref: DatasetRef, dataset: Dataset): WorkbenchSource {
  const { verbs } = services;
  return {
    dataset: ref.name,
    problemIds: () => dataset.index.problems().map(({ id }) => id),
    problem: (id) => dataset.problem(id),
    now: () => now(dataset),
    trusted: () => vscode.workspace.isTrusted,
    run: async (request, signal, tell) => {
      const model = modelOf(await dataset.reloadSettings(), request.role);
      const access = await prepareModel(services, model);
      signal.throwIfAborted();
      return verbs.run(
        'try',
        { dataset: ref.folder, ...request },
        { signal, access, onProgress: ({ tried }) => tried && tell(tried) },
      );
    },
  };
}

async function now(dataset: Dataset): Promise<WorkbenchNow> {
  const settings = await dataset.reloadSettings().catch(() => dataset.settings);
  const { turns, mode, behavioursOff } = settings.dialogue;
  const files = await dataset.prompts(settings.promptSet).catch(() => ({}));
  const prompts = effectivePrompts(files, behavioursOff);
  const roles: ModelRole[] = ['base', 'fine-tuned'];
  const models = roles.flatMap((role) => {
    const model = modelOf(settings, role);
    return model ? [[role, model.model] as const] : [];
  });
  return { pieces: piecesOf(turns), promptSet: settings.promptSet, mode, prompts, models: Object.fromEntries(models) };
}

interface ProblemItem extends vscode.QuickPickItem {
  id: string;
}

/** As much of a problem's text as a row of the pick shows. */
const SHOWN = 200;

/** Asks which problem; its id, its text, level and topic are searched. Undefined when none was picked. */
export async function pickProblem(dataset: Dataset, active: string | undefined): Promise<string | undefined> {
  const box = vscode.window.createQuickPick<ProblemItem>();
  box.title = vscode.l10n.t('Prompt Workbench');
  box.placeholder = vscode.l10n.t('Which problem? Type words of it, its id, level or topic');
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.busy = true;
  box.show();
  try {
    const picked = new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => resolve(box.selectedItems[0]?.id));
      box.onDidHide(() => resolve(undefined));
    });
    const items = await problemItems(dataset);
    box.items = items;
    box.activeItems = items.filter(({ id }) => id === active);
    box.busy = false;
    return await picked;
  } finally {
    box.dispose();
  }
}

/** One pass over the files: reading problem after problem would open a file for each. */
async function problemItems(dataset: Dataset): Promise<ProblemItem[]> {
  const rows = dataset.index.problems();
  const texts = new Map<string, string>();
  for (const file of new Set(rows.map((row) => row.file))) {
    for await (const line of readLines(join(dataset.folder, file))) {
      const problem = 'error' in line ? undefined : Problem.safeParse(line.value).data;
      if (problem) texts.set(problem.id, problem.problem.slice(0, SHOWN).replace(/\s+/g, ' '));
    }
  }
  return rows.map(({ id, level, topic }) => ({
    id,
    label: id,
    description: [level, topic].filter((part) => part !== undefined).join(' · '),
    detail: texts.get(id) ?? '',
  }));
}
