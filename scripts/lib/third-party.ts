import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import spdx from 'spdx-license-list/full.js';
import { defined } from '../../src/core/defined.ts';

/** A package with code or files in the bundles. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression. */
  licence: string;
  /** Package URL. */
  purl: string;
  /** Names and contents of the package's own licence and notice files; the text of its licence as SPDX lists it where it has none. */
  texts: { file: string; text: string }[];
  /** Why the licence is known without a file. */
  note?: string;
  /** Package URLs of the bundled packages that this one imports. */
  imports: string[];
}

/** What the build found: the bundled packages, and the names of those that Longhand's own source imports. */
export interface ThirdParty {
  packages: BundledPackage[];
  direct: string[];
}

const MODULES = 'node_modules/';
const FONT = /^node_modules\/katex\/.*\.woff2$/;

/** Folder of the package that a bundled file is part of, relative to the root; undefined for Longhand's own files. */
function packageFolder(path: string): string | undefined {
  const at = path.lastIndexOf(MODULES);
  if (at < 0) return undefined;
  const start = at + MODULES.length;
  const depth = path[start] === '@' ? 2 : 1;
  return path.slice(0, start) + path.slice(start).split('/').slice(0, depth).join('/');
}

/**
 * Reads which packages are in the bundles.
 * @param metafiles One for each build of esbuild.mjs, with paths relative to `root`.
 * @throws {Error} where a package names no licence.
 */
export function thirdParty(metafiles: readonly Metafile[], root: string): ThirdParty {
  const bundled = new Set<string>();
  let fonts = false;
  for (const { outputs } of metafiles) {
    for (const path of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
      const folder = packageFolder(path);
      if (folder !== undefined) bundled.add(folder);
      fonts ||= FONT.test(path);
    }
  }
  const imported = importsByFolder(metafiles);
  const read = new Map([...bundled].map((folder) => [folder, readPackage(root, folder)]));
  for (const [folder, found] of read) {
    found.imports = [...(imported.get(folder) ?? [])].flatMap((other) => read.get(other)?.purl ?? []).sort();
  }
  const katex = read.get(`${MODULES}katex`);
  const packages = [...read.values(), ...(fonts && katex ? [katexFonts(katex)] : [])];
  const direct = [...(imported.get('') ?? [])].flatMap((folder) => read.get(folder)?.name ?? []);
  return {
    packages: packages.sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    direct: direct.sort(),
  };
}

/** Folders of the packages that each package imports; under '' those that Longhand's own files import. */
function importsByFolder(metafiles: readonly Metafile[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [path, { imports }] of metafiles.flatMap(({ inputs }) => Object.entries(inputs))) {
    const from = packageFolder(path) ?? '';
    for (const { path: target, external } of imports) {
      const to = external ? undefined : packageFolder(target);
      if (to !== undefined && to !== from) found.set(from, (found.get(from) ?? new Set()).add(to));
    }
  }
  return found;
}

function readPackage(root: string, folder: string): BundledPackage {
  const { name, version, license, author } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${folder}/package.json has no "license". Find the licence first.`);
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => ({
      file,
      text: readFileSync(join(root, folder, file), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    }));
  const common = { name, version, licence: license, purl: packageUrl(name, version), imports: [] };
  if (texts.length > 0) return { ...common, texts };
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  const note = `The package has no licence file. Copyright (c) ${holder}. The text below is that of ${license}.`;
  return { ...common, texts: [spdxText(license)], note };
}

/** @throws {Error} where SPDX lists no licence with this identifier. */
function spdxText(licence: string): { file: string; text: string } {
  const listed = spdx[licence];
  if (listed === undefined) throw new Error(`SPDX has no text for ${licence}. Find the licence text first.`);
  return { file: `SPDX ${licence}`, text: listed.licenseText.trim() };
}

/** KaTeX's own licence file covers its code; the fonts state theirs in their `name` table (a test reads it). */
function katexFonts({ version, purl }: BundledPackage): BundledPackage {
  return {
    name: 'KaTeX fonts',
    version,
    licence: 'OFL-1.1',
    purl: `${purl}#dist/fonts`,
    texts: [spdxText('OFL-1.1')],
    note: 'Copyright (c) 2009-2010 Design Science, Inc., copyright (c) 2014-2018 Khan Academy, with Reserved Font Names KaTeX_*. The fonts state this licence in their `name` table.',
    imports: [],
  };
}

const packageUrl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const RULE = `\n\n${'-'.repeat(80)}\n\n`;

/** ThirdPartyNotices.txt: each package with its licence, and the text of its licence files. */
export function notices({ packages }: ThirdParty): string {
  const head = [
    'Third-party notices',
    'Longhand contains code and files of the packages below. The licence texts are those of the packages. Licence comments of single files are in the *.LEGAL.txt files beside the bundles.',
  ].join('\n\n');
  const entries = packages.map(({ name, version, licence, note, texts }) => {
    const files = texts.map(({ text }) => text);
    return [`${name} ${version}`, `Licence: ${licence}`, ...(note ? [note] : []), ...files].join('\n\n');
  });
  return `${[head, ...entries].join(RULE)}\n`;
}

/** Software bill of materials, CycloneDX 1.6 JSON. The same packages give the same document. */
export function bom({ packages, direct }: ThirdParty, own: { name: string; version: string; license: string }): object {
  const root = packageUrl(own.name, own.version);
  const components = packages.map(({ name, version, licence, purl }) => {
    const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
    const licences = / (?:OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } };
    return {
      type: name === 'KaTeX fonts' ? 'data' : 'library',
      'bom-ref': purl,
      ...defined({ group }),
      name: short,
      version,
      licenses: [licences],
      purl,
    };
  });
  const directPurls = packages.filter(({ name }) => direct.includes(name)).map(({ purl }) => purl);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([root, components]))}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
        purl: root,
      },
    },
    components,
    dependencies: [
      { ref: root, dependsOn: directPurls },
      ...packages.map(({ purl, imports }) => ({ ref: purl, dependsOn: imports })),
    ],
  };
}

/** A version 8 UUID of a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
