import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Folder of the built webview, the only one that the reader may load from. */
export function webviewRoot(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

/**
 * The page that the reader starts from. Nothing is allowed but our one script, our style sheet and its fonts: what a model
 * wrote can neither run nor reach out. KaTeX sets inline styles through the object model, which the policy permits.
 */
export function reviewHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const root = webviewRoot(extension);
  const uri = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const nonce = randomBytes(18).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${uri('review.css')}">
<title>Longhand Review</title>
</head>
<body>
<div id="reader"></div>
<script type="module" nonce="${nonce}" src="${uri('review.js')}"></script>
</body>
</html>`;
}
