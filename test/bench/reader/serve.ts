import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { contentPolicy, pageHtml } from '../../../src/editor/ui/page-html.ts';
import type { Theme } from './themes.ts';

const built = resolve(import.meta.dirname, '../../../dist/webview');
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };
const NONCES = { nonce: 'bench', styleNonce: 'bench-style' };

/**
 * Serves the built reader on loopback under the extension's content policy; `origin` without a slash at its end.
 * @param standIn Script that replaces what VS Code gives a webview; it runs before the page's own.
 */
export async function serveReader(theme: Theme, standIn: string): Promise<{ origin: string; close(): Promise<void> }> {
  const type = (name: string): string => TYPES[extname(name)] ?? 'application/octet-stream';
  const policy = contentPolicy({ origin: "'self'", ...NONCES });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const answer = async (): Promise<{ type: string; body: string | Buffer }> => {
      if (path === '/') return { type: 'text/html', body: pageOf() };
      if (path === '/stand-in.js') return { type: 'text/javascript', body: standIn + themed(theme) };
      return { type: type(path), body: await readFile(join(built, normalize(path))) };
    };
    void answer()
      .then(({ type, body }) =>
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body),
      )
      .catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function pageOf(): string {
  const page = pageHtml({ origin: "'self'", script: '/review.js', style: '/review.css', ...NONCES }, 'Longhand Review');
  return page.replace('<link', `<script nonce="${NONCES.nonce}" src="/stand-in.js"></script><link`);
}

/** The theme as custom properties of the root, as VS Code gives it. */
function themed({ variables, className }: Theme): string {
  return `for (const [name, value] of Object.entries(${JSON.stringify(variables)})) document.documentElement.style.setProperty(name, value);
    document.addEventListener('DOMContentLoaded', () => document.body.classList.add(${JSON.stringify(className)}));`;
}
