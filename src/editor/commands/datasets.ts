import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { SETTINGS_FILE } from '../find-datasets.ts';
import { formatCount } from '../format.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step } from '../steps.ts';
import { adopt, askFolder, freeFolder, isDataset, workspaceRoots } from './places.ts';

/** Create Dataset…: where, under which name. */
export async function createDataset(services: Services): Promise<void> {
  let folder = '';
  let name = '';
  const askName: Step = async (ui) => {
    name = await ui.input({
      prompt: vscode.l10n.t('Name of the dataset'),
      value: basename(folder),
      validate: (value) => (value.trim() === '' ? vscode.l10n.t('A dataset needs a name.') : undefined),
    });
    return undefined;
  };
  const title = vscode.l10n.t('Create Dataset');
  const askPlace: Step = async (ui) => {
    const choices = await placeChoices('dataset');
    const here = await ui.pick({ placeholder: vscode.l10n.t('Where shall the dataset be?'), choices });
    folder = here ?? (await askFolder(title, vscode.l10n.t('Create Here')));
    return askName;
  };
  if (!(await runSteps(title, askPlace, 2))) return;
  await services.verbs.run('init', { dataset: folder, name: name.trim() }, { title });
  if (!(await adopt(services, folder))) return;
  const importNow = vscode.l10n.t('Import Problems…');
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t('{0} is ready.', name.trim()), importNow);
  if (answer === importNow) await vscode.commands.executeCommand('longhand.importProblems');
}

/** Open Sample Dataset: copies it into a new folder. */
export async function openSample(services: Services): Promise<void> {
  const title = vscode.l10n.t('Open Sample Dataset');
  let folder: string | undefined;
  const first: Step = async (ui) => {
    const choices = await placeChoices('longhand-sample', true);
    const here = await ui.pick({ placeholder: vscode.l10n.t('Where shall the copy be?'), choices });
    folder = here ?? (await freeFolder(await askFolder(title, vscode.l10n.t('Copy Here')), 'longhand-sample'));
    return undefined;
  };
  if (!(await runSteps(title, first)) || folder === undefined) return;
  const made = await services.verbs.run('sample', { dataset: folder }, { title });
  if (!(await adopt(services, folder))) return;
  const review = vscode.l10n.t('Open Review Queue');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The sample dataset is ready: {0} problems, {1} chains to read.',
      formatCount(made.problems, vscode.env.language),
      formatCount(made.chains, vscode.env.language),
    ),
    review,
  );
  if (answer === review) await vscode.commands.executeCommand('longhand.openReviewQueue');
}

/** A new folder in each workspace folder, those folders themselves, or another one (undefined). */
async function placeChoices(name: string, onlyNew = false): Promise<Choice<string | undefined>[]> {
  const choices: Choice<string | undefined>[] = [];
  for (const root of workspaceRoots()) {
    const isTaken = await isDataset(root);
    if (!isTaken) {
      const folder = await freeFolder(root, name);
      choices.push({
        label: `$(new-folder) ${basename(folder)}`,
        description: vscode.l10n.t('new folder in {0}', basename(root)),
        value: folder,
      });
    }
    if (!isTaken && !onlyNew) {
      choices.push({
        label: `$(root-folder) ${basename(root)}`,
        description: vscode.l10n.t('this workspace folder itself'),
        value: root,
      });
    }
  }
  choices.push({ label: `$(folder-opened) ${vscode.l10n.t('Another folder…')}`, value: undefined });
  return choices;
}

/** Opens `longhand.json`. */
export async function openSettingsFile(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  await vscode.window.showTextDocument(vscode.Uri.file(join(ref.folder, SETTINGS_FILE)));
}

/** Shows the prompt files of the set that the dataset uses, and opens the one that is picked. */
export async function openPrompts(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  const set = dataset.settings.promptSet;
  const items = Object.entries(await dataset.prompts()).map(([name, text]) => ({
    label: name,
    detail: text.trim().split('\n')[0] ?? '',
    file: join(dataset.promptsFolder(set), `${name}.md`),
  }));
  const placeHolder = vscode.l10n.t('Prompts of the set “{0}”', set);
  const picked = await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true });
  if (picked !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(picked.file));
}
