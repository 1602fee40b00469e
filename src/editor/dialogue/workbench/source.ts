import { join } from 'node:path';
import * as vscode from 'vscode';
import { effectivePrompts, piecesOf } from '../../../core/dialogue/index.ts';
import { type ModelRole, modelOf, Problem } from '../../../core/schemas/index.ts';
import type { Dataset } from '../../../store/index.ts';
import { readLines } from '../../../store/lines/files.ts';
import { skippedLines } from '../../../store/lines/skipped.ts';
import type { DatasetRef } from '../../dataset/find-datasets.ts';
import { prepareModel } from '../../dataset/round-commands.ts';
import type { Services } from '../../services.ts';
import { t } from '../../ui/format.ts';
import { createQuickPick, type PickItem } from '../../ui/quick-input.ts';
import type { WorkbenchNow, WorkbenchSource } from './session.ts';

/** A dataset as the source of a workbench session. */
export function datasetSource(services: Services, ref: DatasetRef, dataset: Dataset): WorkbenchSource {
  const { verbs } = services;
  return {
    dataset: ref.name,
    problemIds: () => dataset.index.problems().map(({ id }) => id),
    problem: (id) => dataset.problem(id),
    now: () => now(dataset),
    trusted: () => vscode.workspace.isTrusted,
    run: async (request, signal, onEvent) => {
      const model = modelOf(await dataset.reloadSettings(), request.role);
      const access = await prepareModel(services, model);
      signal.throwIfAborted();
      return verbs.run(
        'try',
        { dataset: ref.folder, ...request },
        { signal, access, onProgress: ({ tried }) => tried && onEvent(tried) },
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

interface ProblemItem extends PickItem {
  id: string;
}

/** Characters of a problem's text in the list. */
const SHOWN = 200;

/** Asks for a problem, searchable by id, text, level and topic. Undefined if none is picked. */
export async function pickProblem(
  dataset: Dataset,
  active: string | undefined,
  log: (text: string) => void,
): Promise<string | undefined> {
  const box = createQuickPick<ProblemItem>();
  box.title = t('Prompt Workbench');
  box.placeholder = t('Which problem? Type words, an id, a level or a topic');
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.busy = true;
  box.show();
  try {
    const picked = new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => resolve(box.selectedItems[0]?.id));
      box.onDidHide(() => resolve(undefined));
    });
    const items = await problemItems(dataset, log);
    box.items = items;
    box.activeItems = items.filter(({ id }) => id === active);
    box.busy = false;
    return await picked;
  } finally {
    box.dispose();
  }
}

/** Reads the files in one pass. */
async function problemItems(dataset: Dataset, log: (text: string) => void): Promise<ProblemItem[]> {
  const rows = dataset.index.problems();
  const texts = new Map<string, string>();
  for (const file of new Set(rows.map((row) => row.file))) {
    const bad: number[] = [];
    for await (const line of readLines(join(dataset.folder, file))) {
      const problem = 'error' in line ? undefined : Problem.safeParse(line.value).data;
      if (!problem) bad.push(line.line);
      else texts.set(problem.id, problem.problem.slice(0, SHOWN).replace(/\s+/g, ' '));
    }
    if (bad.length > 0) log(skippedLines(file, bad, 'Run Longhand: Repair Damaged Lines… to move them aside.'));
  }
  return rows.map(({ id, level, topic }) => ({
    id,
    label: id,
    description: [level, topic].filter((part) => part !== undefined).join(' · '),
    detail: texts.get(id) ?? '',
  }));
}
