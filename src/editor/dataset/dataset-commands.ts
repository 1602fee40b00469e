import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { slug } from '../../store/names.ts';
import type { Services } from '../services.ts';
import { counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { showQuickPick } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, type StepUi } from '../ui/steps.ts';
import { SETTINGS_FILE } from './find-datasets.ts';
import { adopt, askFolder, freeFolder, isDataset, workspaceRoots } from './places.ts';

/** Create Dataset…: asks for name and folder. */
export async function createDataset(services: Services): Promise<void> {
  const folder = await askNewDataset(services, t('Create Dataset'));
  if (folder === undefined || !(await adopt(services, folder))) return;
  const importNow = t('Import Problems…');
  const answer = await showInformationMessage(t('{0} is ready.', basename(folder)), importNow);
  if (answer === importNow) await vscode.commands.executeCommand('longhand.importProblems');
}

/**
 * Asks for name and folder of a new dataset and makes it.
 * @returns Its folder; undefined if the user cancels.
 */
export async function askNewDataset(services: Services, title: string, suggested = ''): Promise<string | undefined> {
  let name = suggested;
  let folder = '';
  const askPlace: Step = async (ui) => {
    const here = await askPlaceIn(ui, slug(name, 'dataset'), true, t('Where do you want to create the dataset?'));
    folder = here ?? (await askFolder(title, t('Create Here')));
    return undefined;
  };
  const askName: Step = async (ui) => {
    name = await ui.input({
      prompt: t('Name of the dataset'),
      value: name,
      placeholder: t('for example: Word problems'),
      validate: (value) => (value.trim() === '' ? t('Enter a name.') : undefined),
    });
    return askPlace;
  };
  if (!(await runSteps(title, askName, 2))) return undefined;
  await services.verbs.run('init', { dataset: folder, name: name.trim() }, { title });
  return folder;
}

/** Open Sample Dataset: copies it into a new folder. */
export async function openSample(services: Services): Promise<void> {
  const title = t('Open Sample Dataset');
  let folder: string | undefined;
  const first: Step = async (ui) => {
    const here = await askPlaceIn(ui, 'longhand-sample', false, t('Where do you want to copy the sample?'));
    folder = here ?? (await freeFolder(await askFolder(title, t('Copy Here')), 'longhand-sample'));
    return undefined;
  };
  if (!(await runSteps(title, first)) || folder === undefined) return;
  const made = await services.verbs.run('sample', { dataset: folder }, { title });
  if (!(await adopt(services, folder))) return;
  const review = t('Open Review Queue');
  const answer = await showInformationMessage(
    t(
      'The sample dataset is ready: {0}, {1} to read.',
      counted(made.problems, '{0} problem', '{0} problems'),
      counted(made.chains, '{0} chain', '{0} chains'),
    ),
    review,
  );
  if (answer === review) await vscode.commands.executeCommand('longhand.openReviewQueue');
}

/**
 * Offers a new folder in each workspace folder, with `alsoRoots` also those folders themselves, and another one.
 * @returns Undefined for another folder, or if there is no choice.
 */
async function askPlaceIn(ui: StepUi, name: string, alsoRoots: boolean, placeholder: string) {
  const choices: Choice<string | undefined>[] = [];
  for (const root of workspaceRoots()) {
    // Datasets are not nested.
    if (await isDataset(root)) continue;
    const folder = await freeFolder(root, name);
    const description = t('new folder in {0}', basename(root));
    choices.push({ icon: 'new-folder', label: basename(folder), description, value: folder });
    if (!alsoRoots) continue;
    const itself = t('this workspace folder itself');
    choices.push({ icon: 'root-folder', label: basename(root), description: itself, value: root });
  }
  if (choices.length === 0) return undefined;
  choices.push({ icon: 'folder-opened', label: t('Another folder…'), value: undefined });
  return ui.pick({ placeholder, choices });
}

/** Opens `longhand.json`. */
export async function openSettingsFile(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  await vscode.window.showTextDocument(vscode.Uri.file(join(ref.folder, SETTINGS_FILE)));
}

/** Open Prompts: asks for a prompt file of the dataset's set and opens it. */
export async function openPrompts(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  const set = dataset.settings.promptSet;
  const items = Object.entries(await dataset.prompts()).map(([name, text]) => ({
    label: name,
    // The heading only names the role.
    detail: text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '',
    file: join(dataset.promptsFolder(set), `${name}.md`),
  }));
  const placeHolder = t('Prompts of the set “{0}”', set);
  const picked = await showQuickPick(items, { placeHolder, matchOnDetail: true });
  if (picked !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(picked.file));
}
