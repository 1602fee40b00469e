import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Received, type ScriptedServer, startScriptedServer } from '../fixtures/server.ts';
import type { Suite } from './lib/harness.ts';
import { changeSettings, type Options, onSample, type Place } from './lib/on-sample.ts';
import type { Workbench } from './lib/workbench.ts';

/** Judging, grading a file and comparing gradings, from the palette. The judge is a SCRIPTED server: it shows the road, not what a judge is worth. */
export default async function wizardTests(suite: Suite): Promise<void> {
  const judge = await startScriptedServer((request) => ({ content: labelsFor(request) }));
  try {
    await fromThePalette(suite, judge);
  } finally {
    await judge.close();
  }
}

/** Calls every third sentence that is asked about a verification. */
function labelsFor({ body }: Received): string {
  const asking = (body.messages as { content: string }[]).findLast(({ content }) =>
    content.includes('Sentences to label:'),
  );
  const part = asking?.content.split('Sentences to label:')[1] ?? '';
  const numbers = [...part.matchAll(/^\[(\d+)\] /gm)].map(([, n]) => Number(n));
  const labels = numbers.map((n) => [String(n), n % 3 === 0 ? ['verification'] : []] as const);
  return JSON.stringify({ labels: Object.fromEntries(labels) });
}

async function fromThePalette(suite: Suite, judge: ScriptedServer): Promise<void> {
  const model = { kind: 'openai', baseURL: judge.baseURL, model: 'scripted' };
  const prices = [{ host: judge.host, model: 'scripted', prompt: 1, completion: 2 }];
  const rows = [
    { gold: '1/2', prediction: 'so the answer is 0.5' },
    { gold: '7', prediction: '8' },
  ];
  const prepare = async ({ folder }: Place): Promise<Options> => {
    await changeSettings(folder, { judge: { model }, prices });
    await writeFile(join(folder, 'answers.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return {};
  };
  await onSample(suite, { name: 'wizards', prepare }, async ({ workbench, folder }) => {
    await suite.test('wizards: a judge is measured on labels by people before it is trusted', () =>
      measuring(workbench, folder),
    );
    await suite.test(
      'wizards: a judge is planned with its cost, labels the sample, and its disagreements are offered',
      () => judging(workbench, folder, judge),
    );
    await suite.test('wizards: a file is graded beside itself', () => gradeFile(workbench, folder));
    await suite.test('wizards: two gradings are compared, and the page waits for its button', () => compare(workbench));
  });
}

/** A file of labels by people, whose second sentence checks. */
async function measuring(workbench: Workbench, folder: string): Promise<void> {
  const text = 'The sum is 4. Let me check it. It is 4 again. So the answer is 4.';
  const spans = [{ kind: 'verification', start: 14, end: 45 }];
  const file = join(folder, 'labels.jsonl');
  await writeFile(file, `${JSON.stringify({ id: 'a', problem: 'What is 2 + 2?', text, spans })}\n`);
  await workbench.command('Longhand: Label Behaviours with a Model…');
  await workbench.pick(/scripted/);
  await workbench.pick(/All chains/);
  await workbench.asks(/No requests sent yet/, 60_000);
  await workbench.pick(/Second pass: off/);
  await workbench.pick(/Second pass: on/);
  await workbench.pick(/Measure on labels by people/);
  await workbench.chooseFile(file);
  await workbench.pick(/All sentences/);
  await workbench.tab(/scripted on labels\.jsonl\.txt/);
  // The scripted judge calls the third sentence a verification: one of two is found, and nothing else.
  await workbench.page
    .locator('.view-line', { hasText: /verification.*0\.67.*1\.00.*0\.50/ })
    .first()
    .waitFor();
  await workbench.screenshot('judge-measured');
  await workbench.command('View: Close All Editors');
}

async function judging(workbench: Workbench, folder: string, judge: ScriptedServer): Promise<void> {
  await workbench.command('Longhand: Label Behaviours with a Model…');
  await workbench.asks(/Which model is the judge/);
  await workbench.screenshot('judge-model');
  await workbench.pick(/scripted/);
  await workbench.asks(/Which chains/);
  await workbench.screenshot('judge-scope');
  await workbench.pick(/All chains/);
  await workbench.asks(/No requests sent yet/, 60_000);
  await workbench.screenshot('judge-plan');
  // One request was for the measurement.
  assert.equal(judge.received.length, 1);
  await workbench.page.keyboard.press('Enter');
  await workbench.notified(/differ|disagree/i, 60_000);
  await workbench.screenshot('judge-done');
  const judged = await readFile(join(folder, 'rounds', '0-handwritten', 'judgements.jsonl'), 'utf8');
  assert.equal(judged.trimEnd().split('\n').length, 18);
  await workbench.clearNotifications();
}

async function gradeFile(workbench: Workbench, folder: string): Promise<void> {
  await workbench.command('Longhand: Grade File…');
  await workbench.chooseFile(join(folder, 'answers.jsonl'));
  await workbench.pick(/default/);
  const graded = (): Promise<string> => readFile(join(folder, 'answers.graded.jsonl'), 'utf8').catch(() => '');
  await workbench.until('the graded rows', async () => (await graded()).includes('"verdict"'));
  const verdicts = (await graded())
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
  assert.deepEqual(verdicts, ['correct', 'incorrect']);
  await workbench.notified(/2 rows graded, 1 correct/);
  await workbench.screenshot('graded-dark');
  assert.deepEqual(await workbench.tabs(), []);
  await workbench.button('Show Summary');
  await workbench.tab(/summary of answers/);
  await workbench.webview().getByText('decided by').waitFor();
  await workbench.screenshot('graded-summary-dark');
}

async function compare(workbench: Workbench): Promise<void> {
  for (const policy of [/default/, /boxed/]) {
    await workbench.command('Longhand: Rework Dataset…', 'Regrade Answers…');
    await workbench.pick(policy);
    await workbench.notified(/would flip/i, 60_000);
    await workbench.clearNotifications();
  }
  await workbench.theme('light');
  await workbench.command('Longhand: Compare Gradings or Evaluations…', /^\s*Gradings…/);
  await workbench.asks(/Which grading is A/);
  await workbench.screenshot('compare-pick-light');
  await workbench.pick(/1-default/);
  await workbench.pick(/2-boxed/);
  await workbench.notified(/verdicts differ/);
  await workbench.screenshot('compared-light');
  assert.ok(!(await workbench.tabs()).some((name) => name.includes('2-boxed')), 'the page came by itself');
  await workbench.button('Show Comparison');
  await workbench.tab(/1-default and 2-boxed/);
  await workbench.webview().getByText('with the same verdict').waitFor();
  await workbench.screenshot('comparison-light');
}
