import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { ReviewSession, type ReviewSource } from '../../../src/editor/review/session.ts';
import { FromReader, type ToReader } from '../../../src/protocol/review.ts';
import { serveReader } from './serve.ts';
import type { Theme } from './themes.ts';
import { MARK } from './trace.ts';

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

/** A page that shows the reader. */
interface ReaderPage {
  page: Page;
  close(): Promise<void>;
}

/** Serves the built reader on loopback under the extension's content policy and opens it with a real session behind it. */
export async function openReader(
  browser: Browser,
  source: ReviewSource,
  theme: Theme,
  viewport = { width: 1280, height: 820 },
): Promise<ReaderPage> {
  const server = await serveReader(theme, STAND_IN);
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
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
    await send({ type: 'snapshot', ack, ...view, reviewer: source.reviewer, dataset: 'file:///dataset', filters: [] });
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
        const found = await session.compared(message.chainIds, message.columns);
        return found === undefined ? undefined : send({ type: 'compared', ack, ...found });
      }
      case 'phases': {
        const runs = await session.phases(message.chainId);
        return runs === undefined ? undefined : send({ type: 'phases', request: message.request, runs });
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
  await page.goto(`${server.origin}/`);
  return {
    page,
    close: async () => {
      await context.close();
      await server.close();
    },
  };
}
