import type { FrameLocator } from 'playwright-core';
import type { Workbench } from '../lib/workbench.ts';

const WAIT = 30_000;

/** Opens the review queue and waits until the chain is there to read, maths and all. */
export async function openReader(workbench: Workbench): Promise<FrameLocator> {
  await workbench.command('Longhand: Open Review Queue');
  return readerShown(workbench);
}

/** The reader that is open or about to be. */
export async function readerShown(workbench: Workbench): Promise<FrameLocator> {
  const frame = workbench.webview();
  await frame.locator('.trace[aria-busy="false"] .block').first().waitFor({ timeout: WAIT });
  return frame;
}

/** Id of the chain that is shown. */
export async function shownChain(frame: FrameLocator): Promise<string> {
  return (await frame.locator('strong.problem-id').getAttribute('title', { timeout: WAIT })) ?? '';
}

/** Gives the keyboard to the reader, as a click beside the text does. */
export async function focusReader(frame: FrameLocator): Promise<void> {
  await frame.locator('strong.problem-id').click();
}

/** Selects a paragraph without maths by three clicks, and gives its words. */
export async function selectParagraph(frame: FrameLocator): Promise<string> {
  const paragraph = frame
    .locator('.trace .block')
    .filter({ hasNot: frame.locator('.formula') })
    .first();
  await paragraph.click({ clickCount: 3 });
  return String(await frame.locator('body').evaluate('String(getSelection())'));
}
