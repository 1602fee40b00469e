import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { BenchSource } from './chains.ts';
import { openReader, type ReaderPage } from './host.ts';
import { THEMES } from './themes.ts';

/** Opens the reader over a source, waits until its first chain is rendered to its end and clicks into the text. */
export type Open = (source: BenchSource) => Promise<ReaderPage>;

/** The way to open readers in this browser. */
export function opener(browser: Browser): Open {
  return async (source) => {
    const reader = await openReader(browser, source, THEMES.dark);
    await until(reader.page, 'document.querySelector(".trace")?.getAttribute("aria-busy") === "false"');
    await clickInto(reader.page, '.trace h2');
    return reader;
  };
}

/**
 * Clicks an element, as a person does before the first key: for half a second after a page was built, it ignores single keys unless the
 * pointer was pressed in it (webview/ui/keyboard.ts).
 */
export async function clickInto(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().click();
}

/** Waits from outside, `patience` milliseconds at most: a predicate polled inside of the page would need `unsafe-eval`. */
export async function until(page: Page, expression: string, patience = 10_000): Promise<void> {
  for (let look = 0; look < patience / 50; look += 1) {
    if (await page.evaluate<boolean>(expression)) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`never true: ${expression}`);
}

/** The text of the first element that matches the selector. */
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
