import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatQuery } from '../../../src/core/query/query.ts';
import type { SharedReview } from '../../../src/protocol/share.ts';
import { refuseLarge } from '../../../src/verbs/review/share.ts';
import { act } from '../../unit/store/fixtures.ts';
import { open, run, temporaryFolder } from '../../unit/verbs/run.ts';

async function shared(file: string): Promise<{ page: string; review: SharedReview }> {
  const page = await readFile(file, 'utf8');
  const [, data = ''] = /<script type="application\/json" id="shared-review">(.*?)<\/script>/s.exec(page) ?? [];
  return { page, review: JSON.parse(data) };
}

test('a page holds the chains of a query, reviews under pseudonyms, and hostile text as data', async () => {
  const folder = await temporaryFolder();
  const { dataset } = await run('sample', { dataset: join(folder, 'sample') });
  const opened = await open(dataset);
  const [id = ''] = opened.index.chains().map((chain) => chain.id);
  const where = formatQuery([{ field: 'chain', op: '=', values: [id] }]);
  const text = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';
  await opened.appendReview(act('Maria Muster', id, { act: 'note', text }));
  await opened.appendReview(act('Maria Muster', id, { act: 'reject', reason: '<!--' }));
  const out = join(folder, 'page.html');
  const result = await run('share', { dataset, where, out });
  expect(result).toMatchObject({ file: out, chains: 1 });
  const { page, review } = await shared(out);
  // A formula has its fonts without a network.
  expect(page).toContain('url("data:font/woff2;base64,');
  expect(page).not.toMatch(/url\("?\.\//);
  expect(review.chains).toMatchObject([
    {
      id,
      decision: 'rejected',
      reviews: [{ reviewer: 'reviewer-1', decision: 'rejected', reason: '<!--', note: text }],
    },
  ]);
  expect(review.chains[0]?.segments.length).toBeGreaterThan(0);
  expect(page).not.toContain('Maria');
  expect(page).not.toContain('<img src=x');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page.match(/<style>/g)).toHaveLength(1);
  expect(page).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//);
  await run('share', { dataset, where: `${where} and reviewer = "Maria Muster" and not assigned = Nemo`, out });
  const { review: queried, page: second } = await shared(out);
  expect(queried.query).toMatch(/ and reviewer = reviewer-1 and not assigned = reviewer-2$/);
  expect(second).not.toMatch(/Maria|Nemo/);
  await run('share', { dataset, where, out, names: true });
  expect((await shared(out)).review.chains[0]?.reviews[0]?.reviewer).toBe('Maria Muster');
});

test('marks the verdict of an edited text, and refuses a page that is too large', async () => {
  const folder = await temporaryFolder();
  const { dataset } = await run('sample', { dataset: join(folder, 'sample') });
  const opened = await open(dataset);
  const [id = '', other = ''] = opened.index.chains().map((chain) => chain.id);
  await opened.appendReview(act('Maria', id, { act: 'edit', changes: [{ start: 0, end: 1, insert: 'Edited' }] }));
  await opened.appendReview(act('Maria', id, { act: 'accept' }));
  const out = join(folder, 'page.html');
  await run('share', { dataset, where: formatQuery([{ field: 'chain', op: '=', values: [id, other] }]), out });
  const { chains } = (await shared(out)).review;
  expect(new Map(chains.map((chain) => [chain.id, chain.edited]))).toEqual(
    new Map([
      [id, true],
      [other, false],
    ]),
  );
  expect(() => refuseLarge(100e6)).not.toThrow();
  expect(() => refuseLarge(120e6)).toThrow('The page would have 120 MB.');
});

test('the policy of the page permits its own script and style only', async () => {
  const folder = await temporaryFolder();
  const { dataset } = await run('sample', { dataset: join(folder, 'sample') });
  const out = join(folder, 'page.html');
  await run('share', { dataset, where: 'class = FT', out });
  const page = await readFile(out, 'utf8');
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const hash = (found: RegExpExecArray | null): string =>
    `'sha256-${createHash('sha256')
      .update(found?.[1] ?? '')
      .digest('base64')}'`;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(/<script>([\s\S]*?)<\/script>\n<\/body>/.exec(page))}`,
    `style-src ${hash(/<style>([\s\S]*?)<\/style>/.exec(page))}`,
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('refuses a query that matches nothing, or too many chains, and writes nothing', async () => {
  const folder = await temporaryFolder();
  const { dataset } = await run('sample', { dataset: join(folder, 'sample') });
  const out = join(folder, 'page.html');
  await expect(run('share', { dataset, where: 'chain = none', out })).rejects.toThrow('No chain matches');
  const opened = await open(dataset);
  const [first] = opened.index.chains();
  const chain = await opened.chain(first?.id ?? '');
  const many = Array.from({ length: 201 }, (_, at) => ({ ...chain, id: `copy-${at}` }));
  await opened.appendChains(chain.round, many);
  await expect(run('share', { dataset, out })).rejects.toThrow('a page shows at most 200');
  await expect(readFile(out)).rejects.toThrow('ENOENT');
});
