import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../src/models/starter/cache.ts';
import { which } from './browser.ts';
import { inputsHash } from './build.ts';
import { ensureCodeServer } from './code-server.ts';
import { freePort } from './net.ts';
import { run, startServer } from './process.ts';
import { findRunning, recordRunning } from './running.ts';
import { step } from './say.ts';

/** The same port from start to start, because the browser keeps the window's state by it. */
const PORT = 8487;

/** `code` of a desktop VS Code, where there is a screen to show it on. */
export function theDesktop(env = process.env, platform = process.platform): string | undefined {
  const screen =
    platform === 'win32' || platform === 'darwin' || env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME;
  return screen ? which('code') : undefined;
}

export async function openDesktop(code: string, vsix: string, folder: string): Promise<void> {
  await step(`Install the extension into VS Code (${code})`, async () => {
    await runCode(code, ['--install-extension', vsix, '--force']);
    return undefined;
  });
  await step(`Open ${folder} in VS Code`, async () => {
    await runCode(code, [folder]);
    return undefined;
  });
}

/** On Windows `code` is a batch file, which only a shell can run: its arguments are quoted here. */
async function runCode(code: string, args: readonly string[]): Promise<void> {
  if (process.platform !== 'win32') await run(code, args);
  else await run(process.env.ComSpec ?? 'cmd.exe', ['/d', '/s', '/c', code, ...args]);
}

/** Real VS Code in the browser; stays until Ctrl+C. */
export async function openInBrowser(vsix: string, folder: string, wantedPort = PORT): Promise<void> {
  const { entry } = await ensureCodeServer();
  const home = join(cacheFolder(), 'work', 'vscode');
  const running = await findRunning(home);
  if (running !== undefined) {
    console.log(`\nVS Code is already running (process ${running.pid}).\nOpen  ${running.url}`);
    console.log(`To open another folder, stop it first: Ctrl+C in its terminal, or kill ${running.pid}.`);
    return;
  }
  const places = [
    ...['--config', join(home, 'config.yaml')],
    ...['--user-data-dir', join(home, 'data')],
    ...['--extensions-dir', join(home, 'extensions')],
  ];
  await firstSettings(home);
  await installOnce(home, vsix, (file) =>
    run(process.execPath, [entry, ...places, '--install-extension', file, '--force']),
  );
  const port = await freePort(wantedPort);
  const server = startServer(
    process.execPath,
    [
      entry,
      ...places,
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...[
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-getting-started-override',
        '--disable-workspace-trust',
      ],
      folder,
    ],
    process.env,
  );
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopping = true;
      void server.stop();
    });
  }
  await step('Start VS Code', async () => {
    await server.ready(`http://127.0.0.1:${port}/healthz`);
    return undefined;
  });
  const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`;
  const forget = await recordRunning(home, url);
  console.log(`\nOpen  ${url}\nCtrl+C stops it. A round that runs continues.`);
  const code = await server.exited;
  await forget();
  if (!stopping) throw new Error(`VS Code ended by itself with code ${code}\n${server.log.slice(-2000)}`);
  console.log('Stopped.');
}

/** Written once: afterwards the settings are the user's. */
async function firstSettings(home: string): Promise<void> {
  const file = join(home, 'data', 'User', 'settings.json');
  if (existsSync(file)) return;
  await mkdir(join(home, 'data', 'User'), { recursive: true });
  await writeFile(join(home, 'config.yaml'), 'auth: none\n');
  const settings = {
    // The extension opens its walkthrough only where VS Code would show its welcome page.
    'workbench.startupEditor': 'welcomePage',
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'chat.disableAIFeatures': true,
    // Without this, VS Code shows a notice for the starter model's port.
    'remote.autoForwardPorts': false,
    'telemetry.telemetryLevel': 'off',
  };
  await writeFile(file, `${JSON.stringify(settings, null, 2)}\n`);
}

/** Installs the package unless the last one that was installed here was made from the same sources. */
async function installOnce(home: string, vsix: string, install: (vsix: string) => Promise<unknown>): Promise<void> {
  const stamp = join(home, 'installed');
  const hash = inputsHash();
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) return;
  await step('Install the extension into VS Code in the browser', async () => {
    await install(vsix);
    await writeFile(stamp, hash);
    return undefined;
  });
}
