import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, CONTEXTS, FILE_VIEW, VIEWS, WALKTHROUGH } from '../../../src/editor/contributions/index.ts';
import { manifestFiles } from '../../../src/editor/contributions/manifest.ts';
import { KEYBINDINGS, MENUS } from '../../../src/editor/contributions/menus.ts';
import { WELCOMES } from '../../../src/editor/contributions/views.ts';
import { runContext } from '../../../src/editor/training/run-state.ts';
import { REVIEW_KEYS } from '../../../src/protocol/keys.ts';
import { RoundStatus } from '../../../src/protocol/runner.ts';
import { RunReport } from '../../../src/protocol/training.ts';

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
    const media = WALKTHROUGH.steps
      .flatMap(({ media }) => (typeof media === 'string' ? [media] : Object.values(media.picture)))
      .map((file) => `media/walkthrough/${file}`);
    const icons = [packageJson.icon, ...VIEWS.map((view) => view.icon)];
    expect([...media, ...icons].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('activates only in a window with a dataset, with a page that was left open, or by an address', () => {
    const others = packageJson.activationEvents.filter((event: string) => !event.startsWith('onWebviewPanel:'));
    expect(others).toEqual([
      ...['', '*/', '*/*/'].map((folders) => `workspaceContains:${folders}longhand.json`),
      'onUri',
    ]);
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

  it('offer in the palette, before activation, only what works without a dataset', () => {
    const hidden = new Set<string>(MENUS.commandPalette.map(({ command }) => command));
    const offered = COMMANDS.filter(({ id, enablement }) => enablement === undefined && !hidden.has(id));
    expect(offered.map(({ title }) => title)).toEqual([
      'Create Dataset…',
      'Open Sample Dataset',
      'Open Trace File…',
      'Compare Gradings or Evaluations…',
      'Examine Data…',
      'Grade File…',
      'Show Log…',
      'Open Walkthrough',
    ]);
  });

  it('enable commands by positive conditions: an unset key enables nothing', () => {
    const conditions = [
      ...COMMANDS.map(({ enablement = '' }) => enablement),
      ...MENUS.commandPalette.map(({ when }) => when),
    ];
    expect(conditions.filter((condition) => condition.includes('!'))).toEqual([]);
  });

  it('keep the palette to 36 commands outside the reader', () => {
    const hidden = new Set<string>(
      MENUS.commandPalette.flatMap(({ command, when }) => (when === 'false' ? command : [])),
    );
    const inReader = ({ id, enablement }: (typeof COMMANDS)[number]): boolean =>
      id.startsWith('longhand.review.') || enablement === `activeCustomEditorId == ${FILE_VIEW}`;
    const offered = COMMANDS.filter((command) => !hidden.has(command.id) && !inReader(command));
    expect(offered.length).toBeLessThanOrEqual(36);
  });

  it('never show Stop and Resume of the same thing in one menu', () => {
    const runs = RunReport.shape.kind.options.flatMap((kind) =>
      RunReport.shape.state.options.flatMap((state) => [
        runContext({ kind, state }),
        runContext({ kind, state, hosted: true }),
      ]),
    );
    const rounds = RoundStatus.shape.state.options.map((state) => `round.${state}`);
    const offers = (viewItem: string, id: string): boolean =>
      MENUS['view/item/context'].some(({ command, when }) => command === id && isShown(when, viewItem));
    const both = [...runs, ...rounds].filter(
      (viewItem) => offers(viewItem, 'longhand.resume') && offers(viewItem, 'longhand.stop'),
    );
    expect(both).toEqual([]);
    expect(offers('run.train.running', 'longhand.stop')).toBe(true);
  });

  it('ask in when clauses only for context keys, views and settings that exist', () => {
    const known = new Set([...Object.keys(CONTEXTS), ...VIEWS.map((view) => view.id as string), FILE_VIEW]);
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

  it('lead by the walkthrough from the sample over the review queue to the evaluation', () => {
    expect(WALKTHROUGH.title).toContain('Longhand');
    expect(WALKTHROUGH.steps.map(({ id }) => id)).toEqual([
      ...['sample', 'review', 'import', 'model', 'generate', 'export', 'train', 'evaluate'],
    ]);
    const review = WALKTHROUGH.steps.find(({ id }) => id === 'review');
    expect(review?.description).toContain('(command:longhand.openReviewQueue)');
    expect(review?.media).toHaveProperty('picture');
  });

  it('tick a step of the walkthrough when it is done, not when its button is clicked', () => {
    const events = WALKTHROUGH.steps.flatMap(({ completionEvents }) => [...completionEvents]);
    expect(events.filter((event) => !event.startsWith('onContext:'))).toEqual([]);
  });

  it('name the keys of the registry in the walkthrough', () => {
    const review = WALKTHROUGH.steps.find(({ id }) => id === 'review')?.description;
    expect(review).toContain('Press A to accept a chain, R to reject it, U to undo, and ? to see all keys.');
  });

  it('tick a step of the walkthrough by a context key or a command that exists', () => {
    const events = WALKTHROUGH.steps.flatMap(({ completionEvents }) => [...completionEvents]);
    const known = (event: string) => {
      const [kind, rest = ''] = event.split(':');
      const name = rest.split(' ')[0] ?? '';
      return kind === 'onCommand' ? ids.has(name) : kind === 'onContext' && name in CONTEXTS;
    };
    expect(events.filter((event) => !known(event))).toEqual([]);
  });
});

/** Whether a `when` clause on tree items holds for an item of this context value. */
function isShown(when: string, viewItem: string): boolean {
  const equal = /viewItem == ([\w.-]+)/.exec(when)?.[1];
  const pattern = /viewItem =~ \/(.+)\//.exec(when)?.[1];
  return equal === undefined ? pattern !== undefined && new RegExp(pattern).test(viewItem) : equal === viewItem;
}
