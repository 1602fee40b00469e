import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../scripts/lib/net.ts';
import { Skipped } from '../../scripts/lib/results.ts';
import { explain } from '../../scripts/lib/say.ts';
import { type HostedServer, hostedServer } from '../fixtures/hosted-server.ts';
import { type RayHead, rayEnvironment, startRay } from '../fixtures/ray.ts';
import { type ScriptedServer, startScriptedServer } from '../fixtures/server.ts';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import { THEMES, type Theme, type Workbench } from './lib/workbench.ts';

/**
 * Train… on engines other than this machine and at a host, and a sampling round that a real Ray asks. The model of the round and the host are
 * SCRIPTED servers; nothing is trained.
 */
export default async function engineTests(suite: Suite): Promise<void> {
  const host = await hostedServer();
  const model = await startScriptedServer(({ body }) => ({
    contents: Array.from({ length: Number(body.n ?? 1) }, () => 'I think it is \\boxed{7}.'),
    latencyMs: 1500,
  }));
  try {
    await fromThePalette(suite, host, model);
  } finally {
    await host.close();
    await model.close();
  }
}

async function fromThePalette(suite: Suite, host: HostedServer, model: ScriptedServer): Promise<void> {
  const prepare = async ({ folder, longhand }: Place): Promise<Options> => {
    await changeSettings(folder, { model: { kind: 'openai', baseURL: model.baseURL, model: 'scripted' } });
    await longhand('export', folder, '--select', 'passed', '--name', 'first');
    return {};
  };
  await onSample(suite, { name: 'engines', prepare }, async ({ workbench, folder }) => {
    const walk = new Walk(workbench, folder);
    for (const theme of ['dark', 'light'] as const) {
      await workbench.theme(theme);
      walk.theme = theme;
      await suite.test(`engines: a training is planned for a Ray that others can reach, ${theme}`, () => walk.ray());
      await suite.test(`engines: a training is planned for Slurm, ${theme}`, () => walk.slurm());
      await suite.test(`engines: a hosted training asks for its key before it sends anything, ${theme}`, () =>
        walk.key(),
      );
    }
    await suite.test('engines: a hosted training is sent, followed and becomes the fine-tuned model', () =>
      walk.hosted(host),
    );
    await suite.test('engines: a Ray that anybody can reach is warned of where a round is planned', () =>
      walk.warned(),
    );
    await suite.test(
      'engines: a sampling round sends requests from a real Ray, is cancelled and resumed there',
      async () => {
        const environment = await rayEnvironment();
        if (typeof environment === 'string') throw new Skipped(environment);
        const head = await startRay(environment, { token: TOKEN });
        try {
          await walk.sample(head, model);
        } catch (error) {
          throw new Error(`${explain(error)}\n${await walk.logs()}`);
        } finally {
          await head.stop();
        }
      },
    );
  });
}

const TOKEN = 'a-token-of-the-dashboard';

/** An address that is no loopback by its name, though a connection to it never leaves this machine; at a port without a server. */
async function openAddress(): Promise<string> {
  return `http://0.0.0.0:${await freePort()}`;
}

class Walk {
  readonly #workbench: Workbench;
  readonly #folder: string;
  theme: Theme = 'dark';

  constructor(workbench: Workbench, folder: string) {
    this.#workbench = workbench;
    this.#folder = folder;
  }

