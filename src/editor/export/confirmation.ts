import { UserError } from '../../core/errors.ts';
import type { L10n } from '../../core/text/l10n.ts';
import { planLines } from '../../verbs/export/print.ts';
import type { VerbResult } from '../../verbs/index.ts';

type Plan = VerbResult<'publish'>;

/** How the editor asks. Not from vscode, so that Node can test what is asked. */
export interface ConfirmationUi {
  l10n: L10n;
  /** A modal dialog; the first button is the default. Returns the chosen one. */
  ask(question: string, detail: string, buttons: readonly string[]): Promise<string | undefined>;
  showCard(path: string): PromiseLike<unknown>;
}

/**
 * Shows the plan until it is confirmed or dismissed. It can't be confirmed where the repository is public and that was not chosen.
 * @param mayBePublic The user chose a public repository.
 */
export async function confirmPlan(plan: Plan, mayBePublic: boolean, ui: ConfirmationUi): Promise<boolean> {
  const { t, counted } = ui.l10n;
  const isSensitive = plan.sensitiveCount > 0;
  const upload = isSensitive ? t('Upload Anyway') : t('Upload');
  const card = t('Show Card');
  const isFinal = plan.visibility === 'public' && !mayBePublic;
  const question = isFinal
    ? t('{0} is public. Publish again and choose Public repository, or another repository.', plan.repo)
    : t('Upload {0} to {1}?', counted(plan.files.length, '{0} file', '{0} files'), plan.repo);
  const detail = [...planLines(plan), '', t('Nothing is uploaded yet.')].join('\n');
  const buttons = isFinal ? [card] : isSensitive ? [card, upload] : [upload, card];
  for (;;) {
    const chosen = await ui.ask(question, detail, buttons);
    if (chosen !== card) return !isFinal && chosen === upload;
    await ui.showCard(plan.card);
  }
}

/** Where a token is stored. */
interface TokenStore {
  set(token: string): Promise<void>;
  delete(): Promise<void>;
}

/**
 * Uploads with a token that was entered or stored, and stores it once it is known to work.
 * @throws what `upload` throws. If the hub refuses the token, it is deleted first.
 */
export async function uploadWith<T>(
  token: string,
  upload: () => Promise<T>,
  store: TokenStore,
  l10n: L10n,
): Promise<T> {
  try {
    const published = await upload();
    await store.set(token);
    return published;
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== 'bad-token') throw error;
    await store.delete();
    const next = l10n.t('Longhand did not keep the token and asks for one next time.');
    throw new UserError(error.kind, error.message, `${error.advice} ${next}`, { cause: error });
  }
}
