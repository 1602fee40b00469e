import * as vscode from 'vscode';
import type { JournalLine } from '../../core/schemas/index.ts';
import type { Dataset } from '../../store/index.ts';
import { t } from '../ui/format.ts';
import { withProgress } from '../ui/notify.ts';
import type { ReadOnlyDocuments } from '../ui/read-only-documents.ts';

/**
 * Shows the journal lines of the calls of a chain as indented JSON; the chain itself if it has no calls. The journal is read as a stream,
 * since it may be too large for a text document.
 */
export async function showJournal(dataset: Dataset, chainId: string, documents: ReadOnlyDocuments): Promise<void> {
  const chain = await dataset.chain(chainId);
  const keys = new Set(chain.pieces.flatMap(({ call }) => (call === undefined ? [] : [call])));
  if (keys.size === 0) {
    await documents.show(`${chainId}.json`, indented(chain));
    return;
  }
  // The folder of the round may have been renamed.
  const round = dataset.index.chain(chainId)?.round ?? chain.round;
  const options = { location: vscode.ProgressLocation.Window, title: t('Reading the journal') };
  const lines = await withProgress(options, () => linesOf(dataset, round, keys));
  const order = chain.pieces.map(({ call }) => call);
  lines.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
  await documents.show(`${chainId}.journal.json`, indented(lines));
}

async function linesOf(dataset: Dataset, round: string, keys: ReadonlySet<string>): Promise<JournalLine[]> {
  const found = new Map<string, JournalLine>();
  for await (const line of dataset.journal(round)) {
    if (keys.has(line.key)) found.set(line.key, line);
    if (found.size === keys.size) break;
  }
  return [...found.values()];
}

const indented = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
