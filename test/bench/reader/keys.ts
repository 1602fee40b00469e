import type { Browser, Page } from 'playwright-core';
import type { ReviewSource } from '../../../src/editor/review/session.ts';
import { openReader } from './host.ts';
import { clickInto } from './look.ts';
import { THEMES } from './themes.ts';
import { type Longest, longestTask, MARK, startTrace } from './trace.ts';

/** From the key's event to the next chain's first frame, over 48 accepts, one every `pause` ms. Prints it. */
export async function measureKeys(within: Browser, source: ReviewSource, pause: number): Promise<void> {
  const reader = await openReader(within, source, THEMES.dark);
  try {
    await allMaths(reader.page);
    await clickInto(reader.page, '.trace h2');
    const trace = await startTrace(within);
    await reader.page.evaluate(`(() => {
      const presses = (window.__presses = []); performance.mark('${MARK}');
      addEventListener('keydown', (event) => { window.__pressed = event.timeStamp; }, true);
      new MutationObserver(() => {
        const pressed = window.__pressed;
        if (pressed === undefined) return;
        window.__pressed = undefined;
        requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => presses.push(performance.now() - pressed); c.port2.postMessage(0); });
      }).observe(document.querySelector('main'), { childList: true });
    })()`);
    for (let press = 0; press < 48; press += 1) {
      await reader.page.keyboard.press('a');
      await reader.page.waitForTimeout(pause);
    }
    const task = await longestTask(trace);
    const presses = (await reader.page.evaluate<number[]>('window.__presses')).sort((a, b) => a - b);
    const at = (share: number): string => (presses[Math.floor(share * (presses.length - 1))] ?? Number.NaN).toFixed(1);
    console.log(
      `accept, one every ${pause} ms: ${presses.length} presses, next chain painted p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ` +
        `max ${at(1)} ms; longest task ${longest([task])}`,
    );
  } finally {
    await reader.close();
  }
}

/** Waits from outside: a predicate polled inside of the page would need `unsafe-eval`. */
export async function allMaths(page: Page): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if (await page.evaluate<boolean>('window.__times.maths !== undefined')) return;
    await page.waitForTimeout(100);
  }
  throw new Error('The maths of the chain was not on the screen after a minute.');
}

/** The worst of all runs depends on the machine: the longest task of the median run is reported. */
export function longest(tasks: Longest[]): string {
  const middle = (values: number[]): string => [...values].sort((a, b) => a - b)[values.length >> 1]?.toFixed(0) ?? '?';
  return `${middle(tasks.map(({ wall }) => wall))} ms by the clock, ${middle(tasks.map(({ cpu }) => cpu))} ms of processor time`;
}
