import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { ensureBrowser } from '../../../scripts/lib/browser.ts';
import { ensureCodeServer } from '../../../scripts/lib/code-server.ts';
import { installFolder } from '../../../scripts/lib/extension-folder.ts';
import { freePort } from '../../../scripts/lib/net.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { run, type Server, startServer } from '../../../scripts/lib/process.ts';
import { installed, placesOf } from './installed.ts';
import { ownCache } from './own-cache.ts';
import { writeSettings } from './settings.ts';
import { HAS_STORED } from './stored-state.ts';

/** Setting, row of the theme picker, class of the workbench. */
export const THEMES = {
  dark: ['Dark Modern', 'Dark Modern', 'vs-dark'],
  light: ['Light Modern', 'Light Modern', 'vs'],
  'high-contrast': ['Default High Contrast', 'Dark High Contrast', 'hc-black'],
  'high-contrast-light': ['Default High Contrast Light', 'Light High Contrast', 'hc-light'],
} as const;
export type Theme = keyof typeof THEMES;
/** What a webview is told, by the class of the workbench. */
const PAGE_KINDS: Record<string, string> = {
  'vs-dark': 'vscode-dark',
  vs: 'vscode-light',
  'hc-black': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light',
};

export interface WorkbenchOptions {
  /** The packaged extension; it is installed as a user would. */
  vsix: string;
  /** The folder that VS Code opens. */
  folder: string;
  /** Screenshots go here as PNG. */
  screenshots: string;
  /** Added to the user settings. */
  settings?: Record<string, unknown>;
  /** false: the folder opens in restricted mode. */
  trusted?: boolean;
  theme?: Theme;
  /** Folders of other extensions that are there too. */
  beside?: readonly string[];
  /** Environment of VS Code and of all that it starts. */
  env?: NodeJS.ProcessEnv;
}

/** Quiet settings: nothing on the screen but what a test asked for. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'git.openRepositoryInParentFolders': 'never',
  // Otherwise every port that a child process opens, as the starter model does, is announced.
  'remote.autoForwardPorts': false,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};

export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long a state is waited for, in milliseconds: long, as the machine may be busy with other work. */
const WAIT = 60_000;
/** When a key that changed nothing is pressed again. */
const REPEAT = 3000;

/**
 * Real VS Code in a real browser, with the extension installed, driven as by a person: by keys, menus and what is on the screen.
 * User data, extensions and profile live in a temporary folder that `close` removes.
 */
export class Workbench {
  readonly page: Page;
  private readonly parts: { browser: Browser; server: Server; home: string; url: string; options: WorkbenchOptions };

  private constructor(page: Page, parts: Workbench['parts']) {
    this.page = page;
    this.parts = parts;
  }

