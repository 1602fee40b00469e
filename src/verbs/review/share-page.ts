import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SHARED_DATA, type SharedReview } from '../../protocol/share.ts';
import { readWhole, readWholeText } from '../../system/regular-file.ts';

/**
 * A page that shows a review in any browser: script, styles, fonts and data are in it, and its policy permits nothing else. Texts of models are data, which the
 * script shows as text nodes.
 */
export async function sharePage(review: SharedReview, distFolder: string): Promise<string> {
  const built = (name: string): Promise<string> => readWholeText(join(distFolder, 'webview', name));
  const script = withoutMap(await built('share.js')).replaceAll('</script', '<\\/script');
  const style = await withFonts(withoutMap(await built('share.css')), join(distFolder, 'webview'));
  const policy = [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(review.dataset)}: shared review</title>
<style>${style}</style>
</head>
<body>
<div id="reader"><noscript>This page needs JavaScript to show formulas. Its script is in the page and sends nothing.</noscript></div>
<script type="application/json" id="${SHARED_DATA}">${JSON.stringify(review).replaceAll('<', '\\u003c')}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** A style sheet with its fonts as data. */
async function withFonts(style: string, folder: string): Promise<string> {
  const named = /url\("?\.\/(fonts\/[\w-]+\.woff2)"?\)/g;
  const data = new Map<string, string>();
  for (const [, name = ''] of style.matchAll(named)) {
    if (!data.has(name)) data.set(name, (await readWhole(join(folder, name))).toString('base64'));
  }
  return style.replaceAll(named, (_, name) => `url("data:font/woff2;base64,${data.get(name)}")`);
}

const withoutMap = (text: string): string => text.replace(/\n?\/[/*]# sourceMappingURL=[^\n]*\n?$/, '');

const sourceHash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
