import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { accessibilityProblems } from './lib/axe.ts';
import type { Suite } from './lib/harness.ts';
import { onSample, type Walk } from './lib/on-sample.ts';

const PICTURES = join(ARTIFACTS, 'e2e', 'share');

/** A review as a page, in a browser without VS Code. */
export default async function shareTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'share' }, async (walk) => {
    await suite.test('share: a query becomes a page that a browser shows alone, in light and dark', () => share(walk));
  });
}

async function share({ workbench, home }: Walk): Promise<void> {
  const file = join(home, 'review.html');
  await workbench.command('Longhand: Share Review…');
  await workbench.asks(/chains match/);
  await workbench.input.fill('class = FT');
  await workbench.asks(/of \d+ chains match/);
  await workbench.page.keyboard.press('Enter');
  await workbench.chooseFile(file);
  await workbench.notified(/review\.html/);
  await workbench.clearNotifications();
  const context = await workbench.page
    .context()
    .browser()
    ?.newContext({ viewport: { width: 1280, height: 860 } });
  assert.ok(context);
  await mkdir(PICTURES, { recursive: true });
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => requests.push(request.url().slice(0, 80)));
  await page.goto(pathToFileURL(file).href);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator('.trace .katex').first().waitFor();
    await page.locator('.trace[aria-busy="false"]').waitFor();
    assert.deepEqual(await accessibilityProblems(page), [], colorScheme);
    await page.screenshot({ path: join(PICTURES, `page-${colorScheme}.png`) });
  }
  const heading = page.getByRole('heading', { level: 1 });
  assert.match((await heading.textContent()) ?? '', /^Chain 1 of \d+$/);
  await page.keyboard.press('n');
  assert.match((await heading.textContent()) ?? '', /^Chain 2 of \d+$/);
  await page.locator('nav button').last().click();
  // Texts are rendered in slices.
  await page.locator('.trace .span').first().waitFor();
  await page.setViewportSize({ width: 420, height: 800 });
  await page.screenshot({ path: join(PICTURES, 'page-narrow.png') });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    requests.filter((url) => !/^(?:file|data):/.test(url)),
    [],
  );
  await context.close();
}
