import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startScriptedServer } from '../fixtures/server.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';

const KEY = 'sk-from-the-environment';

/** The key of the environment goes to a host that a dataset names only after a question. The server is SCRIPTED: it requires the key. */
export default async function keyTests(suite: Suite): Promise<void> {
  const server = await startScriptedServer(({ headers }) =>
    headers.authorization === `Bearer ${KEY}` ? { content: 'The answer is \\boxed{1}.' } : { status: 401 },
  );
  try {
    const prepare = async ({ folder, longhand }: Place): Promise<Options> => {
      await longhand('model', folder, '--url', server.baseURL, '--model', 'scripted');
      return { env: { LONGHAND_API_KEY: KEY, LONGHAND_API_HOST: '' } };
    };
    const { host } = new URL(server.baseURL);
    const keys = (): unknown[] => server.received.map(({ headers }) => headers.authorization);
    await onSample(suite, { name: 'keys', prepare }, async ({ workbench, env }) => {
      const dialog = workbench.page.locator('.monaco-dialog-box');
      await suite.test('keys: without a confirmation nothing is sent, and the error names the way', async () => {
        await workbench.command('Longhand: Manage Models…', 'Check Endpoint');
        await dialog.waitFor();
        assert.match((await dialog.textContent()) ?? '', new RegExp(`Send the key in LONGHAND_API_KEY to ${host}\\?`));
        await workbench.screenshot('question');
        await workbench.button('Continue Without Key');
        const error = await workbench.notified(/requires a key/);
        assert.match(error, new RegExp(`not sent to ${host}`));
        assert.ok(keys().length > 0 && keys().every((key) => key === undefined), String(keys()));
        await workbench.clearNotifications();
      });
      await suite.test('keys: a confirmed host gets the key, and is not asked about again', async () => {
        await workbench.open();
        await workbench.theme('light');
        await workbench.command('Longhand: Manage Models…', 'Check Endpoint');
        await dialog.waitFor();
        await workbench.screenshot('question-light');
        await workbench.button('Send Key');
        await workbench.until('the report', async () =>
          (await workbench.tabs()).some((tab) => tab.includes('scripted')),
        );
        assert.ok(keys().includes(`Bearer ${KEY}`));
        assert.deepEqual(JSON.parse(await readFile(join(env.LONGHAND_CACHE ?? '', 'key-hosts.json'), 'utf8')), [host]);
        const before = server.received.length;
        await workbench.command('Longhand: Manage Models…', 'Check Endpoint');
        await workbench.until('more calls', async () => server.received.length > before);
        assert.equal(await dialog.isVisible(), false);
      });
    });
  } finally {
    await server.close();
  }
}
