import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

interface Import {
  /** The importing file and what it imports, relative to the project; a package by its name, a builtin as `node:fs`. */
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mts)$/.test(name))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .sort();
}

/** Static and dynamic imports and re-exports, of types too: an arrow is an arrow. */
const IMPORT = /(?:^|[;\s])(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...text.matchAll(IMPORT)].map((match) => ({ from: file, to: target(file, match[1] ?? match[2] ?? '') }));
}

function target(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, resolve(ROOT, dirname(file), specifier)).replaceAll('\\', '/');
  return builtinModules.includes(specifier) ? `node:${specifier}` : specifier;
}

const SOURCES = [...sources('src'), ...sources('webview')];
const IMPORTS = SOURCES.flatMap(importsOf);

const under = (path: string, ...folders: string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const isOurs = ({ to }: Import): boolean =>
  under(to, 'src', 'webview', 'media', 'test', 'scripts') || to.endsWith('.json');
const isNode = ({ to }: Import): boolean => to.startsWith('node:');
const from = (...folders: string[]): Import[] => IMPORTS.filter((one) => under(one.from, ...folders));
const show = (imports: Import[]): string[] => imports.map((one) => `${one.from} imports ${one.to}`);

/** Which rooms of src/ each room may use; `core` and `protocol` are open to everyone but core. */
const MAY_USE: Record<string, string[]> = {
  'src/core': [],
  'src/protocol': ['src/core'],
  'src/system': [],
  'src/store': ['src/system'],
  'src/grading': [],
  'src/models': ['src/system'],
  'src/hub': ['src/system', 'src/store', 'src/models'],
  'src/runner': ['src/grading', 'src/store', 'src/models'],
  'src/engines': ['src/system', 'src/store'],
  'src/trainers': ['src/engines', 'src/system', 'src/store'],
  'src/serving': ['src/engines', 'src/models', 'src/system', 'src/store'],
  'src/verbs': [
    'src/serving',
    'src/runner',
    'src/grading',
    'src/store',
    'src/models',
    'src/engines',
    'src/trainers',
    'src/hub',
  ],
  'src/editor': [
    'src/serving',
    'src/verbs',
    'src/runner',
    'src/grading',
    'src/store',
    'src/models',
    'src/engines',
    'src/trainers',
  ],
};
const FOR_ALL_BUT_CORE = ['src/core', 'src/protocol'];

describe('the arrows of docs/architecture.md', () => {
  it('finds the sources that it speaks of', () => {
    expect(SOURCES.length).toBeGreaterThan(10);
    expect(IMPORTS.length).toBeGreaterThan(SOURCES.length);
  });

  it.each(Object.entries(MAY_USE))('%s uses only the rooms below it', (room, rooms) => {
    const allowed = [room, ...rooms, ...(room === 'src/core' ? [] : FOR_ALL_BUT_CORE)];
    const wrong = from(room).filter((one) => under(one.to, 'src', 'webview') && !under(one.to, ...allowed));
    expect(show(wrong)).toEqual([]);
  });

  it('every folder of src/ is a room with its arrows written down', () => {
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => `src/${name}`).filter((room) => !(room in MAY_USE))).toEqual([]);
  });

  it('core is pure: no builtin of Node, no vscode, and of packages only those that compute', () => {
    const PURE =
      /^(?:zod|@cortex-js\/compute-engine|fast-diff|csv-parse|mdast-util-|micromark|@huggingface\/jinja|fflate)/;
    const wrong = from('src/core').filter((one) => !isOurs(one) && !PURE.test(one.to));
    expect(show(wrong)).toEqual([]);
  });

  it('only src/editor and src/extension.ts import vscode', () => {
    const wrong = IMPORTS.filter((one) => one.to === 'vscode' && !under(one.from, 'src/editor', 'src/extension.ts'));
    expect(show(wrong)).toEqual([]);
  });

  it('the webview imports only webview, protocol, core and packages', () => {
    const wrong = from('webview').filter(
      (one) =>
        isNode(one) || one.to === 'vscode' || (isOurs(one) && !under(one.to, 'webview', 'src/protocol', 'src/core')),
    );
    expect(show(wrong)).toEqual([]);
  });

  it('nothing in src imports the webview', () => {
    expect(show(from('src').filter((one) => under(one.to, 'webview')))).toEqual([]);
  });

  it('the toolkit is known to webview/ui alone', () => {
    const toolkit = /^(?:@vscode\/webview-ui-toolkit|@vscode-elements\/)/;
    expect(show(IMPORTS.filter((one) => toolkit.test(one.to) && !under(one.from, 'webview/ui')))).toEqual([]);
  });
});

describe('sizes', () => {
  const lines = (file: string): number => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length;

  it('extension.ts stays a table of contents of at most 100 lines', () => {
    expect(lines('src/extension.ts')).toBeLessThanOrEqual(100);
  });

  it('no source file is longer than 400 lines', () => {
    expect(SOURCES.filter((file) => lines(file) > 400)).toEqual([]);
  });
});
