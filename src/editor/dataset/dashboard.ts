import * as vscode from 'vscode';
import { type Figure, FromDashboard, type ToDashboard } from '../../protocol/dashboard.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { saveFile } from '../ui/save-file.ts';
import { WebviewPage } from '../ui/webview-page.ts';

/** Show Dashboard: where chains are lost, classes, pass rates, lengths, behaviours, reviewers and tokens, also as files. */
export async function showDashboard(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const read = () =>
    services.verbs.run('dashboard', { dataset: ref.folder }, { title: t('Reading the rounds of {0}', ref.name) });
  let report = await read();
  const send = (): void => page.post({ type: 'snapshot', report });
  const save = (figure: Figure, form: 'svg' | 'csv', write: (path: string) => Promise<unknown>): Promise<void> =>
    saveFile(ref.folder, `${figure}.${form}`, write);
  const page = new WebviewPage<FromDashboard, ToDashboard>({
    extension: services.context.extensionUri,
    bundle: 'dashboard',
    viewType: 'longhand.dashboard',
    title: t('Dashboard of {0}', ref.name),
    schema: FromDashboard,
    receive: async (message) => {
      switch (message.type) {
        case 'ready':
          return send();
        case 'refresh':
          report = await read();
          return send();
        case 'open':
          await vscode.commands.executeCommand('longhand.openChains', { ref, query: message.query });
          return;
        case 'csv': {
          const { figure } = message;
          return save(figure, 'csv', (csv) => services.verbs.run('dashboard', { dataset: ref.folder, figure, csv }));
        }
        case 'svg':
          return save(message.figure, 'svg', (path) => writeAtomic(path, message.svg));
      }
    },
    shown: send,
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}
