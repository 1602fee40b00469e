import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../../src/models/starter/catalogue.ts';
import { stopStarter } from '../../../src/models/starter/lifecycle.ts';
import { run, temporaryFolder } from '../../unit/verbs/run.ts';

const { weights } = starterPaths(cacheFolder(), starterModel(DEFAULT_STARTER));
let cache = '';

afterEach(() => stopStarter({ model: DEFAULT_STARTER, cache }));

// A real model of 135 million parameters. It is too small to judge, so only the protocol is tested: every sentence is answered or failed with a reason.
it.skipIf(!existsSync(weights))(
  'the starter model is measured as any other, and a second run pays nothing',
  async () => {
    const folder = await temporaryFolder();
    // Its own cache, so that no other server is affected.
    cache = join(folder, 'cache');
    await mkdir(join(cache, 'starter'), { recursive: true });
    for (const part of ['runtime', 'models']) {
      await symlink(join(cacheFolder(), 'starter', part), join(cache, 'starter', part), 'junction');
    }
    const file = join(folder, 'labels.jsonl');
    const text = 'First I add. 2 + 2 = 4.';
    const spans = [
      { start: 0, end: 12, label: 'plan' },
      { start: 13, end: 23, label: 'implement' },
    ];
    await writeFile(file, `${JSON.stringify({ id: 'a', problem: 'What is 2 + 2?', text, spans })}\n`);
    const args = { file, model: { kind: 'starter' as const, model: DEFAULT_STARTER }, maxTokens: 30, journal: folder };
    const env = { LONGHAND_CACHE: cache };
    const { plan, report } = await run('judge-eval', args, { env });
    expect(plan).toMatchObject({ sentences: 2, windows: 1, requests: 1 });
    expect(report?.answered).toBe(2 - 2 * (report?.failedWindows ?? 0));
    expect(report?.completionTokens).toBeGreaterThan(0);
    const calls = (await readFile(join(folder, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(calls).toHaveLength(report?.calls ?? 0);
    const again = await run('judge-eval', args, { env });
    expect(again.report).toMatchObject({ calls: 0, reused: calls.length, scores: report?.scores });
  },
  600_000,
);
