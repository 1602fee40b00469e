import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

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
