import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FILTERS } from '../../../src/core/filters/index.ts';
import { FilterSettings } from '../../../src/core/schemas/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/reference/filters.md'), 'utf8');
const defaults: Readonly<Record<string, unknown>> = FilterSettings.parse({});

/** A threshold without a value is none. */
const shown = (value: unknown): string => (typeof value === 'object' ? 'none' : String(value));

it('docs/reference/filters.md lists the filters with their questions and thresholds as in the code', () => {
  const rows = FILTERS.map(({ id, asks, thresholds }) => {
    const settings = thresholds.map((name) => `\`${name}\` ${shown(defaults[name])}`).join(', ');
    return `| \`${id}\` | ${asks} | ${settings === '' ? '–' : settings} |`;
  });
  const ids = FILTERS.map(({ id }) => `| \`${id}\` |`);
  expect(page.split('\n').filter((line) => ids.some((id) => line.startsWith(id)))).toEqual(rows);
});

it('docs/reference/filters.md lists the thresholds with their meanings and defaults', () => {
  const described = Object.entries(FilterSettings.shape).map(([name, schema]) => {
    return `| \`${name}\` | ${shown(defaults[name])} | ${schema.description} |`;
  });
  for (const line of described) expect(page.split('\n')).toContain(line);
  for (const { thresholds } of FILTERS) for (const name of thresholds) expect(defaults).toHaveProperty(name);
});
