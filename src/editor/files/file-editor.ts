import type * as vscode from 'vscode';
import { UserError } from '../../core/errors.ts';
import { ReviewPanel, type ReviewServices } from '../review/panel.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { chooseColumns } from './columns.ts';
import { findPlace } from './find-place.ts';
import { goToRow } from './go-to-row.ts';
import { KeptPlace } from './kept-place.ts';
import { makeDataset } from './make-dataset.ts';
import { bringToFront, closeUnused, type OpenFile, openFile } from './open-file.ts';
import { type ChainPlace, setReader, takeFirstChain } from './open-trace-file.ts';
import { showTable } from './show-table.ts';
import { startAt } from './start-at.ts';

/** Shows a file in the reader, in the panel of its custom editor. */
export async function showFile(services: Services, uri: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
  if (uri.scheme !== 'file') throw new UserError('file', t('Only files on a disk can be opened.'), t('Save it first.'));
  const { context } = services;
  const closed = new AbortController();
  panel.onDidDispose(() => closed.abort());
  const file = await openFile(services, uri);
  const place = new KeptPlace(context.workspaceState, `longhand.place:${uri.toString()}`);
  const show = (chainId: string | undefined): ReviewPanel | undefined => {
    if (closed.signal.aborted) return undefined;
    return ReviewPanel.showFile(
      panel,
      readerServices(services, file, (id) => place.shown(id)),
      chainId,
    );
  };
  const find = searches(file, closed.signal);
  const asked = takeFirstChain(uri);
  let reader: ReviewPanel | undefined;
  if (asked !== undefined) {
    const finding = find(asked);
    reader = await startAt(finding, show, (page) => void page.goTo(finding));
  } else {
    const before = place.before === undefined ? undefined : file.source.chainAt(place.before);
    // Where the place of the last time is found late, nothing jumps to it.
    reader = await startAt(before, show, () => place.keep());
  }
  if (reader === undefined) return closeUnused(file);
  attach(file, reader, panel, find);
}

/** Finds places one at a time: a search ends the one before it, which would show its row later. */
function searches({ source }: OpenFile, closed: AbortSignal): (place: ChainPlace) => Promise<string> {
  let search = new AbortController();
  return (place) => {
    search.abort();
    search = new AbortController();
    return findPlace(source, place, AbortSignal.any([closed, search.signal]));
  };
}

/** Keeps what commands and other pages need of an open reader. */
function attach(
  file: OpenFile,
  reader: ReviewPanel,
  panel: vscode.WebviewPanel,
  find: (place: ChainPlace) => Promise<string>,
): void {
  const { uri } = file;
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
  const goTo = (place: ChainPlace): Promise<void> => reader.goTo(find(place));
  setReader(uri, { goTo });
  // Asked for while the file was opening.
  const asked = takeFirstChain(uri);
  if (asked !== undefined) void goTo(asked);
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
