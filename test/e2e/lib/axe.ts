import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FrameLocator, Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  help: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/**
 * axe-core reads no MathML, so a table header that holds only a formula is empty to it. Screen readers read the formula.
 */
const RUN = `async () => {
  ${source};
  const { violations } = await globalThis.axe.run(document, { elementRef: true });
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes
      .filter(({ element }) => id !== 'empty-table-header' || !element.querySelector('math'))
      .map(({ target, failureSummary }) => ({ target, failureSummary })),
  }));
}`;

/**
 * What axe-core finds in a page of the extension, a line each; empty when it finds nothing. The script is evaluated by the
 * debugger, which the page's content policy does not concern.
 */
export async function accessibilityProblems(page: FrameLocator | Page): Promise<string[]> {
  // As text: the tests are typed for Node, without the DOM.
  const found: unknown = await page.locator('body').evaluate(`(${RUN})()`);
  return (found as Finding[]).flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ target, failureSummary = '' }) =>
        `${id} (${help}): ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`,
    ),
  );
}
