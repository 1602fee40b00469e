import * as vscode from 'vscode';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { Bridge, BridgeAccess, BridgedModel, BridgedSampling } from '../../models/bridge.ts';
import { requireTrust } from '../registration.ts';
import type { Reporter } from '../reporter.ts';
import { t } from '../ui/format.ts';

/** A chat model of VS Code in the settings of a dataset. */
export type WindowModel = Extract<ModelRef, { kind: 'vscode' }>;

/** The chat models of VS Code, sorted by vendor and name. */
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
 * Makes the chat models of this window available to the command line through a local server, which starts on first use and ends with
 * the window. Rounds that use it are then interrupted, and can be resumed from another window.
 */
export class LanguageModelBridge implements vscode.Disposable {
  readonly #reporter: Reporter;
  #bridge: Promise<Bridge> | undefined;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** @throws {ActionableError} in a restricted workspace. */
  async open(): Promise<BridgeAccess> {
    requireTrust();
    this.#bridge ??= this.#start();
    return (await this.#bridge).access;
  }

  dispose(): void {
    void this.#bridge?.then((bridge) => bridge.close());
  }

  async #start(): Promise<Bridge> {
    const [{ Bridge }, { ApiError }, { WINDOW_REFUSED }] = await Promise.all([
      import('../../models/bridge.ts'),
      import('../../models/starter/api.ts'),
      import('../../models/errors.ts'),
    ]);
    const toApiError = (error: unknown, name: string): Error => {
      const refusal = refusalOf(error, name);
      if (refusal === undefined) return new ApiError(502, t('{0} failed: {1}', name, reasonOf(error)));
      return new ApiError(refusal.status, refusal.text, undefined, refusal.isFinal ? WINDOW_REFUSED : undefined);
    };
    return Bridge.start({
      log: (line) => this.#reporter.log.warn(`[bridge] ${line}`),
      list: async (vendor) => (await vscode.lm.selectChatModels({ vendor })).map(({ id }) => id),
      find: async (vendor, id) => {
        const [model] = await vscode.lm.selectChatModels({ vendor, id });
        if (model !== undefined) return bridgedModel(model, toApiError);
        throw new ApiError(
          404,
          t('VS Code offers no model {0} of {1}. Check that its extension is enabled.', id, vendor),
        );
      },
    });
  }
}

function bridgedModel(
  model: vscode.LanguageModelChat,
  toApiError: (error: unknown, name: string) => Error,
): BridgedModel {
  return {
    async *send(messages, sampling, signal) {
      const { token, dispose } = tokenOf(signal);
      try {
        const options = { justification: JUSTIFICATION, modelOptions: { ...sampling } satisfies BridgedSampling };
        const chat = messages.map(({ role, content }) =>
          // The API has no system role.
          role === 'assistant'
            ? vscode.LanguageModelChatMessage.Assistant(content)
            : vscode.LanguageModelChatMessage.User(content),
        );
        const response = await model.sendRequest(chat, options, token);
        yield* response.text;
      } catch (error) {
        throw toApiError(error, model.name);
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

const JUSTIFICATION = t('Longhand generates the texts of your dataset with this model.');

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
  /** Whether a retry is useless. */
  isFinal: boolean;
}

/** The refusal of a request by VS Code; undefined for an error of the model. */
function refusalOf(error: unknown, name: string): Refusal | undefined {
  if (!(error instanceof vscode.LanguageModelError)) return undefined;
  switch (error.code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return {
        status: 403,
        text: t('Longhand is not allowed to use {0} in VS Code.', name),
        isFinal: true,
      };
    case vscode.LanguageModelError.Blocked.name: {
      const text = t('VS Code blocks calls to {0}. Most often, a quota is used up: {1}', name, error.message);
      return { status: 403, text, isFinal: true };
    }
    case vscode.LanguageModelError.NotFound.name:
      return { status: 404, text: t('VS Code no longer offers {0}.', name), isFinal: false };
    default:
      return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
