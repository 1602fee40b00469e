import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCheckpoint, writeRun } from '../fixtures/training-run.ts';
import type { Suite } from './lib/harness.ts';
import { type Options, onSample, type Place } from './lib/on-sample.ts';
import { focusReader, openReader } from './road/reader.ts';

/** In a folder that is not trusted, reading and reviewing work; what starts a process or sends data out does not. */
export default async function trustTests(suite: Suite): Promise<void> {
  await onSample(suite, { name: 'trust', prepare }, async ({ workbench, folder }) => {
    await suite.test('restricted mode: a chain can be read and accepted', async () => {
      await workbench.until('restricted mode', async () => (await workbench.statusBar()).includes('Restricted Mode'));
      await focusReader(await openReader(workbench));
      await workbench.page.keyboard.press('a');
      const written = (): Promise<string> => readFile(join(folder, 'reviews', 'trust.jsonl'), 'utf8').catch(() => '');
      await workbench.until('the decision in the file', async () => (await written()).includes('"accept"'));
      await workbench.screenshot('restricted');
    });
    await suite.test('restricted mode: no command that starts a process is offered', async () => {
      for (const title of STARTING) {
        assert.equal(await workbench.offers(`Longhand: ${title}`), false, `${title} is offered`);
      }
      await workbench.page.keyboard.press('Escape');
    });
    await suite.test('restricted mode: serving a run is refused for every caller', async () => {
      await workbench.command('Caller: Serve');
      await workbench.notified(/starts a process, which requires a trusted folder/);
      await workbench.screenshot('serve');
      assert.equal(await workbench.quickInputText(), '');
      assert.deepEqual(await readdir(join(folder, 'runs')), ['sft-1']);
      await workbench.button('Manage Workspace Trust');
      await workbench.page.locator('.workspace-trust-editor').waitFor();
    });
  });
}

async function prepare({ home, folder }: Place): Promise<Options> {
  await writeRun(folder, 'sft-1');
  await writeCheckpoint(join(folder, 'runs', 'sft-1', 'out'), 12, true);
  const caller = join(home, 'caller');
  await writeCaller(caller);
  return { trusted: false, beside: [caller] };
}

const STARTING = [
  ...['Import Problems…', 'Manage Models…', 'Generate Chains…', 'Export Training Set…'],
  ...['Train…', 'Serve Checkpoint…', 'Plan Sampling Round…'],
];

/** Another extension, which calls a command that the palette doesn't offer. */
async function writeCaller(folder: string): Promise<void> {
  await mkdir(folder);
  const manifest = {
    name: 'caller',
    publisher: 'test',
    version: '1.0.0',
    engines: { vscode: '^1.105.0' },
    main: './main.js',
    capabilities: { untrustedWorkspaces: { supported: true } },
    contributes: { commands: [{ command: 'caller.serve', title: 'Serve', category: 'Caller' }] },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const call = "vscode.commands.executeCommand('longhand.serveCheckpoint')";
  await writeFile(
    join(folder, 'main.js'),
    `const vscode = require('vscode');\nexports.activate = () => vscode.commands.registerCommand('caller.serve', () => ${call});\n`,
  );
}
