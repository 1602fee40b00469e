import type { FrameLocator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** Opens the page of Export Training Set. */
export async function openExportPage(workbench: Workbench): Promise<FrameLocator> {
  await workbench.command('Longhand: Export Training Set…');
  const frame = workbench.webview();
  await frame.getByRole('button', { name: /Write$/ }).waitFor({ timeout: 60_000 });
  await planned(frame);
  return frame;
}

/** Waits for the plan of the last change. */
export async function planned(frame: FrameLocator): Promise<void> {
  await frame.locator('.outcome[aria-busy="false"]').waitFor({ timeout: 60_000 });
}

/** Sets a field of the page by its label, and waits for the plan. */
export async function setField(frame: FrameLocator, label: string, value: string): Promise<void> {
  const field = frame.getByLabel(label, { exact: true });
  await field.fill(value);
  await field.press('Tab');
  await planned(frame);
}

/** Presses Write as soon as the plan is there. @returns the notification */
export async function writeExport(workbench: Workbench, frame: FrameLocator): Promise<string> {
  const write = frame.getByRole('button', { name: /Write$/ });
  await workbench.until('a plan that can be written', () => write.isEnabled());
  await write.click();
  return workbench.notified(/Exported \d/);
}
