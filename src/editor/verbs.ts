import { join } from 'node:path';
import * as vscode from 'vscode';
import type { z } from 'zod';
import { defined } from '../core/defined.ts';
import { formatBytes, formatDuration, formatProgress, formatRate } from '../core/text/format.ts';
import type { BridgeAccess } from '../models/bridge.ts';
import type { VerbProgress } from '../protocol/progress.ts';
import type { VerbArgs, VerbName, VerbResult } from '../verbs/index.ts';
import type { CommandLineCall } from './command-line.ts';
import { setting } from './context.ts';
import { requireTrust } from './registration.ts';
import type { Reporter } from './reporter.ts';
import { count, t } from './ui/format.ts';
import { withProgress } from './ui/notify.ts';
import { ProgressMeter, type Reading } from './ui/progress-meter.ts';

/** A key, and the name of the host that it may be sent to (see `keyNameOf`). */
export interface EndpointKey {
  key: string;
  name: string;
}

/** How a child process reaches a model: with the stored key of its endpoint, or over the bridge to a model of VS Code. */
export type ModelAccess = EndpointKey | BridgeAccess;

/** Tokens of Ray dashboards by host (see `keyNameOf`). */
export interface EngineAccess {
  engine: 'ray';
  tokens: Readonly<Record<string, string>>;
}

/** The token of the Hugging Face hub. */
export interface HubAccess {
  hubToken: string;
}

type Access = ModelAccess | EngineAccess | HubAccess | undefined;

interface VerbOptions {
  /** Title of the notification. Absent: none is shown. */
  title?: string;
  /** Whether the notification has a Cancel button. False if ending the child would not end the work that it starts. */
  cancellable?: boolean;
  /** Ends the child as the notification's Cancel does. */
  signal?: AbortSignal;
  /** Receives what the verb writes on stdout before its result. */
  onText?: (text: string) => void;
  /** Receives the progress if there is no notification. */
  onProgress?: (progress: VerbProgress) => void;
  /** Access to the model's endpoint, the cluster, or both; passed only in the environment. */
  access?: Access | readonly Access[];
}

/** Runs verbs of the command line in child processes, with a notification that shows progress and can cancel. */
export class Verbs implements vscode.Disposable {
  readonly #cli: string;
  readonly #reporter: Reporter;
  /** Aborted when the extension is deactivated, so that verbs end without leaving half-written files. */
  readonly #closing = new AbortController();

  constructor(extensionPath: string, reporter: Reporter) {
    this.#cli = join(extensionPath, 'dist', 'cli.mjs');
    this.#reporter = reporter;
  }

  /** @throws {ActionableError} in a restricted workspace. @throws UserError `cancelled`, or the failure of the process. */
  async run<V extends VerbName>(verb: V, args: VerbArgs<V>, options: VerbOptions = {}): Promise<VerbResult<V>> {
    // Loading the schemas at activation would slow it down.
    const { VERBS } = await import('../verbs/index.ts');
    const { args: argsSchema, result } = VERBS[verb];
    const value = await this.#call(verb, argsSchema.parse(args), options);
    // The compiler sees the union of all result schemas here, not the one of `verb`.
    const { data, error } = (result as z.ZodType).safeParse(value);
    if (error !== undefined) throw new Error(`longhand ${verb} returned an invalid result: ${error.message}`);
    return data as VerbResult<V>;
  }

  /** Installs, starts, stops or queries the starter model. Throws as `run`. */
  starter(what: VerbArgs<'starter'>['what'], options: VerbOptions = {}): Promise<VerbResult<'starter'>> {
    return this.run('starter', { what }, options);
  }

  dispose(): void {
    this.#closing.abort();
  }

