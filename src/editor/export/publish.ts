import { join } from 'node:path';
import * as vscode from 'vscode';
import { parseHubName } from '../../core/dataset/hub-name.ts';
import { readdirIfExists } from '../../store/lines/files.ts';
import { exists } from '../../system/regular-file.ts';
import { hubHost } from '../../verbs/export/print.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { ActionableError, commandAction } from '../reporter.ts';
import type { Services } from '../services.ts';
import { counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage, showWarningMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';
import { type ConfirmationUi, confirmPlan, uploadWith } from './confirmation.ts';

/** Where the token of a hub is in the secret storage; the prefix separates it from keys of models. */
const tokenName = (host: string): string => `hub ${host}`;

/** Publish to Hugging Face…: asks for export, repository and what goes along, shows the plan, and uploads it once it is confirmed. */
export async function publish(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const { exportsFolder } = await services.datasets.open(ref);
  const names = await exportNames(exportsFolder);
  const host = hubHost(process.env);
  const stored = await services.keys.get(tokenName(host));
  let token = stored ?? process.env.HF_TOKEN ?? '';
  const args: VerbArgs<'publish'> = { export: '', to: '', plan: true };

  const askToken: Step = async (ui) => {
    token = await ui.input({
      prompt: t('Token of {0} with write access. It is stored in the secret storage of VS Code.', host),
      placeholder: 'hf_…',
      password: true,
      validate: (value) => (value.trim().startsWith('hf_') ? undefined : t('A token begins with hf_.')),
    });
    return undefined;
  };
  const askLicence: Step = async (ui) => {
    const licence = await ui.input({
      prompt: t('Licence of the set, as on the hub. Empty: that of its problems.'),
      placeholder: 'cc-by-4.0',
      value: args.licence ?? '',
    });
    args.licence = licence.trim() || undefined;
    return token === '' ? askToken : undefined;
  };
  const askOptions: Step = async (ui) => {
    const chosen = await ui.pickMany<'public' | 'reviews' | 'reviewerNames' | 'licence'>({
      placeholder: t('What applies? Without a choice, the repository is private, and reviews stay here.'),
      choices: [
        { label: t('Public repository'), detail: t('Anyone can read it'), value: 'public' },
        {
          label: t('With reviews'),
          detail: t('Decisions, notes, reasons and tags of the reviewers'),
          value: 'reviews',
        },
        { label: t('With reviewer names'), detail: t('In place of pseudonyms'), value: 'reviewerNames' },
        { label: t('Another licence'), detail: t('In place of that of the problems'), value: 'licence' },
      ],
    });
    for (const option of ['public', 'reviews', 'reviewerNames'] as const) args[option] = chosen.includes(option);
    if (chosen.includes('licence')) return askLicence;
    args.licence = undefined;
    return token === '' ? askToken : undefined;
  };
  const askRepository: Step = async (ui) => {
    const to = await ui.input({
      prompt: t('Dataset repository on {0}. It is created if it does not exist.', host),
      placeholder: 'OWNER/NAME',
      value: args.to,
      validate: (value) => (isRepository(value.trim()) ? undefined : t('The form is OWNER/NAME.')),
    });
    args.to = to.trim();
    return askOptions;
  };
  const askExport: Step = async (ui) => {
    const choices = names.map((name) => ({ label: name, value: name }));
    const name = names.length === 1 ? names[0] : await ui.pick({ placeholder: t('Which export?'), choices });
    args.export = join(exportsFolder, name ?? '');
    return askRepository;
  };
  if (!(await runSteps(t('Publish to Hugging Face'), askExport))) return;
  const access = { hubToken: token.trim() };
  const title = t('Publishing to {0}', host);
  const plan = await services.verbs.run('publish', args, { title: t('Preparing {0}', args.to), access });
  if (!(await confirmPlan(plan, args.public === true, confirmationUi))) return;
  if (plan.sensitiveCount > 0) args.allowSensitive = true;
  const confirmed = { ...args, plan: false, confirm: plan.confirm };
  const upload = (): Promise<VerbResult<'publish'>> => services.verbs.run('publish', confirmed, { title, access });
  const store = {
    set: (value: string) => services.keys.set(tokenName(host), value),
    delete: () => services.keys.delete(tokenName(host)),
  };
  const isOfEnvironment = stored === undefined && access.hubToken === process.env.HF_TOKEN?.trim();
  await showPublished(await (isOfEnvironment ? upload() : uploadWith(access.hubToken, upload, store, l10n)));
}

/** Names of the exports, each with a manifest. @throws ActionableError without any */
async function exportNames(folder: string): Promise<string[]> {
  const names = (await readdirIfExists(folder)).filter((name) => !name.startsWith('.')).sort();
  const isExport = await Promise.all(names.map((name) => exists(join(folder, name, 'manifest.json'))));
  const exports = names.filter((_, at) => isExport[at]);
  if (exports.length > 0) return exports;
  throw new ActionableError(t('Nothing to publish: the dataset has no export.'), [
    commandAction(t('Export Training Set…'), 'longhand.exportTrainingSet'),
  ]);
}

const confirmationUi: ConfirmationUi = {
  l10n,
  ask: (question, detail, buttons) => showWarningMessage(question, { modal: true, detail }, ...buttons),
  showCard: (path) => vscode.commands.executeCommand('markdown.showPreviewToSide', vscode.Uri.file(path)),
};

function isRepository(text: string): boolean {
  const name = parseHubName(`hf:${text}`);
  return !('reason' in name) && name.repo === text && text.includes('/');
}

async function showPublished({ url, uploaded = 0 }: VerbResult<'publish'>): Promise<void> {
  const open = t('Open in Browser');
  const text =
    uploaded === 0
      ? t('Nothing to upload: {0} has all files.', url)
      : t('Published {0} to {1}.', counted(uploaded, '{0} file', '{0} files'), url);
  if ((await showInformationMessage(text, open)) === open) await vscode.env.openExternal(vscode.Uri.parse(url));
}
