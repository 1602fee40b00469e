import * as vscode from 'vscode';
import { FILE_VIEW } from '../contributions/index.ts';

/** A chain, or the line of its row from 1, as an examination counts lines. */
export type ChainPlace = string | { line: number };

/** What a reader of a file can be asked for. */
interface Reader {
  goTo(place: ChainPlace): Promise<void>;
}

const readers = new Map<string, Reader>();
/** Of files that are about to open, the chain to show. */
const firstChains = new Map<string, ChainPlace>();

/** Opens a file in the reader, at a chain if one is given. */
export async function openTraceFile(uri: vscode.Uri, place?: ChainPlace): Promise<void> {
  const reader = readers.get(uri.toString());
  if (reader === undefined && place !== undefined) firstChains.set(uri.toString(), place);
  await vscode.commands.executeCommand('vscode.openWith', uri, FILE_VIEW);
  if (reader !== undefined && place !== undefined) await reader.goTo(place);
}

/** The chain that a new reader of the file shows first, if one was asked for. */
export function takeFirstChain(uri: vscode.Uri): ChainPlace | undefined {
  const place = firstChains.get(uri.toString());
  firstChains.delete(uri.toString());
  return place;
}

/** A file is open in a reader, or no longer. */
export function setReader(uri: vscode.Uri, reader: Reader | undefined): void {
  if (reader === undefined) readers.delete(uri.toString());
  else readers.set(uri.toString(), reader);
}
