import { join } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { Skipped } from '../../scripts/lib/results.ts';
import { inTemporaryFolder, type Suite } from './lib/harness.ts';
import { ROAD } from './road/index.ts';
import { Road } from './road/road.ts';

/** The whole road from an imported problem to an exported, reviewed chain, on the starter model; each step is a test. */
export default async function roadTests(suite: Suite): Promise<void> {
  await inTemporaryFolder('road', (home) => walkTheRoad(suite, home));
}

async function walkTheRoad(suite: Suite, home: string): Promise<void> {
  const screenshots = join(ARTIFACTS, 'e2e', 'road');
  const road = await Road.begin({ vsix: suite.vsix, folder: join(home, 'dataset'), inputs: home, screenshots });
  try {
    let broken = '';
    for (const step of ROAD) {
      const passed = await suite.test(`road: ${step.name}`, async () => {
        if (broken) throw new Skipped(`“${broken}” did not pass, and this step requires it`);
        console.log(`    ${await step.walk(road)}`);
      });
      if (!passed && !broken) {
        broken = step.name;
        await road.workbench.screenshot(`failed-${step.name.replaceAll(' ', '-')}`);
      }
    }
  } finally {
    await road.close();
  }
}
