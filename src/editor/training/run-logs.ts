import * as vscode from 'vscode';
import { messageOf } from '../../core/errors.ts';
import { LogText } from '../log-text.ts';
import { t } from '../ui/format.ts';
import type { Verbs } from '../verbs.ts';
import type { EngineKeys } from './engine-keys.ts';
import type { RunOf } from './runs.ts';

interface LogServices {
  verbs: Verbs;
  engineKeys: EngineKeys;
}

interface Shown {
  channel: vscode.OutputChannel;
  /** Bytes of the log that are shown already, and of which start. */
  offset: number;
  attempt: number;
  following: AbortController | undefined;
}

/** Milliseconds until a log is requested again from an engine that does not answer. */
const RETRY_MS = 10_000;

/**
 * Logs of runs as output channels, which scroll, can be searched, and continue after a resume or a broken connection. A verb follows the
 * log; the log itself stays with the run.
 */
export class RunLogs implements vscode.Disposable {
  readonly #shown = new Map<string, Shown>();

  /** Continues a shown log with the next start of its run. */
  followNext(services: LogServices, run: RunOf): void {
    if (this.#shown.has(keyOf(run))) this.#follow(services, run);
  }

  /** Shows the log of a run, and follows it until the run ends. */
  show(services: LogServices, run: RunOf): void {
    this.#follow(services, run).channel.show(true);
  }

  #follow(services: LogServices, run: RunOf): Shown {
    const key = keyOf(run);
    let shown = this.#shown.get(key);
    if (shown === undefined) {
      const channel = vscode.window.createOutputChannel(t('Longhand Run {0}', run.report.run), 'log');
      shown = { channel, offset: 0, attempt: run.report.attempts, following: undefined };
      this.#shown.set(key, shown);
    }
    if (shown.attempt !== run.report.attempts) {
      shown.channel.appendLine(`── ${t('Start {0}', run.report.attempts)} ──`);
      shown.attempt = run.report.attempts;
      shown.offset = 0;
      shown.following?.abort();
      shown.following = undefined;
    }
    if (shown.following !== undefined) return shown;
    const following = new AbortController();
    shown.following = following;
    void this.#read(services, run, shown, following.signal).finally(() => {
      if (shown.following === following) shown.following = undefined;
    });
    return shown;
  }

  dispose(): void {
    for (const { channel, following } of this.#shown.values()) {
      following?.abort();
      channel.dispose();
    }
    this.#shown.clear();
  }

  async #read(services: LogServices, { ref, report }: RunOf, shown: Shown, signal: AbortSignal): Promise<void> {
    const text = new LogText((piece) => shown.channel.append(piece));
    const access = await services.engineKeys.of([report.engine]);
    while (!signal.aborted) {
      const args = { dataset: ref.folder, run: report.run, follow: true, offset: shown.offset };
      try {
        const { state, offset } = await services.verbs.run('run-log', args, {
          access,
          signal,
          onText: (piece) => text.add(piece),
        });
        shown.offset = offset;
        if (state !== 'running' && state !== 'pending' && state !== 'unreachable') return text.end();
      } catch (error) {
        if (signal.aborted) return;
        text.end();
        shown.channel.appendLine(`── ${messageOf(error)} ──`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const keyOf = ({ ref, report }: RunOf): string => `${ref.folder}\n${report.run}`;
