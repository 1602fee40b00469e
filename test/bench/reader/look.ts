import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { BenchSource } from './chains.ts';
import { openReader, type ReaderPage } from './host.ts';
import { THEMES } from './themes.ts';

/** Opens the reader over a source and waits until its first chain is rendered to its end. */
export type Open = (source: BenchSource) => Promise<ReaderPage>;

/** The way to open readers in this browser. */
export function opener(browser: Browser): Open {
  return async (source) => {
    const reader = await openReader(browser, source, THEMES.dark);
    await until(reader.page, 'document.querySelector(".trace")?.getAttribute("aria-busy") === "false"');
    return reader;
  };
}

/** Waits from outside: a predicate polled inside of the page would need `unsafe-eval`. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    if (await page.evaluate<boolean>(expression)) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`never true: ${expression}`);
}

/** The words of the first element that fits the selector. */
export async function text(page: Page, selector: string): Promise<string> {
  return page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.textContent?.trim() ?? ''`);
}

/** Selects from the first place of one string to the end of another within the trace's text nodes. */
export async function select(page: Page, from: string, to: string): Promise<void> {
  await page.evaluate(`(() => {
    const walk = document.createTreeWalker(document.querySelector('.trace'), NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let begun = false;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const start = node.data.indexOf(${JSON.stringify(from)});
      if (!begun && start >= 0) { range.setStart(node, start); begun = true; }
      const end = node.data.indexOf(${JSON.stringify(to)});
      if (begun && end >= 0) { range.setEnd(node, end + ${to.length}); break; }
    }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  })()`);
}
