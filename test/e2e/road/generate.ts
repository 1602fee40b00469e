import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Chain, JournalLine, RoundPlan, RoundSummary } from '../../../src/core/schemas/index.ts';
import { RunnerState } from '../../../src/protocol/runner.ts';
import { isAlive } from '../../../src/system/process.ts';
import { ROAD_TOPIC } from './import.ts';
import type { Road, RoadStep } from './road.ts';

const MINUTE = 60_000;

const journal = (road: Road): JournalLine[] => road.lines(JournalLine, 'rounds', road.round, 'journal.jsonl');
const runner = (road: Road): RunnerState | undefined =>
  road.has('rounds', road.round, 'runner.json')
    ? road.json(RunnerState, 'rounds', road.round, 'runner.json')
    : undefined;

/** Few tries and short answers: a handful of problems is through in minutes on two cores, and every piece is still asked for. */
async function smallStrategy(road: Road): Promise<void> {
  const settings = road.settings();
  const { dialogue } = settings;
  const short = { ...dialogue.answer, maxTokens: 96 };
  const tries = { answer1: 4, answer2: 2, check: 1, summary: 1 };
  const changed = {
    ...settings,
    dialogue: {
      ...dialogue,
      tries,
      answer: short,
      check: { ...short, temperature: 0.7 },
      summary: { ...short, temperature: 0.7 },
    },
  };
  await writeFile(road.path('longhand.json'), `${JSON.stringify(changed, null, 2)}\n`);
}

export const startRound: RoadStep = {
  name: 'plan a round and start it',
  async walk(road) {
    const { workbench } = road;
    await smallStrategy(road);
    const before = await road.list('rounds');
    await workbench.command('Longhand: Generate Chains…');
    await workbench.pick('Choose topics…');
    await workbench.tick([ROAD_TOPIC]);
    await workbench.pick(/^\s*All \d/);
    await workbench.pick('As in longhand.json');
    await workbench.asks(/requests/);
    await workbench.screenshot('4-plan');
    assert.deepEqual(await road.list('rounds'), before, 'an unconfirmed plan has left files');
    await workbench.pick(/^\s*Start /);
    await workbench.until('a new round', async () => (await road.list('rounds')).length > before.length, 2 * MINUTE);
    road.round = (await road.list('rounds')).find((name) => !before.includes(name)) ?? '';
    await workbench.until('the first answers in the journal', async () => journal(road).length >= 3, 3 * MINUTE);
    const plan = road.json(RoundPlan, 'rounds', road.round, 'plan.json');
    assert.equal(plan.model?.kind, 'starter');
    assert.ok(plan.promptsHash && plan.prompts, 'the plan does not hold its prompts');
    await workbench.until('the round in the status bar', async () =>
      (await workbench.statusBar()).some((item) => item.includes(road.round)),
    );
    await workbench.screenshot('4-running');
    const { requestsMin = 0, requestsMax = 0 } = plan.expected ?? {};
    return `${road.round}: ${plan.problemIds.length} problems, ${requestsMin} to ${requestsMax} requests expected`;
  },
};

export const killRunner: RoadStep = {
  name: 'kill the runner in the middle',
  async walk(road) {
    const state = runner(road);
    assert.equal(state?.state, 'running', 'the round ended before it could be killed');
    const pid = state?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await road.workbench.until('the end of the killed runner', async () => !isAlive(pid));
    const written = await road.read('rounds', road.round, 'journal.jsonl');
    road.paid = written.slice(0, written.lastIndexOf('\n') + 1);
    assert.ok(!road.has('rounds', road.round, 'summary.json'), 'the round had its summary already');
    await road.workbench.notified(/interrupted/);
    await road.workbench.screenshot('5-interrupted');
    return `${journal(road).length} calls were paid for`;
  },
};

export const resumeRound: RoadStep = {
  name: 'resume the round',
  async walk(road) {
    const { workbench } = road;
    const before = journal(road).length;
    await workbench.command('Longhand: Resume…');
    await workbench.until('two more answers', async () => journal(road).length >= before + 2, 3 * MINUTE);
    const state = runner(road);
    return `process ${state?.pid} resumes from ${before} calls`;
  },
};

export const closeWindow: RoadStep = {
  name: 'close the window while the round runs, and open it again',
  async walk(road) {
    const { workbench } = road;
    const pid = runner(road)?.pid ?? 0;
    const ended = (): boolean => road.has('rounds', road.round, 'summary.json');
    await workbench.page.goto('about:blank');
    const before = journal(road).length;
    await workbench.until(
      'two more answers without a window',
      async () => ended() || journal(road).length >= before + 2,
      2 * MINUTE,
    );
    assert.ok(ended() || (pid > 0 && isAlive(pid)), 'the runner ended with the window');
    const answers = journal(road).length - before;
    await workbench.open();
    await workbench.command('View: Show Longhand');
    await workbench.until(
      'the round in the status bar again, or its end',
      async () => ended() || (await workbench.statusBar()).some((item) => item.includes(road.round)),
    );
    return `${answers} calls answered meanwhile`;
  },
};

export const finishRound: RoadStep = {
  name: 'finish the round without paying twice',
  async walk(road) {
    const { workbench } = road;
    await workbench.until(
      'the end of the round',
      async () => road.has('rounds', road.round, 'summary.json'),
      15 * MINUTE,
    );
    const lines = journal(road);
    const whole = await road.read('rounds', road.round, 'journal.jsonl');
    assert.ok(whole.startsWith(road.paid), 'what was in the journal before the kill has changed');
    assert.equal(new Set(lines.map(({ key }) => key)).size, lines.length, 'a call was paid for twice');
    await workbench.until('the last word of the runner', async () => runner(road)?.state === 'finished');
    const paidBefore = road.paid.split('\n').length - 1;
    assert.equal(
      runner(road)?.calls,
      lines.length - paidBefore,
      'the resumed run paid for other calls than the missing ones',
    );
    const summary = checkChains(road);
    await workbench.notified(/is finished/);
    await workbench.screenshot('5-finished');
    const classes = Object.entries(summary.assembled).map(([name, count]) => `${name} ${count}`);
    return `${lines.length} calls in all, ${summary.completionTokens} tokens, ${summary.chains} chains (${classes.join(', ')}), ${summary.chainsPassed} passed`;
  },
};

/** The chains of the round fit their summary, and their segments cover their text. */
function checkChains(road: Road): RoundSummary {
  const chains = road.lines(Chain, 'rounds', road.round, 'chains.jsonl');
  const summary = road.json(RoundSummary, 'rounds', road.round, 'summary.json');
  assert.ok(chains.length > 0, 'the round made no chain');
  assert.equal(new Set(chains.map(({ id }) => id)).size, summary.chains);
  for (const { id, text, segments } of chains) {
    let end = 0;
    for (const segment of segments) {
      assert.equal(segment.start, end, `the segments of ${id} have a gap or overlap`);
      end = segment.end;
    }
    assert.equal(end, text.length, `the segments of ${id} do not reach its end`);
  }
  return summary;
}
