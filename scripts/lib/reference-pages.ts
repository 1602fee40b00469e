import { z } from 'zod';
import { FIELDS, operatorsOf } from '../../src/core/query/fields.ts';
import { DatasetSettings } from '../../src/core/schemas/index.ts';
import { COMMANDS } from '../../src/editor/contributions/commands.ts';
import { SETTINGS } from '../../src/editor/contributions/settings.ts';
import { helpText } from '../../src/verbs/command-line.ts';
import { VERBS, type VerbName } from '../../src/verbs/index.ts';

const WRITTEN = '<!-- Written by `npm run manifest` from the tables of the code. -->';

/** Text in a cell of a table, where an unescaped bar would start the next cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The pages of docs/reference that are made from the code, by path. keyboardPage() makes one more. */
export function referencePages(): Record<string, string> {
  return {
    'docs/reference/commands.md': commandsPage(),
    'docs/reference/settings.md': settingsPage(),
    'docs/reference/command-line.md': commandLinePage(),
    'docs/reference/queries.md': queriesPage(),
  };
}

function commandsPage(): string {
  const rows = COMMANDS.filter(({ id }) => !id.startsWith('longhand.review.'));
  return page(
    'Commands',
    'This page lists the commands of the palette (F1), under `Longhand`. [Keys](keyboard.md) lists those of the reader.',
    [
      '| Command | Id | Requires a trusted folder |',
      '|---|---|---|',
      ...rows.map(({ id, title, trust }) => `| ${title} | \`${id}\` | ${trust ? 'yes' : 'no'} |`),
    ],
  );
}

function settingsPage(): string {
  const own = Object.entries(SETTINGS).map(
    ([id, { description, default: value }]) =>
      `| \`${id}\` | \`${cell(JSON.stringify(value))}\` | ${cell(description)} |`,
  );
  const schema = z.toJSONSchema(DatasetSettings, { io: 'input' }) as Schema;
  return page('Settings', 'This page lists the settings of VS Code, and those of a dataset.', [
    '## VS Code',
    '',
    'A workspace can’t set any of these.',
    '',
    '| Setting | Default | Meaning |',
    '|---|---|---|',
    ...own,
    '',
    '## longhand.json',
    '',
    'Fields with a default. [The data format](data-format.md#longhandjson) describes the others.',
    '',
    '| Field | Default | Meaning |',
    '|---|---|---|',
    ...fields(schema, ''),
  ]);
}

interface Schema {
  properties?: Record<string, Schema>;
  default?: unknown;
  description?: string;
}

/** A row for each field with a default that is no record of fields with defaults of their own. */
function fields(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const rows = fields(field, `${path}${name}.`);
    if (rows.length > 0 || field.default === undefined) return rows;
    return [`| \`${path}${name}\` | \`${cell(JSON.stringify(field.default))}\` | ${cell(field.description ?? '')} |`];
  });
}

function commandLinePage(): string {
  const common = helpText(undefined).trimEnd();
  const shared = new Set(common.split('\n'));
  // The common end of every verb's help is shown once.
  const help = (verb: VerbName): string =>
    helpText(verb)
      .split('\n')
      .filter((line) => line === '' || !shared.has(line))
      .join('\n')
      .trim();
  const verbs = Object.keys(VERBS) as VerbName[];
  return page(
    'Command line',
    'This page shows the help of `longhand`, and of each verb. Run it with `npm run -s longhand -- VERB`.',
    [
      ...fenced(common),
      ...verbs.flatMap((verb) => ['', `## ${verb}`, '', ...fenced(help(verb).replace(/\n{3,}/g, '\n\n'))]),
    ],
  );
}

function queriesPage(): string {
  const values = (field: (typeof FIELDS)[number]): string =>
    'values' in field ? `${field.about}: ${field.values.map((value) => `\`${value}\``).join(', ')}` : field.about;
  const operators = (field: (typeof FIELDS)[number]): string =>
    operatorsOf(field.name)
      .map((op) => `\`${op}\``)
      .join(' ');
  return page(
    'Queries',
    'A query selects chains: with `q` in the reader, with the filter icon of the Review Queue, and with `longhand chains --where`.',
    [
      ...fenced('failed = repetition and level = 5 and first = incorrect'),
      '',
      '- All clauses apply. `and` between them is optional, and there is no `or`.',
      '- `=` takes alternatives: `class = FT, TT`. `!=` and `not` turn a clause around: `not class = FT`.',
      '- `<`, `<=`, `>` and `>=` compare numbers: `tokens > 4000`, `passRate < 30%`.',
      '- `~` searches a text in any case: `chain ~ "so, wait"`. Between slashes it is a regular expression: `chain ~ /wa+it/i`.',
      '- A word without a field searches problem, chain and notes.',
      '- A value with spaces or punctuation is put in quotes. It has at most 1,000 characters.',
      '- A chain without a value matches only a clause that is turned around.',
      '',
      '| Field | Operators | Meaning |',
      '|---|---|---|',
      ...FIELDS.map((field) => `| \`${field.name}\` | ${operators(field)} | ${cell(values(field))} |`),
    ],
  );
}

const fenced = (text: string): string[] => ['```text', text, '```'];

const page = (title: string, purpose: string, lines: readonly string[]): string =>
  [`# ${title}`, '', WRITTEN, '', purpose, '', ...lines, ''].join('\n');
