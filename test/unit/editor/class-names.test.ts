import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ChainClass, CLASS_NAMES } from '../../../src/core/schemas/index.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test.each(ChainClass.options)('the docs name class %s as the views do', (name) => {
  expect(read('docs/design/dialogue.md')).toContain(`| \`${name}\` | ${CLASS_NAMES[name]} |`);
  expect(read('docs/reference/data-format.md')).toContain(`\`${name}\` ${CLASS_NAMES[name]}`);
});

test.each(['src/editor/review/facet-names.ts', 'webview/review/frame.ts', 'webview/workbench/frame.ts'])(
  '%s takes class names from the one list',
  (path) => {
    expect(read(path)).toContain('CLASS_NAMES');
    expect(read(path)).not.toMatch(/wrong, then right|both times|twice/);
  },
);
