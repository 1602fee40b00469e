import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../../webview/review/foot.css'), 'utf8');
const rule = (selector: string): string =>
  css
    .replace(/\/\*.*?\*\//g, '')
    .split('}')
    .find((one) => one.trim().startsWith(`${selector} {`))
    ?.split('{')[1] ?? '';

// In the theme Light 2026, button.border is the blue of a primary button.
test.each(['.key-button', 'vscode-button[appearance="secondary"]'])(
  '%s has the border of a secondary button, not that of a primary one',
  (selector) => {
    expect(rule(selector)).toContain('var(--vscode-button-secondaryBorder');
    expect(rule(selector)).not.toContain('var(--vscode-button-border');
  },
);

test('a primary button keeps its own border', () => {
  expect(rule('.key-button.primary')).toContain('var(--vscode-button-border');
});