  async #call(verb: string, args: unknown, options: VerbOptions): Promise<unknown> {
    requireTrust();
    const { callCommandLine, endLimitOf } = await import('./command-line.ts');
    const { log } = this.#reporter;
    log.info(`longhand ${verb}`, JSON.stringify(args));
    const call: CommandLineCall = {
      cli: this.#cli,
      verb,
      args,
      env: childEnvironment(options.access),
      endLimit: () => endLimitOf(args),
      onLog: (line) => log.info(`[${verb}] ${line}`),
    };
    const signals = [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const { title, cancellable, onProgress, onText } = options;
    if (onText !== undefined) call.onText = onText;
    if (title === undefined) {
      return callCommandLine({ ...call, signal: AbortSignal.any(signals), ...defined({ onProgress }) });
    }
    return withNotification(
      title,
      (signal, report) => {
        const stopNow = new AbortController();
        let show = report;
        const ended = callCommandLine({
          ...call,
          stopNow: stopNow.signal,
          signal: AbortSignal.any([...signals, signal]),
          onProgress: (progress) => show(progress),
        });
        // VS Code closes the notification on Cancel. A verb that ends slowly gets a second one, which has a Cancel button too.
        signal.addEventListener('abort', () => {
          const showAgain = (): void => void showEnding(title, ended, stopNow, (next) => (show = next));
          const timer = setTimeout(showAgain, ENDING_AFTER_MS);
          ended.catch(() => undefined).finally(() => clearTimeout(timer));
        });
        return ended;
      },
      cancellable,
    );
  }
}

/** Milliseconds between a cancel and the second notification. */
const ENDING_AFTER_MS = 1_000;

/** Shows a verb that is ending, usually because it waits for calls in flight. Cancel aborts `stopNow`. */
async function showEnding(
  title: string,
  ended: Promise<unknown>,
  stopNow: AbortController,
  onReport: (report: (progress: VerbProgress) => void) => void,
): Promise<void> {
  await withNotification(t('{0}: ending', title), async (signal, report) => {
    onReport(report);
    report({
      done: 0,
      unit: '',
      message: t('Waiting for calls in flight. Cancel again to stop immediately.'),
    });
    signal.addEventListener('abort', () => stopNow.abort());
    await ended.catch(() => undefined);
  });
}

/**
 * The environment of the host with the stored key of this endpoint and our settings. Without a stored key, an inherited one is passed
 * on; the child sends it only where `keyFromEnvironment` allows it.
 */
function childEnvironment(access: VerbOptions['access']): NodeJS.ProcessEnv {
  const cache = setting('longhand.cacheFolder');
  const threads = setting('longhand.starter.threads');
  const own = {
    LONGHAND_STARTER_THREADS: threads === 0 ? undefined : String(threads),
    LONGHAND_CACHE: cache || undefined,
  };
  return { ...process.env, ...Object.assign({}, ...[access].flat().map(accessEnvironment)), ...defined(own) };
}

function accessEnvironment(access: Access): NodeJS.ProcessEnv {
  if (access === undefined) return {};
  if ('engine' in access) return { LONGHAND_RAY_TOKENS: JSON.stringify(access.tokens) };
  if ('hubToken' in access) return { HF_TOKEN: access.hubToken };
  if ('key' in access) return { LONGHAND_API_KEY: access.key, LONGHAND_API_HOST: access.name };
  return { LONGHAND_VSCODE_URL: access.url, LONGHAND_VSCODE_TOKEN: access.token };
}

/** Runs `work` under a notification, with Cancel unless `cancellable` is false. */
export async function withNotification<T>(
  title: string,
  work: (signal: AbortSignal, report: (progress: VerbProgress) => void) => Promise<T>,
  cancellable = true,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable };
  return withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    const listening = token.onCancellationRequested(() => cancel.abort());
    const meter = new ProgressMeter();
    try {
      return await work(cancel.signal, (report) => {
        const reading = meter.read(report, performance.now());
        progress.report({ message: progressText(reading), increment: reading.increment });
      });
    } finally {
      listening.dispose();
    }
  });
}

/** `1,200 of 7,473 rows · 3,400/s · 2 s left`. */
function progressText({ done, total, unit, message, perSecond, secondsLeft }: Reading): string {
  const locale = vscode.env.language;
  const inBytes = unit === 'bytes';
  const amount = (value: number): string => (inBytes ? formatBytes(value, locale) : count(value));
  const whole = (value: number): string => (inBytes ? amount(value) : formatProgress(value, unit, locale));
  const amounts = total === undefined ? whole(done) : t('{0} of {1}', amount(done), whole(total));
  const parts = [
    ...(message === undefined ? [] : [message]),
    // A message alone is enough if nothing is counted.
    ...(message !== undefined && total === undefined && done === 0 ? [] : [amounts]),
    ...(perSecond === undefined ? [] : [`${inBytes ? amount(perSecond) : formatRate(perSecond, locale)}/s`]),
    ...(secondsLeft === undefined ? [] : [t('{0} left', formatDuration(secondsLeft))]),
  ];
  return parts.join(' · ');
}
