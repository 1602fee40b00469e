import { join } from 'node:path';
import * as vscode from 'vscode';
import type { z } from 'zod';
import type { BridgeAccess } from '../models/bridge.ts';
import type { VerbArgs, VerbName, VerbProgress, VerbResult } from '../protocol/verbs.ts';
import type { CommandLineCall } from './command-line.ts';
import { setting } from './context.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from './format.ts';
import { ProgressMeter, type Reading } from './progress-meter.ts';
import { requireTrust } from './registration.ts';
import type { Reporter } from './reporter.ts';

/** A key, and the name under which it is kept (see `keyNameOf`): where it may go. */
export interface EndpointKey {
  key: string;
  name: string;
}

/** What opens a model to a child process: the stored key of its endpoint, or the bridge to a model of this window. */
export type ModelAccess = EndpointKey | BridgeAccess;

/** Tokens of Ray dashboards, by the name of the host that each is for; see `keyNameOf`. */
export interface EngineAccess {
  engine: 'ray';
  tokens: Readonly<Record<string, string>>;
}

type Access = ModelAccess | EngineAccess | undefined;

interface VerbOptions {
  /** What the notification says is going on. Absent: nothing is shown. */
  title?: string;
  /** Whether the notification has a Cancel; not where ending the child would not end the work that it starts. */
  cancellable?: boolean;
  /** Ends the child as the notification's Cancel does. */
  signal?: AbortSignal;
  /** Hears what the verb writes on stdout before its result, as it comes. */
  onText?: (text: string) => void;
  /** Hears of the progress; only where no notification shows it. */
  onProgress?: (progress: VerbProgress) => void;
  /** What opens the model's endpoint, the cluster, or both; handed over in the environment and nowhere else. */
  access?: Access | readonly Access[];
}

/** Runs verbs of the command line in child processes, with a notification that counts and can cancel. */
export class Verbs implements vscode.Disposable {
  readonly #cli: string;
  readonly #reporter: Reporter;
  /** Aborted when the extension goes: a verb whose result nobody will see ends, and leaves nothing half written. */
  readonly #closing = new AbortController();

  constructor(extensionPath: string, reporter: Reporter) {
    this.#cli = join(extensionPath, 'dist', 'cli.mjs');
    this.#reporter = reporter;
  }

  /**
   * @throws {ActionableError} in a restricted workspace. @throws {VerbCancelled} @throws {VerbError} with what the process said.
   */
  async run<V extends VerbName>(verb: V, args: VerbArgs<V>, options: VerbOptions = {}): Promise<VerbResult<V>> {
    // Schemas are loaded when they are first needed: they are not paid for at activation.
    const { VERBS } = await import('../protocol/verbs.ts');
    const { args: argsSchema, result } = VERBS[verb];
    const value = await this.#call(verb, argsSchema.parse(args), options);
    // The compiler sees the union of all result schemas here, not the one of `verb`.
    const schema: z.ZodType = result;
    return checked(verb, schema, value) as VerbResult<V>;
  }

  /** Installs, starts, stops or looks at the starter model. Throws as `run`. */
  starter(what: VerbArgs<'starter'>['what'], options: VerbOptions = {}): Promise<VerbResult<'starter'>> {
    return this.run('starter', { what }, options);
  }

  dispose(): void {
    this.#closing.abort();
  }

  async #call(verb: string, args: unknown, options: VerbOptions): Promise<unknown> {
    requireTrust();
    const { callCommandLine } = await import('./command-line.ts');
    const { log } = this.#reporter;
    log.info(`longhand ${verb}`, JSON.stringify(args));
    const call: CommandLineCall = {
      cli: this.#cli,
      verb,
      args,
      env: childEnvironment(options.access),
      onLog: (line) => log.info(`[${verb}] ${line}`),
    };
    const signals = [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const { onProgress, onText } = options;
    if (onText !== undefined) call.onText = onText;
    if (options.title === undefined) {
      return callCommandLine({ ...call, signal: AbortSignal.any(signals), ...(onProgress ? { onProgress } : {}) });
    }
    return withNotification(
      options.title,
      (signal, report) =>
        callCommandLine({ ...call, signal: AbortSignal.any([...signals, signal]), onProgress: report }),
      options.cancellable,
    );
  }
}

/**
 * The host's environment, with the stored key of this endpoint in place of any other, and our settings. Without a stored key, one that
 * is inherited passes on, and the child sends it only where `keyFromEnvironment` lets it.
 */
function childEnvironment(access: VerbOptions['access']): NodeJS.ProcessEnv {
  const cache = setting('longhand.cacheFolder');
  const threads = setting('longhand.starter.threads');
  return {
    ...process.env,
    ...(threads === 0 ? {} : { LONGHAND_STARTER_THREADS: String(threads) }),
    ...Object.assign({}, ...[access].flat().map(accessEnvironment)),
    ...(cache === '' ? {} : { LONGHAND_CACHE: cache }),
  };
}

function accessEnvironment(access: Access): NodeJS.ProcessEnv {
  if (access === undefined) return {};
  if ('engine' in access) return { LONGHAND_RAY_TOKENS: JSON.stringify(access.tokens) };
  if ('key' in access) return { LONGHAND_API_KEY: access.key, LONGHAND_API_HOST: access.name };
  return { LONGHAND_VSCODE_URL: access.url, LONGHAND_VSCODE_TOKEN: access.token };
}

function checked<T>(verb: string, schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error !== undefined) throw new Error(`longhand ${verb} gave a result of another shape: ${error.message}`);
  return data;
}

/** Runs `work` under a notification, with Cancel unless `cancellable` is false. */
export async function withNotification<T>(
  title: string,
  work: (signal: AbortSignal, report: (progress: VerbProgress) => void) => Promise<T>,
  cancellable = true,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable };
  return vscode.window.withProgress(options, async (progress, token) => {
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
  const amount = (value: number): string => (inBytes ? formatBytes(value, locale) : formatCount(value, locale));
  const name = inBytes ? '' : ` ${unit}`;
  const count =
    total === undefined ? amount(done) + name : vscode.l10n.t('{0} of {1}{2}', amount(done), amount(total), name);
  const parts = [
    ...(message === undefined ? [] : [message]),
    // Work that has no count says what it does.
    ...(message !== undefined && total === undefined && done === 0 ? [] : [count]),
    ...(perSecond === undefined ? [] : [`${inBytes ? amount(perSecond) : formatRate(perSecond, locale)}/s`]),
    ...(secondsLeft === undefined ? [] : [vscode.l10n.t('{0} left', formatDuration(secondsLeft))]),
  ];
  return parts.join(' · ');
}
