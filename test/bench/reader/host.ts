import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { contentPolicy, reviewPage } from '../../../src/editor/review/page.ts';
import { ReviewSession } from '../../../src/editor/review/session.ts';
import type { ReviewSource } from '../../../src/editor/review/source.ts';
import { FromReader, type ToReader } from '../../../src/protocol/review.ts';
import { MARK } from './trace.ts';

const built = resolve(import.meta.dirname, '../../../dist/webview');
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };
const NONCES = { nonce: 'bench', styleNonce: 'bench-style' };

/**
 * What VS Code's webview gives the reader: `acquireVsCodeApi`, and the theme as custom properties of the root. It notes when
 * the snapshot came and when its text and its last formula were on the screen.
 */
const STAND_IN = `
  const state = sessionStorage.getItem('state');
  const times = (window.__times = { errors: [] });
  window.addEventListener('message', ({ data }) => { if (data.type !== 'snapshot' || times.snapshot) return; times.snapshot = performance.now(); performance.mark('${MARK}'); }, true);
  document.addEventListener('securitypolicyviolation', (event) => times.errors.push('policy: ' + event.violatedDirective + ' ' + event.sourceFile + ':' + event.lineNumber));
  const painted = (name) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => (times[name] ??= performance.now()); c.port2.postMessage(0); });
  new MutationObserver(() => {
    const trace = document.querySelector('.trace');
    if (trace && !times.textSeen) { times.textSeen = true; painted('text'); }
    if (trace?.getAttribute('aria-busy') === 'false' && !times.mathsSeen) { times.mathsSeen = true; painted('maths'); }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy'] });
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void window.toHost(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (value) => sessionStorage.setItem('state', JSON.stringify(value)),
  });
`;

interface PostTarget {
  postMessage(data: unknown, origin: string): void;
}

/** A page that shows the reader, and the requests that it made besides its own files. */
export interface ReaderPage {
  page: Page;
  foreign: string[];
  send(message: ToReader): Promise<void>;
  close(): Promise<void>;
}

/** Serves the built reader on loopback under the extension's content policy and opens it with a real session behind it. */
export async function openReader(
  browser: Browser,
  source: ReviewSource,
  theme: { className: string; variables: Record<string, string> },
  viewport = { width: 1280, height: 820 },
): Promise<ReaderPage> {
  const server = createServer((request, response) => {
    void answer(new URL(request.url ?? '/', 'http://localhost').pathname, theme)
      .then(({ type, body }) => response.writeHead(200, headers(type)).end(body))
      .catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) foreign.push(request.url());
  });
  page.on('pageerror', (error) => console.error(`page: ${error.stack ?? error.message}`));
  const session = new ReviewSession(source, { id: () => randomUUID(), at: () => new Date().toISOString() });
  await session.open();
  let ack = 0;
  const announce = (text: string | undefined): Promise<void> =>
    text === undefined ? Promise.resolve() : send({ type: 'announce', text, tone: 'warning' });
  const send = (message: ToReader): Promise<void> =>
    page.evaluate((data) => (globalThis as unknown as PostTarget).postMessage(data, '*'), message);
  const snapshot = async (): Promise<void> => {
    const view = await session.view();
    await send({ type: 'snapshot', ack, ...view, reviewer: source.reviewer, dataset: 'file:///dataset' });
  };
  await page.exposeFunction('toHost', async (raw: unknown) => {
    const message = FromReader.parse(raw);
    switch (message.type) {
      case 'ready':
        ack = 0;
        return snapshot();
      case 'act':
        await announce(await session.act(message.chainId, message.act));
        break;
      case 'undo':
        await announce(await session.undo());
        break;
      case 'redo':
        await announce(await session.redo());
        break;
      case 'go':
        await announce(await session.go(message.to));
        break;
      case 'compare': {
        const found = await session.samples(message.chainId);
        return found === undefined ? undefined : send({ type: 'samples', ...found });
      }
      case 'failed':
        console.error(`reader: ${message.message}`);
        return;
      default:
        return;
    }
    ack = message.seq;
    return snapshot();
  });
  await page.goto(`${origin}/`);
  return {
    page,
    foreign,
    send,
    close: async () => {
      await context.close();
      await new Promise((done) => server.close(done));
    },
  };
}

function headers(type: string): Record<string, string> {
  return { 'content-type': type, 'content-security-policy': contentPolicy({ origin: "'self'", ...NONCES }) };
}

async function answer(
  path: string,
  theme: { className: string; variables: Record<string, string> },
): Promise<{ type: string; body: string | Buffer }> {
  if (path === '/') {
    const page = reviewPage({ origin: "'self'", script: '/review.js', style: '/review.css', ...NONCES });
    const head = `<script nonce="${NONCES.nonce}" src="/stand-in.js"></script>`;
    return { type: 'text/html', body: page.replace('<link', `${head}<link`) };
  }
  if (path === '/stand-in.js') {
    const look = `for (const [name, value] of Object.entries(${JSON.stringify(theme.variables)})) document.documentElement.style.setProperty(name, value);
      document.addEventListener('DOMContentLoaded', () => document.body.classList.add(${JSON.stringify(theme.className)}));`;
    return { type: 'text/javascript', body: STAND_IN + look };
  }
  const file = join(built, normalize(path));
  return { type: TYPES[extname(file)] ?? 'application/octet-stream', body: await readFile(file) };
}
