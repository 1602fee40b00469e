import * as vscode from 'vscode';
import { FILE_VIEW } from '../contributions/index.ts';

/** What a reader of a file can be asked for. */
interface Reader {
  goTo(chainId: string): Promise<void>;
}

const readers = new Map<string, Reader>();
/** Of files that are about to open, the chain to show. */
const firstChains = new Map<string, string>();

/** Opens a file in the reader, at a chain if one is given. */
export async function openTraceFile(uri: vscode.Uri, chainId?: string): Promise<void> {
  const reader = readers.get(uri.toString());
  if (reader === undefined && chainId !== undefined) firstChains.set(uri.toString(), chainId);
  await vscode.commands.executeCommand('vscode.openWith', uri, FILE_VIEW);
  if (reader !== undefined && chainId !== undefined) await reader.goTo(chainId);
}

/** The chain that a new reader of the file shows first, if one was asked for. */
export function takeFirstChain(uri: vscode.Uri): string | undefined {
  const chainId = firstChains.get(uri.toString());
  firstChains.delete(uri.toString());
  return chainId;
}

/** A file is open in a reader, or no longer. */
export function setReader(uri: vscode.Uri, reader: Reader | undefined): void {
  if (reader === undefined) readers.delete(uri.toString());
  else readers.set(uri.toString(), reader);
}
