import { expect, it } from 'vitest';
import { pageHtml } from '../../../src/editor/ui/page-html.ts';

it('the title of a page is text', () => {
  const sources = { origin: 'https://origin.test', script: 'a.js', style: 'a.css', nonce: 'n', styleNonce: 's' };
  const page = pageHtml(sources, '</title><meta http-equiv="refresh" content="0;url=https://example.test">&amp;');
  expect(page).toContain(
    '<title>&lt;/title>&lt;meta http-equiv=&quot;refresh&quot; content=&quot;0;url=https://example.test&quot;>&amp;amp;</title>',
  );
  expect(page.match(/<meta http-equiv/g)).toHaveLength(1);
});