  async #shot(name: string): Promise<void> {
    await this.#workbench.screenshot(`${name}-${this.theme}`);
  }

  async #begin(trainer: string): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Train…');
    await workbench.asks('Train on which export');
    await workbench.pick('first');
    await workbench.asks('Which trainer', 60_000);
    await this.#shot('trainer');
    await workbench.pick(trainer);
  }

  async #looked(): Promise<string> {
    const workbench = this.#workbench;
    await workbench.asks(/Nothing runs yet|Not ready to train/, 120_000);
    return workbench.quickInputText();
  }

  async #leave(): Promise<void> {
    await this.#workbench.page.keyboard.press('Escape');
    await this.#workbench.clearNotifications();
  }

  async ray(): Promise<void> {
    const workbench = this.#workbench;
    const address = await openAddress();
    await this.#begin('TRL');
    await workbench.asks('Train which model', 60_000);
    await workbench.pick(/Name on the Hugging Face Hub/);
    await workbench.fill('Name of a model', 'somebody/tiny');
    await workbench.asks('Run where');
    await this.#shot('engine');
    await workbench.pick('Ray…');
    await workbench.asks('Address of the Ray dashboard');
    await this.#shot('ray-address');
    await workbench.fill('Address of the Ray dashboard', 'http://me:secret@127.0.0.1:8265');
    await workbench.asks('Remove the name, the password');
    await this.#shot('ray-secret');
    await workbench.fill('Remove the name, the password', address);
    await workbench.asks('Token of the dashboard');
    await this.#shot('ray-token');
    await workbench.fill('Token of the dashboard', '');
    await workbench.asks('A folder that all nodes share');
    await this.#shot('ray-folder');
    await workbench.fill('A folder that all nodes share', '');
    const shown = await this.#looked();
    await this.#shot('ray-plan');
    // Rows that were drawn again come last in the page, wherever they are shown.
    assert.match(shown, /^Errors$/m);
    assert.match(shown, /does not answer/);
    assert.match(shown, /can run programs on this cluster/);
    assert.match(shown, /Checkpoints and the trained model are lost/);
    await workbench.pick('Cluster resources');
    await workbench.fill('GPUs to request', '2');
    await workbench.fill('CPU cores to request', '8');
    assert.match(await this.#looked(), /GPUs: 2 · cores: 8/);
    await this.#leave();
  }

  async slurm(): Promise<void> {
    const workbench = this.#workbench;
    await this.#begin('TRL');
    await workbench.asks('Train which model', 60_000);
    await workbench.pick(/Name on the Hugging Face Hub/);
    await workbench.fill('Name of a model', 'somebody/tiny');
    await workbench.asks('Run where');
    await workbench.pick('Slurm…');
    await workbench.asks('A host for ssh');
    await this.#shot('slurm-host');
    await workbench.fill('A host for ssh', '');
    await workbench.asks('Partition');
    await this.#shot('slurm-partition');
    await workbench.fill('Partition', '');
    await workbench.asks('A folder that all nodes share');
    await workbench.fill('A folder that all nodes share', 'shared');
    await workbench.asks('An absolute path');
    await this.#shot('slurm-folder');
    await workbench.fill('An absolute path', '/shared/longhand');
    const shown = await this.#looked();
    await this.#shot('slurm-plan');
    assert.match(shown, /Slurm/);
    await this.#leave();
  }

  async key(): Promise<void> {
    const workbench = this.#workbench;
    await this.#begin('Together');
    await workbench.asks('Name of a model at Together');
    await this.#shot('host-model');
    await workbench.fill('Name of a model at Together', 'Qwen/Qwen3-8B');
    const shown = await this.#looked();
    await this.#shot('host-plan');
    assert.match(shown, /Together · uploads the data, paid/);
    // A hosted service ignores these settings.
    assert.doesNotMatch(shown, /Batch size|Cluster resources|on the CPU/);
    await workbench.pick(/^.?\s*Start /);
    await workbench.asks('API key for api.together.ai', 60_000);
    await this.#shot('host-key');
    await workbench.page.keyboard.press('Escape');
    assert.equal((await readdir(join(this.#folder, 'runs')).catch(() => [])).length, 0);
    await this.#leave();
  }

  async hosted(host: HostedServer): Promise<void> {
    const workbench = this.#workbench;
    host.script = ({ looks }) => ({
      status: looks < 3 ? 'running' : 'succeeded',
      more: { fine_tuned_model: 'ft:tiny:me' },
      events: [{ id: 'e', created_at: 1, type: 'metrics', data: { step: 1, train_loss: 0.5, total_steps: 1 } }],
    });
    await this.#begin('OpenAI-compatible');
    await workbench.fill('Name of a model at', 'tiny');
    await this.#looked();
    await workbench.pick('Edit Configuration');
    await workbench.tab(/hosted\.json/);
    await workbench.page.locator('.editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+a');
    const config = {
      host: 'openai',
      baseURL: host.baseURL,
      job: { model: 'tiny' },
      pollSeconds: 1,
      setFineTuned: true,
    };
    await workbench.page.keyboard.insertText('not yet');
    await workbench.button('Continue');
    assert.match(await this.#looked(), /hosted\.json is not valid JSON/);
    await this.#shot('host-broken');
    await workbench.pick('Edit Configuration');
    await workbench.tab(/hosted\.json/);
    await workbench.page.locator('.editor-instance .view-lines').first().click();
    await workbench.page.keyboard.press('Control+a');
    await workbench.page.keyboard.insertText(JSON.stringify(config));
    // What the editor closed by itself.
    await workbench.page.keyboard.press('Control+Shift+End');
    await workbench.page.keyboard.press('Delete');
    await workbench.button('Continue');
    await this.#looked();
    await workbench.pick(/^.?\s*Start /);
    await workbench.notified(/is finished/, 120_000);
    await this.#shot('host-finished');
    const settings = JSON.parse(await readFile(join(this.#folder, 'longhand.json'), 'utf8')) as { fineTuned: unknown };
    assert.deepEqual(settings.fineTuned, { kind: 'openai', baseURL: host.baseURL, model: 'ft:tiny:me' });
    await workbench.clearNotifications();
  }

  async #place(address: string): Promise<void> {
    const workbench = this.#workbench;
    const frame = workbench.webview();
    await frame.getByRole('button', { name: 'Change…' }).click();
    await workbench.asks('Send the requests of this round from where');
    await this.#shot('place');
    await workbench.pick(/^.?\s*Ray…/);
    await workbench.fill('Address of the Ray dashboard', address);
  }

  async warned(): Promise<void> {
    const workbench = this.#workbench;
    const address = await openAddress();
    await workbench.command('Longhand: Plan Sampling Round…');
    const frame = workbench.webview();
    await frame.getByRole('button', { name: /Run round/ }).waitFor({ timeout: 120_000 });
    await this.#place(address);
    await workbench.fill('Token of the dashboard', '');
    await workbench.page.locator('.monaco-dialog-box').waitFor();
    await this.#shot('place-warning');
    await workbench.button('Use It Anyway');
    await workbench.asks('No requests sent yet');
    await this.#shot('place-how');
    await workbench.pick(/^.?\s*Send From Ray/);
    await frame.getByText(/can run programs on this cluster/).waitFor();
    for (const theme of Object.keys(THEMES) as Theme[]) {
      await workbench.theme(theme);
      this.theme = theme;
      await this.#shot('place-page');
    }
    await workbench.theme('dark');
    this.theme = 'dark';
  }

  /** The ends of the logs and states of rounds and runs, for the error of a walk. */
  async logs(): Promise<string> {
    const folder = this.#folder;
    const files = (await readdir(folder, { recursive: true })).filter((name) =>
      /(?:log\.txt|end\.json|state\.json|runner\.(?:json|log)|attempts\.jsonl)$/.test(name),
    );
    const ends = files.map(async (name) => `${name}\n${(await readFile(join(folder, name), 'utf8')).slice(-2_000)}`);
    return (await Promise.all(ends)).join('\n');
  }

  async sample(head: RayHead, model: ScriptedServer): Promise<void> {
    const workbench = this.#workbench;
    await workbench.command('Longhand: Plan Sampling Round…');
    const frame = workbench.webview();
    const set = async (label: string, value: string): Promise<void> => {
      const field = frame.getByLabel(label, { exact: true });
      await field.fill(value);
      await field.press('Tab');
    };
    await frame.getByLabel('Model', { exact: true }).selectOption('base');
    await set('Samples by stage', '1, 2');
    await set('Max problems', '12');
    await set('Requests in flight', '1');
    await this.#place(head.address);
    await workbench.fill('Token of the dashboard', TOKEN);
    await workbench.asks('No requests sent yet');
    await workbench.pick('Processes');
    await workbench.fill('Number of replicas or processes', '2');
    await workbench.asks('No requests sent yet');
    await workbench.pick(/^.?\s*Send From Ray/);
    await frame.getByText(/through Ray at/).waitFor();
    await workbench.until(
      'a plan that can be run',
      async () => !(await frame.getByRole('button', { name: /Run round/ }).isDisabled()),
    );
    await this.#shot('batch-plan');
    await frame.getByRole('button', { name: /Run round/ }).click();
    await workbench.until('requests from Ray', async () => model.received.length > 2, 180_000);
    await workbench.command('View: Show Longhand');
    await workbench.until(
      'the batch in the tree, as one that runs',
      async () => (await workbench.tree('Datasets')).some((row) => /1-sampling-batch-1\s*(running|\d+ of)/.test(row)),
      60_000,
    );
    await this.#shot('batch-running');
    await workbench.command('Longhand: Stop…');
    await workbench.notified(/1-sampling was cancelled/, 120_000);
    await workbench.clearNotifications();
    await workbench.command('Longhand: Resume…');
    await workbench.asks('Resume 1-sampling where?', 60_000);
    await this.#shot('batch-resume');
    await workbench.pick(/as before/);
    await workbench.notified(/1-sampling is finished: .* of 12 problems solved/, 240_000);
    await this.#shot('batch-finished');
    const batches = (await readdir(join(this.#folder, 'runs'))).filter((name) => name.startsWith('1-sampling-batch'));
    assert.ok(batches.length >= 2, `batches: ${batches.join(', ')}`);
    assert.ok((await workbench.tree('Datasets')).some((row) => row.includes('1-sampling-batch-1')));
    await workbench.clearNotifications();
  }
}
