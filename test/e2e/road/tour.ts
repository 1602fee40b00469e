import assert from 'node:assert/strict';
import { Chain, Problem } from '../../../src/core/schemas/index.ts';
import type { RoadStep } from './road.ts';

export const lookAround: RoadStep = {
  name: 'look at the walkthrough, the datasets and the review queue of the sample',
  async walk(road) {
    const { workbench } = road;
    const problems = road.lines(Problem, 'problems', 'sample.jsonl');
    const chains = road.lines(Chain, 'rounds', '0-handwritten', 'chains.jsonl');
    assert.ok(problems.length >= 60, 'the sample has fewer problems than promised');
    assert.ok(chains.length >= 12, 'the sample has fewer handwritten chains than promised');
    await workbench.command('Longhand: Open Walkthrough');
    await workbench.page.getByText('Get Started with Longhand').first().waitFor();
    await workbench.screenshot('0-walkthrough');
    await workbench.command('View: Close All Editors');
    await workbench.command('View: Show Longhand');
    await workbench.until('the sample in the Datasets view', async () =>
      (await workbench.tree('Datasets')).some((row) => row.includes('Longhand sample')),
    );
    await workbench.until('chains in the Review Queue view', async () =>
      (await workbench.tree('Review Queue')).some((row) => row.includes(String(chains.length))),
    );
    await workbench.screenshot('0-views');
    return `${problems.length} problems, ${chains.length} handwritten chains`;
  },
};
