import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestFiles } from '../../../src/editor/contributions/files.ts';
import { COMMANDS, CONTEXT_KEYS, VIEWS, WALKTHROUGH } from '../../../src/editor/contributions/index.ts';
import { KEYBINDINGS, MENUS } from '../../../src/editor/contributions/menus.ts';
import { WELCOMES } from '../../../src/editor/contributions/views.ts';
import { REVIEW_KEYS } from '../../../src/protocol/keys.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Without the padding that the formatter gives to tables. */
const loose = (markdown: string) =>
  markdown
    .replace(/ +/g, ' ')
    .replace(/--+/g, '-')
    .replace(/\| ?-(?: ?\| ?-)* ?\|/g, '|-|');
const packageJson = JSON.parse(read('package.json'));

describe('the manifest', () => {
  const files = manifestFiles(packageJson);

  it.each(Object.keys(files))('%s is what `npm run manifest` writes', (path) => {
    const text = files[path] ?? '';
    if (path.endsWith('.json')) expect(JSON.parse(read(path))).toEqual(JSON.parse(text));
    else expect(loose(read(path))).toBe(loose(text));
  });

  it('has a text for every %key% and no text without one', () => {
    const used = new Set([...read('package.json').matchAll(/"%([\w.-]+)%"/g)].map((match) => match[1]));
    expect([...used].sort()).toEqual(Object.keys(JSON.parse(read('package.nls.json'))).sort());
  });

  it('names only files that exist', () => {
    const media = WALKTHROUGH.steps.map((step) => `media/walkthrough/${step.media}`);
    const icons = [packageJson.icon, ...VIEWS.map((view) => view.icon)];
    expect([...media, ...icons].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('does not start with the window', () => {
    expect(packageJson.activationEvents.filter((event: string) => !event.startsWith('onWebviewPanel:'))).toEqual([]);
  });
});

describe('the tables', () => {
  const ids = new Set<string>(COMMANDS.map((command) => command.id));
  const menuItems = Object.values(MENUS).flat();

  it('give each command one id and one title', () => {
    expect(ids.size).toBe(COMMANDS.length);
    expect(new Set(COMMANDS.map((command) => command.title)).size).toBe(COMMANDS.length);
  });

  it('have a command for every review key', () => {
    expect(REVIEW_KEYS.filter(({ action }) => !ids.has(`longhand.review.${action}`))).toEqual([]);
  });

  it('ask in when clauses only for context keys, views and settings that exist', () => {
    const known = new Set([...CONTEXT_KEYS, ...VIEWS.map((view) => view.id as string)]);
    const clauses = [
      ...COMMANDS.map((command) => command.enablement ?? ''),
      ...menuItems.map((item) => item.when),
      ...KEYBINDINGS.map((binding) => binding.when),
      ...WELCOMES.map((welcome) => welcome.when),
    ];
    const asked = clauses.flatMap((clause) => clause.match(/longhand(?:\.\w+)+/g) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });

  it('link only to commands that exist, one link in each welcome', () => {
    const links = (text: string) => [...text.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1] ?? '');
    for (const welcome of WELCOMES) expect(links(welcome.contents)).toHaveLength(1);
    const all = [...WELCOMES.map((w) => w.contents), ...WALKTHROUGH.steps.map((step) => step.description)];
    expect(all.flatMap(links).filter((id) => id.startsWith('longhand.') && !ids.has(id))).toEqual([]);
  });

  it('end the walkthrough, after five steps, at the review queue', () => {
    expect(WALKTHROUGH.steps).toHaveLength(5);
    expect(WALKTHROUGH.steps.at(-1)?.description).toContain('(command:longhand.openReviewQueue)');
  });
});
