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

/** Static and dynamic imports and re-exports, also of types. */
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

/** The folders of src/ that each folder may import. All but core may also import `core` and `protocol`. */
const MAY_USE: Record<string, string[]> = {
  'src/core': [],
  'src/protocol': ['src/core'],
  'src/system': [],
  'src/store': ['src/system'],
  'src/grading': [],
  'src/models': ['src/system'],
  'src/hub': ['src/system', 'src/store', 'src/models'],
  'src/runner': ['src/grading', 'src/store', 'src/models', 'src/system'],
  'src/engines': ['src/system', 'src/store'],
  'src/trainers': ['src/engines', 'src/grading', 'src/system', 'src/store'],
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
    'src/system',
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
    'src/system',
  ],
};
const FOR_ALL_BUT_CORE = ['src/core', 'src/protocol'];

describe('the imports in docs/architecture.md', () => {
  it('are found in the sources', () => {
    expect(SOURCES.length).toBeGreaterThan(10);
    expect(IMPORTS.length).toBeGreaterThan(SOURCES.length);
  });

  it.each(Object.entries(MAY_USE))('%s imports only the folders below it', (folder, folders) => {
    const allowed = [folder, ...folders, ...(folder === 'src/core' ? [] : FOR_ALL_BUT_CORE)];
    const wrong = from(folder).filter((one) => under(one.to, 'src', 'webview') && !under(one.to, ...allowed));
    expect(show(wrong)).toEqual([]);
  });

  it('every folder of src/ has its imports listed', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => `src/${name}`).filter((folder) => !(folder in MAY_USE))).toEqual([]);
  });

  it('core is pure: it imports no builtin of Node, no vscode, and only packages that compute', () => {
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

  it('only webview/ui imports the toolkit', () => {
    const toolkit = /^(?:@vscode\/webview-ui-toolkit|@vscode-elements\/)/;
    expect(show(IMPORTS.filter((one) => toolkit.test(one.to) && !under(one.from, 'webview/ui')))).toEqual([]);
  });
});

describe('activation', () => {
  const STATEMENT = /^(?:import|export)\s+(?!type\b)(?:([^'"`;]*?)\sfrom\s+)?'([^']+)'/gm;
  const onlyTypes = (names: string): boolean => {
    const listed = /^\{(.*)\}$/s.exec(names.trim())?.[1]?.split(',');
    return listed?.every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
  };
  /** What loading `file` loads at once: static imports and re-exports of values. */
  function loads(file: string, seen = new Set([file])): Set<string> {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, names = '', specifier = ''] of text.matchAll(STATEMENT)) {
      const to = target(file, specifier);
      if (seen.has(to) || onlyTypes(names)) continue;
      seen.add(to);
      if (under(to, 'src') && to.endsWith('.ts')) loads(to, seen);
    }
    return seen;
  }

  // Building all schemas takes about 80 ms in the extension host.
  it('loads no schemas: a command, a page or a view loads them later', () => {
    const loaded = loads('src/extension.ts');
    expect(loaded.size).toBeGreaterThan(50);
    expect(loaded).not.toContain('zod');
    expect(loads('src/core/schemas/index.ts')).toContain('zod');
  });
});

describe('files from other sources', () => {
  // Each of these reads or opens only files of Longhand, Node or the kernel, or opens for writing after a check.
  const MAY_OPEN = [
    'src/system/regular-file.ts',
    'src/system/atomic-write.ts',
    'src/system/process.ts',
    'src/system/process.ts',
    'src/verbs/dataset/sample.ts',
    'src/verbs/rows/stream.ts',
  ];
  const READS = /(?<![.#\w])(?:readFile|readFileSync|createReadStream|copyFile|cp|asyncBufferFromFile)\(/;
  const OPENS = /(?<![.\w])open(?:Sync)?\((?!.*'(?:wx|w|a)')/;

  it('are opened by src/system/regular-file.ts, which refuses FIFOs, devices and sockets', () => {
    const wrong = SOURCES.filter((file) => under(file, 'src') && !MAY_OPEN.includes(file)).filter((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
      const opens = /\bopen(?:Sync)?\b[^}]*\} from 'node:fs/.test(text) && OPENS.test(text);
      return READS.test(text) || opens;
    });
    expect(wrong).toEqual([]);
  });
});

describe('sizes', () => {
  const lines = (file: string): number => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length;

  it('extension.ts has at most 100 lines', () => {
    expect(lines('src/extension.ts')).toBeLessThanOrEqual(100);
  });
});
