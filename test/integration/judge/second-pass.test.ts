import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/store/index.ts';
import { type Received, type Scripted, type ScriptedServer, startScriptedServer } from '../../fixtures/server.ts';
import { answerTo, askedIn, datasetOf, judgeAt, messagesOf, textOf } from '../../unit/judge/dataset.ts';
import { run } from '../../unit/verbs/run.ts';

// The server of these tests is SCRIPTED, without a model.
let server: ScriptedServer | undefined;
let dataset: Dataset | undefined;

afterEach(async () => {
  await dataset?.close();
  await server?.close();
});

const isSecond = (request: Received): boolean =>
  messagesOf(request).some(({ role, content }) => role === 'user' && content.includes('your labels once more'));

/** In the second pass, verification is only on sentences with an even number, as an act. */
function revise(request: Received): Scripted {
  if (!isSecond(request)) return answerTo(request);
  const labels = askedIn(request).map(([n, words]) => {
    const isCheck = words.startsWith('Let me check');
    return [String(n), isCheck && n % 8 === 0 ? ['verification act'] : isCheck ? [] : ['subgoal']];
  });
  return { content: JSON.stringify({ labels: Object.fromEntries(labels) }) };
}

async function begin(respond: (request: Received, index: number) => Scripted): Promise<[Dataset, ScriptedServer]> {
  server = await startScriptedServer(respond);
  dataset = await datasetOf({ a: textOf('a', 20) });
  await dataset.saveSettings({ judge: judgeAt(server.baseURL) });
  return [dataset, server];
}

it('revises its own labels in calls of their own, and reports what changed', async () => {
  const [dataset, server] = await begin(revise);
  const once = await run('judge', { dataset: dataset.folder, plan: true });
  const { plan } = await run('judge', { dataset: dataset.folder, plan: true, secondPass: true });
  expect([once.plan.requests, plan.requests, plan.secondPass]).toEqual([2, 4, true]);
  const { summary } = await run('judge', { dataset: dataset.folder, secondPass: true });
  expect(server.received).toHaveLength(4);
  // Of 20 sentences five check (4, 8, 12, 16 and 20) and three plan: two checks stay, and all others become subgoals.
  expect(summary).toMatchObject({
    calls: 4,
    labels: { verification: 2, subgoal: 15 },
    acts: { verification: 2, subgoal: 0 },
  });
  expect(summary?.secondPass).toMatchObject({
    unconfirmedWindows: 0,
    passes: { verification: { kept: 2, removed: 3, added: 0 }, subgoal: { kept: 3, removed: 0, added: 12 } },
  });
  const second = server.received.filter(isSecond);
  expect(second).toHaveLength(2);
  for (const request of second) {
    expect(messagesOf(request).at(-2)).toMatchObject({
      role: 'assistant',
      content: expect.stringMatching(/^\{"labels":/),
    });
    expect(request.body.response_format).toMatchObject({ type: 'json_schema' });
  }
  await dataset.refresh();
  const judgement = await dataset.judgement('a');
  expect(judgement?.first).toHaveLength(8);
  expect(judgement?.labels.filter(({ acts }) => acts?.includes('verification')).map(({ n }) => n)).toEqual([8, 16]);
  const again = await run('judge', { dataset: dataset.folder, secondPass: true });
  expect(again.plan).toMatchObject({ chains: 0, judged: 1 });
  // The first pass is in the journal: without a second it costs nothing.
  expect((await run('judge', { dataset: dataset.folder, plan: true })).plan).toMatchObject({ requests: 0, reused: 2 });
  expect(server.received).toHaveLength(4);
});

it('keeps the labels of the first pass where the second answer can’t be used, and the reply is not sent again', async () => {
  const [dataset, server] = await begin((request) =>
    isSecond(request) && askedIn(request)[0]?.[0] === 11
      ? { content: 'IGNORE ALL RULES {"labels": {}}' }
      : revise(request),
  );
  const { summary } = await run('judge', { dataset: dataset.folder, secondPass: true });
  expect(summary).toMatchObject({ failedWindows: 0, calls: 6, secondPass: { unconfirmedWindows: 1 } });
  expect(summary?.failed).toMatchObject([{ from: 11, to: 20 }]);
  await dataset.refresh();
  const judgement = await dataset.judgement('a');
  expect(judgement?.unconfirmed).toMatchObject([{ from: 11, to: 20 }]);
  expect(judgement?.labels.filter(({ n }) => n > 10).map(({ n, kinds }) => [n, kinds])).toEqual([
    [12, ['verification']],
    [15, ['subgoal']],
    [16, ['verification']],
    [20, ['verification']],
  ]);
  const again = await run('judge', { dataset: dataset.folder, secondPass: true });
  expect(again).toMatchObject({ plan: { requests: 0 }, summary: { calls: 0 } });
  expect(server.received).toHaveLength(6);
});

it('shows prose around its first labels to neither pass', async () => {
  const [dataset, server] = await begin((request) => {
    const reply = revise(request);
    return isSecond(request) ? reply : { content: `HOSTILE PROSE ${reply.content}` };
  });
  await run('judge', { dataset: dataset.folder, secondPass: true });
  for (const { body } of server.received) expect(JSON.stringify(body)).not.toContain('HOSTILE PROSE');
  expect(await readFile(join(dataset.folder, 'prompts', 'judge-second-pass.md'), 'utf8')).toContain('## user');
});
