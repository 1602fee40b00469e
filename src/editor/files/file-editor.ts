import type * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { ReviewPanel, type ReviewServices } from '../review/panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { chooseColumns } from './columns.ts';
import { findPlace } from './find-place.ts';
import { goToRow } from './go-to-row.ts';
import { makeDataset } from './make-dataset.ts';
import { bringToFront, closeUnused, type OpenFile, openFile } from './open-file.ts';
import { setReader, takeFirstChain } from './open-trace-file.ts';
import { showTable } from './show-table.ts';
import { startAt } from './start-at.ts';

/** Shows a file in the reader, in the panel of its custom editor. */
export async function showFile(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
  if (uri.scheme !== 'file') throw new UserError('file', t('Only files on a disk can be opened.'), t('Save it first.'));
  const { context } = services;
  const key = `longhand.place:${uri.toString()}`;
  const closed = new AbortController();
  panel.onDidDispose(() => closed.abort());
  const file = await openFile(services, uri);
  const show = (chainId: string | undefined): ReviewPanel | undefined => {
    if (closed.signal.aborted) return undefined;
    const shown = (id: string): void => void context.workspaceState.update(key, id);
    return ReviewPanel.showFile(panel, readerServices(services, file, shown), chainId);
  };
  const asked = takeFirstChain(uri);
  const before = context.workspaceState.get<string>(key);
  let reader: ReviewPanel | undefined;
  if (asked !== undefined) {
    const finding = findPlace(file.source, asked, closed.signal);
    reader = await startAt(finding, show, (page) => void page.goTo(finding));
  } else {
    // Where the place of the last time is found late, nothing jumps to it.
    reader = await startAt(before === undefined ? undefined : file.source.chainAt(before), show, () => {});
  }
  if (reader === undefined) return closeUnused(file);
  attach(file, reader, panel, closed.signal);
}

/** Keeps what commands and other pages need of an open reader. */
function attach(file: OpenFile, reader: ReviewPanel, panel: vscode.WebviewPanel, closed: AbortSignal): void {
  const { uri, source } = file;
  panel.onDidChangeViewState(() => {
    if (panel.active) bringToFront(file);
  });
  panel.onDidDispose(() => {
    file.reader = undefined;
    setReader(uri, undefined);
    closeUnused(file);
  });
  bringToFront(file);
  file.reader = reader;
  setReader(uri, { goTo: (place) => reader.goTo(findPlace(source, place, closed)) });
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
