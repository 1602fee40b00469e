import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import type { Suite } from './lib/harness.ts';
import { onSample } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';
import { openReader } from './road/reader.ts';

/** Screenshots of what a user looks at most, in a dark, a light and a high-contrast theme: artifacts/e2e/themes. */
export default async function themeTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'themes' }, async ({ workbench }) => {
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await suite.test(`themes: walkthrough, trees and reader in ${theme}`, async () => {
        await workbench.theme(theme);
        const pictures = [
          await walkthrough(workbench, theme),
          await trees(workbench, theme),
          await reader(workbench, theme),
        ];
        // A blank page of this size compresses to less than 10 kB.
        for (const picture of pictures)
          assert.ok((await stat(picture)).size > 15_000, `${picture} shows almost nothing`);
      });
    }
  });
}

async function walkthrough(workbench: Workbench, theme: Theme): Promise<string> {
  await workbench.command('View: Close All Editors');
  await workbench.command('Longhand: Open Walkthrough');
  await workbench.page.locator('.getting-started-category, .gettingStartedContainer').first().waitFor();
  await workbench.page.getByText('Get Started with Longhand').first().waitFor();
  return workbench.screenshot(`walkthrough-${theme}`);
}

async function trees(workbench: Workbench, theme: Theme): Promise<string> {
  await workbench.command('View: Close All Editors');
  await workbench.command('View: Show Longhand');
  await workbench.until('chains in the review queue', async () => (await workbench.tree('Review Queue')).length > 3);
  return workbench.screenshot(`trees-${theme}`);
}

/** Text must differ from its ground by 4.5 to 1 at least (WCAG 2.2, 1.4.3), by what the browser paints in each theme. */
async function reader(workbench: Workbench, theme: Theme): Promise<string> {
  const frame = await openReader(workbench);
  await frame.locator('.label .name').first().waitFor();
  // As text: the tests are typed for Node, without the DOM. The canvas turns any notation of a colour into red, green and blue.
  const painted: unknown = await frame.locator('body').evaluate(`(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgb = (colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const ground = getComputedStyle(document.documentElement).getPropertyValue('--vscode-editor-background');
    const texts = [document.body, ...document.querySelectorAll('.trace p, .label .name, .kind')];
    return texts.map((one) => [one.className || one.tagName, rgb(getComputedStyle(one).color), rgb(ground)]);
  })()`);
  for (const [what, text, ground] of painted as [string, number[], number[]][]) {
    const [a, b] = [luminance(text), luminance(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    assert.ok(contrast >= 4.5, `${what} (${text}) against its ground (${ground}): ${contrast.toFixed(2)} to 1`);
  }
  return workbench.screenshot(`reader-${theme}`);
}

/** Relative luminance of red, green and blue from 0 to 255; 0 to 1, by WCAG 2.2. */
function luminance(colour: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = colour.map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
