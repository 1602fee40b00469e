import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { thirdParty } from '../../../scripts/lib/third-party.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const json = (path: string): unknown => JSON.parse(read(path));

/** Written by the build that runs before the unit tests. */
const metafiles = json('dist/metafiles.json') as Metafile[];
const { packages, direct } = thirdParty(metafiles, root);
const manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) }).parse(json('package.json'));

/** What the tests need of CycloneDX 1.6. */
const Component = z.object({
  type: z.enum(['library', 'data', 'application']),
  'bom-ref': z.string(),
  group: z.string().optional(),
  name: z.string(),
  version: z.string(),
  licenses: z.tuple([
    z.union([z.object({ license: z.object({ id: z.string() }) }), z.object({ expression: z.string() })]),
  ]),
  purl: z.string(),
});
const Bom = z.strictObject({
  $schema: z.string(),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.object({ component: Component }),
  components: z.array(Component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** Licences that allow redistribution inside an MIT package. Another one needs a decision first. */
const ALLOWED = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'OFL-1.1'];

describe('bundled packages', () => {
  it('are the dependencies in package.json, so that `npm audit --omit=dev` covers them', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(direct);
  });

  it('are not development packages in the lockfile', () => {
    const { packages: locked } = z
      .object({
        packages: z.record(z.string(), z.object({ version: z.string().optional(), dev: z.boolean().optional() })),
      })
      .parse(json('package-lock.json'));
    const shipped = Object.entries(locked)
      .filter(([, { dev }]) => dev !== true)
      .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)} ${version}`);
    const code = packages.filter(({ name }) => name !== 'KaTeX fonts').map(({ name, version }) => `${name} ${version}`);
    expect(code.filter((each) => !shipped.includes(each))).toEqual([]);
  });

  it('have licences that allow redistribution', () => {
    expect(packages.filter(({ licence }) => !ALLOWED.includes(licence)).map(({ purl }) => purl)).toEqual([]);
  });

  it('are in ThirdPartyNotices.txt, each with licence and licence text', () => {
    const text = read('dist/ThirdPartyNotices.txt');
    const entries = text.split(`\n\n${'-'.repeat(80)}\n\n`).slice(1);
    expect(entries.map((entry) => entry.split('\n', 1)[0])).toEqual(
      packages.map((one) => `${one.name} ${one.version}`),
    );
    for (const [index, { licence, texts }] of packages.entries()) {
      expect(entries[index]).toContain(`Licence: ${licence}\n`);
      expect(texts.map(({ text: licenceText }) => licenceText.length > 200)).toContain(true);
      for (const { text: licenceText } of texts) expect(entries[index]).toContain(licenceText);
    }
  });

  it('are in the SBOM, each with name, version, licence and package URL', () => {
    const { components, dependencies } = Bom.parse(json('dist/sbom.cdx.json'));
    const listed = components.map(({ group, name, version, purl, licenses: [one] }) => ({
      name: group === undefined ? name : `${group}/${name}`,
      version,
      licence: 'license' in one ? one.license.id : one.expression,
      purl,
    }));
    expect(listed).toEqual(packages.map(({ name, version, licence, purl }) => ({ name, version, licence, purl })));
    const known = new Set(dependencies.map(({ ref }) => ref));
    expect(new Set(components.map((one) => one['bom-ref'])).size).toBe(components.length);
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual([]);
  });

  it('include the KaTeX fonts, whose own licence is in their name table', () => {
    expect(packages.map(({ name }) => name)).toContain('KaTeX fonts');
    const fonts = join(root, 'node_modules/katex/dist/fonts');
    for (const file of readdirSync(fonts).filter((name) => name.endsWith('.ttf'))) {
      // The text is in Latin 1 or UTF-16 there.
      const text = readFileSync(join(fonts, file), 'latin1').replaceAll('\0', '');
      expect(text, file).toContain('licensed under the SIL Open Font License, Version 1.1');
    }
  });

  it('keep the licence comments of single files beside the bundles', () => {
    const comments = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.LEGAL.txt'))
      .map((name) => read(join('dist', name)));
    expect(comments.some((text) => text.includes('Copyright 2017 Google LLC'))).toBe(true);
    expect(comments.some((text) => text.includes('Complex.js'))).toBe(true);
  });
});

describe('the package', () => {
  it('contains the notices, the SBOM and every licence comment', async () => {
    const files = (await listFiles({ cwd: root, packageManager: PackageManager.None })).map((path) =>
      path.replaceAll('\\', '/'),
    );
    expect(files).toEqual(expect.arrayContaining(['dist/ThirdPartyNotices.txt', 'dist/sbom.cdx.json', 'LICENSE']));
    const comments = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
      .map((name) => join('dist', name).replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.LEGAL.txt'));
    expect(comments.filter((name) => !files.includes(name))).toEqual([]);
    expect(files.filter((name) => name.includes('metafiles') || name.includes('node_modules'))).toEqual([]);
  });
});
