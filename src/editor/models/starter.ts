import * as vscode from 'vscode';
import { formatBytes } from '../../core/text/format.ts';
import { RUNTIME, STARTER_MODELS } from '../../models/starter/catalogue.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { setStatusBarMessage, showInformationMessage } from '../ui/notify.ts';

/** Start Starter Model: installs it first if needed. */
export async function startStarter(services: Services): Promise<void> {
  const before = await starterStatus(services);
  if (!before.installed && !(await confirmInstall(services))) return;
  const reply = await services.verbs.starter('start', { title: t('Starting the starter model') });
  const log = t('Show Log');
  const answer = await showInformationMessage(
    reply.port === undefined
      ? t('The starter model is running.')
      : t('The starter model answers on port {0}.', String(reply.port)),
    log,
  );
  if (answer === log) await vscode.window.showTextDocument(vscode.Uri.file(reply.logFile));
}

export async function stopStarter(services: Services): Promise<void> {
  await services.verbs.starter('stop', { title: t('Stopping the starter model') });
  setStatusBarMessage(t('The starter model is stopped.'), 5000);
}

/** Whether the starter model is installed and running. */
export function starterStatus(services: Services): Promise<VerbResult<'starter'>> {
  return services.verbs.starter('status');
}

/** Asks with the size of the download, then installs. @returns Whether it is installed now. */
async function confirmInstall(services: Services): Promise<boolean> {
  const install = t('Install');
  const answer = await showInformationMessage(
    t('Install the starter model?'),
    { modal: true, detail: starterDetail(false) },
    install,
  );
  return answer === install && installStarter(services);
}

/** Downloads the runtime and the weights. Cancel leaves no partial installation. @returns Whether it is installed now. */
export async function installStarter(services: Services): Promise<boolean> {
  const title = t('Installing the starter model');
  return (await services.verbs.starter('install', { title })).installed;
}

/** Name, licence and, if it is not installed, download size of the starter model in one line. */
export function starterDetail(isInstalled: boolean): string {
  const model = STARTER_MODELS[0];
  if (model === undefined) return '';
  if (isInstalled) return t('{0} · {1} · runs on the CPU', model.name, model.licence);
  const bytes = model.wheel.bytes + RUNTIME.megabytes * 1e6;
  return t(
    '{0} · {1} · runs on the CPU · {2} to download with its runtime',
    model.name,
    model.licence,
    formatBytes(bytes, vscode.env.language),
  );
}
