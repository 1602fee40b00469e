/** Addresses of the reader's files as the page may load them. */
interface PageSources {
  /** What the content policy allows style sheets and fonts from: `webview.cspSource`. */
  origin: string;
  script: string;
  style: string;
  nonce: string;
  /** Another nonce: the toolkit tries a style element of its own, and finds this one in a meta element. */
  styleNonce: string;
}

/**
 * Nothing is allowed but our one script, our style sheet and its fonts: what a model wrote can neither run nor reach out.
 * KaTeX sets inline styles through the object model, which the policy permits.
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

/** The page that the reader, or another webview of ours with its own title, starts from. */
export function reviewPage(sources: PageSources, title = 'Longhand Review'): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(sources)}">
<meta property="csp-nonce" content="${sources.styleNonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${sources.style}">
<title>${title}</title>
</head>
<body>
<div id="reader"></div>
<script type="module" nonce="${sources.nonce}" src="${sources.script}"></script>
</body>
</html>`;
}
