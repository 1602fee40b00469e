import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { reviewPage } from './page.ts';

/** Folder of the built webview, the only one that the reader may load from. */
export function webviewRoot(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

const nonce = (): string => randomBytes(18).toString('base64');

export function reviewHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  return webviewHtml(webview, extension, 'review');
}

/** The page of one of the built webviews; `title` where it is not the reader's. */
export function webviewHtml(
  webview: vscode.Webview,
  extension: vscode.Uri,
  bundle: 'review' | 'calibrate' | 'workbench' | 'plan' | 'difficulty' | 'loss',
  title?: string,
): string {
  const root = webviewRoot(extension);
  const uri = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const sources = {
    origin: webview.cspSource,
    script: uri(`${bundle}.js`),
    style: uri(`${bundle}.css`),
    nonce: nonce(),
    styleNonce: nonce(),
  };
  return reviewPage(sources, title);
}
