import type { KeyOverrides } from '../../protocol/keys.ts';

interface PageSources {
  /** `webview.cspSource`: the origin of style sheets and fonts. */
  origin: string;
  script: string;
  style: string;
  nonce: string;
  /** Another nonce, for the style element of the toolkit, which reads it from a meta element. */
  styleNonce: string;
}

/**
 * Allows only our script, our style sheet and its fonts: text of a model can't run scripts or send requests.
 * KaTeX sets inline styles through the DOM, which the policy permits.
 */
export function contentPolicy({ origin, nonce, styleNonce }: Omit<PageSources, 'script' | 'style'>): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${origin} 'nonce-${styleNonce}'`,
    `font-src ${origin}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The page that a webview starts from. @param title A text, which may be a stranger’s. @param keys Keys of the setting, which the page reads. */
export function pageHtml(sources: PageSources, title: string, keys: KeyOverrides = {}): string {
  return `<!DOCTYPE html>
<html lang="en" data-keys="${escaped(JSON.stringify(keys))}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(sources)}">
<meta property="csp-nonce" content="${sources.styleNonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${sources.style}">
<title>${escaped(title)}</title>
</head>
<body>
<div id="reader"></div>
<script type="module" nonce="${sources.nonce}" src="${sources.script}"></script>
</body>
</html>`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
