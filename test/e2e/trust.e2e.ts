import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { copySample } from '../../scripts/lib/sample.ts';
import { inTemporaryFolder, type Suite } from './harness.ts';
import { focusReader, openReader } from './road/reader.ts';
import { Workbench } from './workbench.ts';

/** In a folder that is not trusted, reading and reviewing work; what starts a process or sends data out does not. */
export default async function trustTests(suite: Suite): Promise<void> {
  await inTemporaryFolder('trust', (home) => inRestrictedMode(suite, home));
}

async function inRestrictedMode(suite: Suite, home: string): Promise<void> {
  const folder = join(home, 'dataset');
  await copySample(folder);
  const screenshots = join(ARTIFACTS, 'e2e', 'trust');
  const settings = { 'longhand.reviewer': 'guest' };
  const workbench = await Workbench.start({ vsix: suite.vsix, folder, screenshots, settings, trusted: false });
  try {
    await suite.test('restricted mode: a chain can be read and accepted', async () => {
      await workbench.until('restricted mode', async () => (await workbench.statusBar()).includes('Restricted Mode'));
      await focusReader(await openReader(workbench));
      await workbench.page.keyboard.press('a');
      const written = (): Promise<string> => readFile(join(folder, 'reviews', 'guest.jsonl'), 'utf8').catch(() => '');
      await workbench.until('the decision in the file', async () => (await written()).includes('"accept"'));
      await workbench.screenshot('restricted');
    });
    await suite.test('restricted mode: no command that starts a process is offered', async () => {
      for (const title of ['Import Problems…', 'Select Model…', 'Generate Chains…', 'Export Training Set…']) {
        assert.equal(await workbench.offers(`Longhand: ${title}`), false, `${title} is offered`);
      }
      await workbench.page.keyboard.press('Escape');
    });
  } finally {
    await workbench.close();
  }
}
