import { TablePanel } from '../review/table/table-panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { FileTable } from './file-table.ts';
import { closeUnused, fileInFront, type OpenFile } from './open-file.ts';
import { openTraceFile } from './open-trace-file.ts';

/** Open Chains of File: shows the chains of a file as a table. It stays open when the reader is closed. */
export function showTable(services: Services, file: OpenFile = fileInFront()): void {
  if (file.table !== undefined) {
    file.table.reveal();
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
    { query: [], sort: null },
    () => {
      source.dispose();
      file.table = undefined;
      closeUnused(file);
    },
  );
}
