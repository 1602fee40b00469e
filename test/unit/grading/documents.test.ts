import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { exampleTable, POLICIES } from '../../../src/core/grading/index.ts';
import { DEFAULT_SWITCHES, Method, Outcome } from '../../../src/core/schemas/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/reference/grading.md'), 'utf8');

it.each(Object.values(POLICIES))('docs/reference/grading.md shows $name by its examples', (policy) => {
  expect(page).toContain(`### ${policy.name}\n\n${policy.summary}.\n\n${exampleTable(policy)}\n`);
});

it('docs/reference/grading.md shows no unknown policy', () => {
  const shown = [...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name);
  expect(shown).toEqual(Object.keys(POLICIES));
});

it('docs/reference/grading.md names every switch with its default', () => {
  for (const [name, value] of Object.entries(DEFAULT_SWITCHES)) {
    const shown = typeof value === 'number' ? value.toExponential() : String(value);
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| \`${shown}\` \\|$`, 'm'));
  }
});

it('docs/reference/grading.md names every outcome and every method', () => {
  for (const name of [...Outcome.options, ...Method.options]) expect(page).toContain(`\`${name}\``);
});
