import * as vscode from 'vscode';
import type { ModelRef } from '../core/model/index.ts';
import type { Bridge, BridgeAccess, BridgedModel, BridgedSampling } from '../models/bridge.ts';
import { requireTrust } from './registration.ts';
import type { Reporter } from './reporter.ts';

/** A chat model that VS Code offers, as a dataset's settings name it. */
export type WindowModel = Extract<ModelRef, { kind: 'vscode' }>;

/** The models that VS Code offers to extensions now, by vendor and name. */
export async function windowModels(): Promise<vscode.LanguageModelChat[]> {
  const models = await vscode.lm.selectChatModels();
  return [...models].sort((a, b) => a.vendor.localeCompare(b.vendor) || a.name.localeCompare(b.name));
}

export const windowModelRef = ({ vendor, family, id }: vscode.LanguageModelChat): WindowModel => ({
  kind: 'vscode',
  vendor,
  family,
  model: id,
});

/**
 * Lends the chat models of this window to the command line, which can't ask them itself. The server behind it starts when a model is
 * first lent and ends with the window; rounds that used it are then interrupted, and can be resumed from another window.
 */
export class LanguageModelBridge implements vscode.Disposable {
  readonly #reporter: Reporter;
  #bridge: Promise<Bridge> | undefined;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** @throws {ActionableError} in a restricted workspace. */
  async lend(): Promise<BridgeAccess> {
    requireTrust();
    this.#bridge ??= this.#start();
    return (await this.#bridge).access;
  }

  dispose(): void {
    void this.#bridge?.then((bridge) => bridge.close());
  }

  async #start(): Promise<Bridge> {
    const [{ Bridge }, { ApiError }, { WINDOW_REFUSED }] = await Promise.all([
      import('../models/bridge.ts'),
      import('../models/starter/api.ts'),
      import('../models/errors.ts'),
    ]);
    const inWords = (error: unknown, name: string): Error => {
      const refusal = refusalOf(error, name);
      if (refusal === undefined) return new ApiError(502, vscode.l10n.t('{0} failed: {1}', name, reasonOf(error)));
      return new ApiError(refusal.status, refusal.text, undefined, refusal.isFinal ? WINDOW_REFUSED : undefined);
    };
    return Bridge.start({
      log: (line) => this.#reporter.log.warn(`[bridge] ${line}`),
      list: async (vendor) => (await vscode.lm.selectChatModels({ vendor })).map(({ id }) => id),
      find: async (vendor, id) => {
        const [model] = await vscode.lm.selectChatModels({ vendor, id });
        if (model !== undefined) return lent(model, inWords);
        throw new ApiError(
          404,
          vscode.l10n.t('VS Code offers no model {0} of {1} now. Is its extension on?', id, vendor),
        );
      },
    });
  }
}

function lent(model: vscode.LanguageModelChat, inWords: (error: unknown, name: string) => Error): BridgedModel {
  return {
    async *send(messages, sampling, signal) {
      const { token, dispose } = tokenOf(signal);
      try {
        const options = { justification: JUSTIFICATION, modelOptions: { ...sampling } satisfies BridgedSampling };
        const said = messages.map(({ role, content }) =>
          // There is no system role here: what it says comes first, as the person's word.
          role === 'assistant'
            ? vscode.LanguageModelChatMessage.Assistant(content)
            : vscode.LanguageModelChatMessage.User(content),
        );
        const response = await model.sendRequest(said, options, token);
        yield* response.text;
      } catch (error) {
        throw inWords(error, model.name);
      } finally {
        dispose();
      }
    },
    async countTokens(text, signal) {
      const { token, dispose } = tokenOf(signal);
      try {
        return Math.max(0, Math.round(await model.countTokens(text, token)));
      } finally {
        dispose();
      }
    },
  };
}

const JUSTIFICATION = vscode.l10n.t('Longhand asks this model for the texts of your dataset.');

function tokenOf(signal: AbortSignal): { token: vscode.CancellationToken; dispose: () => void } {
  const source = new vscode.CancellationTokenSource();
  const cancel = () => source.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return {
    token: source.token,
    dispose: () => {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    },
  };
}

interface Refusal {
  status: number;
  text: string;
  /** Asking again, or for something else, brings nothing. */
  isFinal: boolean;
}

/** What VS Code says when it does not let a request through; undefined for a failure of the model itself. */
function refusalOf(error: unknown, name: string): Refusal | undefined {
  if (!(error instanceof vscode.LanguageModelError)) return undefined;
  switch (error.code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return {
        status: 403,
        text: vscode.l10n.t('VS Code was not allowed to let Longhand use {0}.', name),
        isFinal: true,
      };
    case vscode.LanguageModelError.Blocked.name: {
      const text = vscode.l10n.t(
        'VS Code blocks calls to {0}, most often since a quota is used up: {1}',
        name,
        error.message,
      );
      return { status: 403, text, isFinal: true };
    }
    case vscode.LanguageModelError.NotFound.name:
      return { status: 404, text: vscode.l10n.t('{0} is not offered by VS Code any more.', name), isFinal: false };
    default:
      return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
