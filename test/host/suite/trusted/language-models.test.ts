import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { test } from '../../harness.ts';

// The models are SCRIPTED ones of the extension in test/host/provider; all between them and the round is real.

const VENDOR = 'longhand-scripted';
interface Heard {
  id: string;
  messages: number;
  modelOptions: Record<string, unknown>;
}

const workspace = (): string => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return folder.uri.fsPath;
};

/** The command line on its own, as from a terminal: no window lends it a model. */
function longhand(...args: string[]): Promise<{ code: number; stderr: string }> {
  const extension = vscode.extensions.getExtension('longhand.longhand');
  assert.ok(extension);
  const cli = join(extension.extensionPath, 'dist', 'cli.mjs');
  const { LONGHAND_VSCODE_URL: _url, LONGHAND_VSCODE_TOKEN: _token, ...rest } = process.env;
  const env = { ...rest, ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, _stdout, stderr) => {
      resolve({ code: error ? 1 : 0, stderr });
    });
  });
}

interface Runner {
  state: string;
  message?: string;
  calls: number;
}

async function runnerOf(round: string): Promise<Runner> {
  return JSON.parse(await readFile(join(workspace(), 'rounds', round, 'runner.json'), 'utf8')) as Runner;
}

async function ended(round: string): Promise<Runner> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
    const runner = await runnerOf(round);
    if (['finished', 'failed', 'cancelled'].includes(runner.state)) return runner;
  }
  const log = await readFile(join(workspace(), 'rounds', round, 'runner.log'), 'utf8').catch(
    () => 'no runner was started',
  );
  throw new Error(`round ${round} did not end: ${JSON.stringify(await runnerOf(round))}\n${log}`);
}

/** A round whose model is one of VS Code's, planned where no window lends it. */
async function withRound(id: string, work: (round: string, message: string) => Promise<void>): Promise<void> {
  const settings = join(workspace(), 'longhand.json');
  const before = await readFile(settings, 'utf8');
  const round = `7-${id}`;
  const model = { kind: 'vscode', vendor: VENDOR, family: 'scripted', model: id };
  await writeFile(settings, JSON.stringify({ ...JSON.parse(before), model }));
  try {
    const tries = ['--answer1', '2', '--answer2', '1', '--check', '1', '--summary', '1'];
    const { code, stderr } = await longhand('generate', workspace(), '--problems', '1', '--name', id, ...tries);
    assert.equal(code, 1);
    const made = /Round (\S+):/.exec(stderr)?.[1] ?? round;
    try {
      await work(made, stderr);
    } finally {
      await rm(join(workspace(), 'rounds', made), { recursive: true, force: true });
    }
  } finally {
    await writeFile(settings, before);
  }
}

const resume = (round: string): Thenable<unknown> =>
  vscode.commands.executeCommand('longhand.resume', {
    kind: 'round',
    ref: { folder: workspace(), name: '' },
    round,
  });

async function heardBy(id: string): Promise<Heard[]> {
  const provider = vscode.extensions.getExtension<{ heard: Heard[] }>('longhand-test.scripted-models');
  assert.ok(provider, 'the extension with the scripted models is not there');
  const { heard } = await provider.activate();
  return heard.filter((one) => one.id === id);
}

test('a round asks a model of VS Code through its window, and waits where no window is open', async () => {
  assert.equal((await vscode.lm.selectChatModels({ vendor: VENDOR, id: 'willing' })).length, 1);
  await withRound('willing', async (round, message) => {
    assert.match(message, /window that lends it is not open/);
    assert.match(message, /Longhand: Resume…/);
    assert.equal((await runnerOf(round)).state, 'interrupted');
    assert.equal((await heardBy('willing')).length, 0);
    await resume(round);
    const runner = await ended(round);
    assert.equal(runner.state, 'finished', runner.message);
    const heard = await heardBy('willing');
    assert.ok(runner.calls > 0 && heard.length === runner.calls, `${runner.calls} calls, ${heard.length} heard`);
    assert.deepEqual(Object.keys(heard[0]?.modelOptions ?? {}).sort(), ['max_tokens', 'seed', 'temperature', 'top_p']);
    const journal = await readFile(join(workspace(), 'rounds', round, 'journal.jsonl'), 'utf8');
    const line = JSON.parse(journal.split('\n')[0] ?? '');
    assert.equal(line.request.host, `vscode:${VENDOR}`);
    assert.equal(line.reply.text, 'The answer is \\boxed{1}.');
    assert.equal(line.reply.reasoning, 'It must be one.');
    assert.equal(line.reply.usage.estimated, false);
    assert.doesNotMatch(await readFile(join(workspace(), 'rounds', round, 'runner.log'), 'utf8'), /[0-9a-f]{64}/);
  });
});

test('a round reports that VS Code blocks its model', async () => {
  await withRound('blocked', async (round) => {
    await resume(round);
    const runner = await ended(round);
    assert.equal(runner.state, 'failed');
    assert.match(runner.message ?? '', /blocks calls to Blocked.*quota of today/);
  });
});
