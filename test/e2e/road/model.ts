import assert from 'node:assert/strict';
import type { RoadStep } from './road.ts';

/** The starter model with the small prompts. It was installed before: here its being ready is checked. */
export const selectModel: RoadStep = {
  name: 'select the starter model',
  async walk(road) {
    const { workbench } = road;
    await workbench.command('Longhand: Select Model…');
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
