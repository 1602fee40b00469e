import { stat } from 'node:fs/promises';
import type * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { ReviewPanel, type ReviewServices } from '../review/panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { chooseColumns } from './columns.ts';
import { goToRow } from './go-to-row.ts';
import { makeDataset } from './make-dataset.ts';
import { bringToFront, closeUnused, type OpenFile, openFile } from './open-file.ts';
import { type ChainPlace, setReader, takeFirstChain } from './open-trace-file.ts';
import { showTable } from './show-table.ts';

/** In bytes, about a second of search. */
const LARGE = 500_000_000;

/** Shows a file in the reader, in the panel of its custom editor. */
export async function showFile(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
  if (uri.scheme !== 'file') throw new UserError('file', t('Only files on a disk can be opened.'), t('Save it first.'));
  const { context } = services;
  const place = `longhand.place:${uri.toString()}`;
  let isClosed = false;
  panel.onDidDispose(() => {
    isClosed = true;
  });
  const file = await openFile(services, uri);
  const { size } = await stat(uri.fsPath).catch(() => ({ size: 0 }));
  const first = takeFirstChain(uri);
  const asked = first === undefined ? undefined : await chainAt(file, first);
  if (isClosed) return closeUnused(file);
  panel.onDidChangeViewState(() => {
    if (panel.active) bringToFront(file);
  });
  panel.onDidDispose(() => {
    file.reader = undefined;
    setReader(uri, undefined);
    closeUnused(file);
  });
  bringToFront(file);
  // In a large file, rows far from the start are found late, and something is shown at once.
  const before = size > LARGE ? undefined : context.workspaceState.get<string>(place);
  const shown = (id: string): void => void context.workspaceState.update(place, id);
  const reader = ReviewPanel.showFile(panel, readerServices(services, file, shown), asked ?? before);
  file.reader = reader;
  setReader(uri, {
    goTo: async (place) => {
      const chainId = await chainAt(file, place);
      if (chainId !== undefined) await reader.goTo(chainId);
    },
  });
}

async function chainAt({ source }: OpenFile, place: ChainPlace): Promise<string | undefined> {
  return typeof place === 'string' ? place : source.chainInLine(place.line);
}

function readerServices(services: Services, file: OpenFile, shown: (chainId: string) => void): ReviewServices {
  const { context, reporter, documents } = services;
  const { uri, source } = file;
  return {
    extension: context.extensionUri,
    dataset: uri,
    source,
    drafts: context.workspaceState,
    openJournal: async (chainId) => {
      const row = await source.rawRow(chainId);
      await documents.show(t('row {0} of {1}.json', chainId, source.facts.name), `${JSON.stringify(row, null, 2)}\n`);
    },
    tryProblem: async () => {
      throw new UserError('file', t('The prompt workbench needs a dataset.'), t('Make a dataset of the file first.'));
    },
    filter: async () => showTable(services, file),
    regrade: (chainId) => source.regrade(chainId),
    labelled: () => {},
    log: (message) => reporter.log.info(message),
    file: {
      facts: () => source.facts,
      chooseColumns: () => chooseColumns(file),
      goToRow: () => goToRow(file),
      makeDataset: () => makeDataset(services, file),
      shown,
    },
  };
}
