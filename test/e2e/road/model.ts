import assert from 'node:assert/strict';
import { VERBS } from '../../../src/verbs/index.ts';
import type { RoadStep } from './road.ts';

/** The starter model with the small prompts. It was installed before: here its being ready is checked. */
export const selectModel: RoadStep = {
  name: 'select the starter model',
  async walk(road) {
    const { workbench } = road;
    await workbench.command('Longhand: Manage Models…', 'Select Model…');
    await workbench.pick('Starter model');
    await workbench.asks('Which prompts', 60_000);
    await workbench.pick('Small prompts');
    await workbench.until('the model in longhand.json', async () => road.settings().model !== undefined);
    const { model, promptSet } = road.settings();
    assert.equal(model?.kind, 'starter');
    assert.equal(promptSet, 'small');
    await workbench.screenshot('3-model');
    return `${model?.model} with the ${promptSet} prompts`;
  },
};

export const stopModel: RoadStep = {
  name: 'stop the starter model',
  async walk(road) {
    const status = async () => VERBS.starter.result.parse(await road.longhand('starter', 'status'));
    assert.equal((await status()).running, true, 'the model was not running');
    await road.workbench.command('Longhand: Manage Models…', 'Stop Starter Model');
    await road.workbench.until('the end of the server', async () => !(await status()).running);
    return 'it was running, and runs no more';
  },
};