  static async start(options: WorkbenchOptions): Promise<Workbench> {
    const { entry } = await ensureCodeServer();
    const executablePath = await ensureBrowser();
    const home = await mkdtemp(join(tmpdir(), 'longhand-workbench-'));
    // Its starter model ends with the window.
    const env = options.env ?? { ...process.env, LONGHAND_CACHE: await ownCache(home) };
    const port = await freePort();
    const place = placesOf(home);
    await writeSettings(home, { ...SETTINGS, ...themeSetting(options.theme ?? 'dark'), ...options.settings });
    await cp(await installed(options.vsix, entry), join(home, 'extensions'), { recursive: true });
    for (const extension of options.beside ?? []) await installFolder(extension, join(home, 'extensions'));
    const server = startServer(
      process.execPath,
      [
        entry,
        ...place,
        ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
        ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
        ...(options.trusted === false ? [] : ['--disable-workspace-trust']),
        options.folder,
      ],
      env,
    );
    let browser: Browser | undefined;
    try {
      await server.ready(`http://127.0.0.1:${port}/healthz`);
      browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(options.folder)}`;
      const workbench = new Workbench(page, { browser, server, home, url, options: { ...options, env } });
      await workbench.open();
      return workbench;
    } catch (error) {
      await browser?.close();
      await server.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      throw error;
    }
  }

  /** Opens the window (again); a running round must not mind. */
  async open(): Promise<void> {
    await this.page.goto(this.parts.url, { timeout: WAIT });
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
    await this.page.locator('.explorer-folders-view .monaco-list').first().waitFor({ timeout: 60_000 });
  }

  /** What the server and, inside it, the extension host wrote. */
  get serverLog(): string {
    return this.parts.server.log;
  }

  /** The quick input, whatever asks: palette, pick or text. */
  get input(): Locator {
    return this.page
      .locator('.quick-input-widget:visible input.input, .quick-input-widget:visible input[type="text"]')
      .first();
  }

  /** Runs a command by its title in the palette, as `Longhand: Import Problems…`, then chooses these rows of its lists. Rejects when the palette does not offer it. */
  async command(title: string, ...rows: readonly (string | RegExp)[]): Promise<void> {
    const end = Date.now() + WAIT;
    // The palette lists what was known when it opened, and a context key or a whole extension may come a moment later.
    while (!(await this.offers(title))) {
      if (Date.now() < end) continue;
      const others = (await this.rows.allInnerTexts()).join(' | ').replace(/\s+/g, ' ');
      throw new Error(`the palette does not offer “${title}”; it offers: ${others}`);
    }
    await this.rows
      .filter({ hasText: startingWith(title) })
      .first()
      .click();
    for (const row of rows) await this.pick(row);
  }

  /** Opens the palette and returns whether it has the command now. */
  async offers(title: string): Promise<boolean> {
    // A palette that is still closing takes F1 as its own and is gone a moment later: then press again.
    await this.until('the palette', async () => {
      await this.page.keyboard.press('Escape');
      await this.input.waitFor({ state: 'hidden', timeout: 1000 }).catch(() => undefined);
      await this.page.keyboard.press('F1');
      return this.input.fill(`>${title}`, { timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
    const row = this.rows.filter({ hasText: startingWith(title) }).first();
    return row.waitFor({ timeout: 1500 }).then(
      () => true,
      () => false,
    );
  }

  /** Opens the palette and reads which commands of Longhand it offers, without the prefix, sorted. */
  async palette(): Promise<string[]> {
    // The palette is open then, with or without the command.
    await this.offers('Longhand: ');
    const found = new Set<string>();
    for (let same = 0; same < 3; same++) {
      for (const label of await this.rows.locator('.label-name').allInnerTexts()) {
        if (!label.startsWith('Longhand: ') || found.has(label)) continue;
        found.add(label);
        same = -1;
      }
      await this.input.press('PageDown');
      await this.page.waitForTimeout(120);
    }
    await this.page.keyboard.press('Escape');
    // VS Code adds a command for each view.
    return [...found]
      .map((label) => label.slice('Longhand: '.length))
      .filter((title) => !/^Focus on .* View$/.test(title))
      .sort();
  }

  /** The rows of the open quick pick. */
  get rows(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
  }

  /** Waits for a quick pick that has a row with this text and chooses it. */
  async pick(text: string | RegExp): Promise<void> {
    // Where the mouse was left, a list that opens there would mark the row beneath it.
    await this.page.mouse.move(2, 2);
    await this.row(text);
    let shown: string | undefined;
    let pressed = 0;
    await this.until(`“${text}” to be taken`, async () => {
      if (shown !== undefined && (await this.quickInputText()) !== shown) return true;
      // A list that was filled a moment ago sometimes ignores a key: then the same question is still there. Two questions may have the same rows.
      if (Date.now() - pressed < REPEAT || !(await this.markRow(text))) return false;
      shown = await this.quickInputText();
      // To the input itself: a list marks its row also while the keyboard is somewhere else.
      await this.input.press('Enter', { timeout: 2000 }).catch(() => undefined);
      pressed = Date.now();
      return false;
    });
  }

  /** Ticks the rows of a quick pick with check boxes and presses Enter. */
  async tick(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const row = await this.row(text);
      await this.until(`a tick at “${text}”`, async () => {
        const box = row.locator('[role="checkbox"], input[type="checkbox"]').first();
        if ((await box.getAttribute('aria-checked')) === 'true') return true;
        await box.click();
        return false;
      });
    }
    await this.input.press('Enter');
  }

  private async row(text: string | RegExp): Promise<Locator> {
    const row = this.rows.filter({ hasText: text }).first();
    await row.waitFor({ timeout: WAIT }).catch(async () => {
      throw new Error(`no row “${text}”; on the screen: ${await this.describe()}`);
    });
    return row;
  }

  /** Moves to a row by the arrow keys, as a list that is still growing moves away beneath a mouse; false when the row has gone. */
  private async markRow(text: string | RegExp): Promise<boolean> {
    const row = this.rows.filter({ hasText: text }).first();
    for (let presses = 0; presses < 500; presses++) {
      const marks = await row.getAttribute('class', { timeout: 1000 }).catch(() => null);
      if (marks === null) return false;
      if (/\bfocused\b/.test(marks)) return true;
      await this.input.press('ArrowDown', { timeout: 2000 }).catch(() => undefined);
    }
    return false;
  }

  /** Waits for a quick input whose title, prompt or placeholder holds this text, writes the value and presses Enter. */
  async fill(about: string | RegExp, value: string): Promise<void> {
    await this.asks(about);
    await this.input.fill(value);
    await this.until(`“${value}” in the input`, async () => (await this.input.inputValue()) === value);
    await this.input.press('Enter');
  }

  /** Waits until a quick input about this is on the screen. */
  async asks(about: string | RegExp, limit = WAIT): Promise<void> {
    const matches = (text: string): boolean => (typeof about === 'string' ? text.includes(about) : about.test(text));
    await this.until(`a question about “${about}”`, async () => matches(await this.quickInputText()), limit);
  }

  /** Chooses an item of the context menu of a row. VS Code ignores a click soon after the menu was opened: then it stays open, and is clicked again. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const choice = this.page.getByRole('menuitem', { name: item });
    await choice.waitFor();
    await this.until(`the menu closes after “${item}”`, async () => {
      await choice.click({ timeout: REPEAT }).catch(() => undefined);
      await choice.waitFor({ state: 'hidden', timeout: REPEAT }).catch(() => undefined);
      return (await choice.count()) === 0;
    });
  }

  /** Title, placeholder, message and rows of the open quick input, as one text. */
  async quickInputText(): Promise<string> {
    const widget = this.page.locator('.quick-input-widget:visible');
    if ((await widget.count()) === 0) return '';
    return `${(await widget.allInnerTexts()).join('\n')}\n${(await this.placeholder()) ?? ''}`;
  }

  private async placeholder(): Promise<string | null> {
    return (await this.input.count()) === 0
      ? null
      : this.input.getAttribute('placeholder', { timeout: 1000 }).catch(() => null);
  }

  /** Types a path into VS Code's simple file dialog and confirms it. */
  async chooseFile(path: string): Promise<void> {
    const asks = async (): Promise<boolean> => /^(File|Folder) path$/.test((await this.placeholder()) ?? '');
    await this.until('a file dialog', async () => (await asks()) && (await this.input.inputValue()).startsWith('/'));
    await this.until(`the file dialog to take ${path}`, async () => {
      if (!(await asks())) return true;
      // The dialog fills its own list and box for a moment after it opened, over what was typed: then type again.
      if ((await this.input.inputValue()) !== path) {
        await this.input.fill(path, { timeout: 2_000 }).catch(() => {});
        return false;
      }
      await this.page.keyboard.press('Enter');
      // It looks at the file before it closes. What opens next must not be typed into.
      for (let tries = 0; tries < 20; tries++) {
        if (!(await asks())) return true;
        await this.page.waitForTimeout(100);
      }
      return false;
    });
  }

  /** Presses a button of the modal dialog or of a notification. */
  async button(name: string | RegExp): Promise<void> {
    const places = this.page.locator('.monaco-dialog-box, .notification-toast, .notifications-center');
    const button = places.locator('.monaco-button:visible').filter({ hasText: name }).first();
    await button.waitFor({ timeout: WAIT }).catch(async () => {
      throw new Error(`no button “${name}”; on the screen: ${await this.describe()}`);
    });
    await button.click();
  }

  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification with this text, also in the list of notifications, and returns the whole of it. */
  async notified(text: string | RegExp, limit = WAIT): Promise<string> {
    const toast = this.page
      .locator(':is(.notification-toast, .notifications-center) .notification-list-item-message')
      .filter({ hasText: text })
      .first();
    await toast.waitFor({ timeout: limit }).catch(async () => {
      throw new Error(`no notification “${text}” within ${limit / 1000} s; on the screen: ${await this.describe()}`);
    });
    return (await toast.textContent()) ?? '';
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  /** Names of the open editors. */
  async tabs(): Promise<string[]> {
    return this.page.locator('.tabs-container .tab .label-name').allInnerTexts();
  }

  /** Waits for an editor with this name. */
  async tab(name: string | RegExp): Promise<void> {
    await this.page.locator('.tabs-container .tab', { hasText: name }).first().waitFor({ timeout: WAIT });
  }

  async statusBar(): Promise<string[]> {
    const items = await this.page.locator('.statusbar .statusbar-item .statusbar-item-label').allInnerTexts();
    return items.map((item) => item.trim()).filter((item) => item !== '');
  }

  /** Rows of the tree view with this name, as a person reads them. */
  async tree(name: string): Promise<string[]> {
    return this.page.locator(`.monaco-list[aria-label^=${JSON.stringify(name)}] .monaco-list-row`).allInnerTexts();
  }

  /** The document of the webview editor that is in front. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame');
  }

  /** Waits until the page in front announces this to screen readers. */
  async hears(what: RegExp): Promise<void> {
    const quiet = this.webview().locator('.quiet[role="status"]');
    await this.until(`the announcement ${what}`, async () => what.test((await quiet.textContent()) ?? ''));
  }

  /** By the theme picker: code-server does not see that settings.json changed beneath an open window. */
  async theme(theme: Theme): Promise<void> {
    const [, label, kind] = THEMES[theme];
    const row = this.rows.filter({ hasText: startingWith(label) }).first();
    await this.until(`the theme ${label} in the picker`, async () => {
      // It lists the themes that are known when it opens, and built-in extensions may come a moment later.
      await this.command('Preferences: Color Theme');
      await this.asks(/theme/i);
      await this.input.fill(label);
      return row.waitFor({ timeout: 1500 }).then(
        () => true,
        () => false,
      );
    });
    await row.click();
    await this.page.locator(`.monaco-workbench.${kind}`).first().waitFor({ timeout: WAIT });
    await this.until(`the pages in ${theme}`, () => this.#pagesAre(kind));
  }

  /** Whether the webviews on the screen follow the theme already. They are told of it after the workbench. */
  async #pagesAre(kind: string): Promise<boolean> {
    for (const outer of await this.page.locator('iframe.webview.ready:visible').all()) {
      const body = outer.contentFrame().frameLocator('#active-frame').locator('body');
      const shown = await body.getAttribute('data-vscode-theme-kind', { timeout: 1000 }).catch(() => null);
      if (shown !== null && shown !== PAGE_KINDS[kind]) return false;
    }
    return true;
  }

  /** Waits until VS Code has stored this text in the state of its editors, which it does every few seconds and not when the page goes away. */
  async stored(text: string): Promise<void> {
    await this.until(`“${text}” in the stored state of the editors`, () =>
      this.page.evaluate<boolean>(`(${HAS_STORED})(${JSON.stringify(text)})`),
    );
  }

  async screenshot(name: string): Promise<string> {
    const path = join(this.parts.options.screenshots, `${name}.png`);
    await mkdir(dirname(path), { recursive: true });
    // What fades or slides in is there at once.
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  /** Polls until it holds; the error has what was waited for and what was on the screen. */
  async until(what: string, holds: () => Promise<boolean>, limit = WAIT): Promise<void> {
    const end = Date.now() + limit;
    while (!(await holds())) {
      if (Date.now() > end) {
        throw new Error(`waited ${limit / 1000} s for ${what}; on the screen: ${await this.describe()}`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  async close(): Promise<void> {
    await this.parts.browser.close();
    await this.parts.server.stop();
    await stopStarter(this.parts.options.env);
    await rm(this.parts.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** For the error of a walk: what is on the screen in words, and where its picture is. */
  private async describe(): Promise<string> {
    const picture = await this.screenshot(`failed-${Date.now()}`).catch(() => 'none');
    const input = (await this.quickInputText()).replace(/\s*\n\s*/g, ' / ').slice(0, 400);
    const dialog = (await this.page.locator('.monaco-dialog-box').allInnerTexts()).join(' ').replace(/\s+/g, ' ');
    const toasts = (await this.notifications()).join(' | ');
    return `input “${input}”, dialog “${dialog}”, notifications “${toasts}”, picture ${picture}`;
  }
}

/** The server of a walk's own cache serves all windows, and would end only after some idle minutes. */
async function stopStarter(env: NodeJS.ProcessEnv | undefined): Promise<void> {
  if (env?.LONGHAND_CACHE === undefined) return;
  await run(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), 'starter', 'stop', '--json'], { env }).catch(() => {});
}

/** A row of the palette begins with the title; a key binding may follow it. */
function startingWith(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}

function themeSetting(theme: Theme): Record<string, unknown> {
  return { 'workbench.colorTheme': THEMES[theme][0], 'window.autoDetectColorScheme': false };
}
