import * as vscode from 'vscode';
import type { VerbResult } from '../../protocol/verbs.ts';
import { setContext } from '../context.ts';
import type { Services } from '../services.ts';
import { starterDetail } from '../starter-detail.ts';

/** Start Starter Model: installs it first where it is not there. */
export async function startStarter(services: Services): Promise<void> {
  const before = await starterStatus(services);
  if (!before.installed && !(await confirmInstall(services))) return;
  const reply = await services.verbs.starter('start', { title: vscode.l10n.t('Starting the starter model') });
  note(reply);
  const log = vscode.l10n.t('Show Log');
  const answer = await vscode.window.showInformationMessage(
    reply.port === undefined
      ? vscode.l10n.t('The starter model is running.')
      : vscode.l10n.t('The starter model answers on port {0}.', String(reply.port)),
    log,
  );
  if (answer === log) await vscode.window.showTextDocument(vscode.Uri.file(reply.logFile));
}

export async function stopStarter(services: Services): Promise<void> {
  note(await services.verbs.starter('stop', { title: vscode.l10n.t('Stopping the starter model') }));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The starter model is stopped.'), 5000);
}

/** How the starter model stands; the palette follows. */
export async function starterStatus(services: Services): Promise<VerbResult<'starter'>> {
  return note(await services.verbs.starter('status'));
}

/** Installs after saying how much comes from where. @returns Whether it is installed now. */
async function confirmInstall(services: Services): Promise<boolean> {
  const install = vscode.l10n.t('Install');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Install the starter model?'),
    { modal: true, detail: starterDetail(false) },
    install,
  );
  return answer === install && installStarter(services);
}

/** Downloads the runtime and the weights; Cancel leaves nothing half installed. @returns Whether it is installed now. */
export async function installStarter(services: Services): Promise<boolean> {
  return note(await services.verbs.starter('install', { title: vscode.l10n.t('Installing the starter model') }))
    .installed;
}

function note(reply: VerbResult<'starter'>): VerbResult<'starter'> {
  setContext('longhand.starter', reply.running ? 'running' : 'stopped');
  return reply;
}
