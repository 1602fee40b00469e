import type { Uri } from 'vscode';
import type { Query } from '../../core/query/query.ts';
import { TablePanel } from '../review/table/table-panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { FileTable } from './file-table.ts';
import { closeUnused, fileInFront, type OpenFile, openFile } from './open-file.ts';
import { openTraceFile } from './open-trace-file.ts';

/** Shows the chains of a file that a query finds. @returns false if the file has no chains */
export async function showFound(services: Services, uri: Uri, query: Query): Promise<boolean> {
  const file = await openFile(services, uri);
  const hasChains = file.source.columns !== undefined;
  if (hasChains) showTable(services, file, query);
  closeUnused(file);
  return hasChains;
}

/**
 * Open Chains of File: shows the chains of a file as a table. It stays open when the reader is closed.
 * @param query All chains, or those of an open table, where it is absent.
 */
export function showTable(services: Services, file: OpenFile = fileInFront(), query?: Query): void {
  if (file.table !== undefined) {
    file.table.reveal();
    if (query !== undefined) file.table.find(query, null);
    return;
  }
  const { context, reporter } = services;
  const source = new FileTable(file.source);
  file.table = new TablePanel(
    {
      extension: context.extensionUri,
      source,
      place: file.uri.fsPath,
      title: t('Chains of {0}', source.name),
      memory: context.workspaceState,
      listed: () => {},
      read: (chainId) => openTraceFile(file.uri, chainId),
      log: (message) => reporter.log.info(message),
    },
    { query: query ?? [], sort: null },
    () => {
      source.dispose();
      file.table = undefined;
      closeUnused(file);
    },
  );
}
