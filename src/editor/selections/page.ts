import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { FromSelectionsPage, type ToSelectionsPage } from '../../protocol/selections-page.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { openReport } from '../evaluation/evaluate.ts';
import type { Services } from '../services.ts';
import { serverProgram } from '../serving/server-program.ts';
import { trainerProgram } from '../training/trainer-program.ts';
import { t } from '../ui/format.ts';
import { setStatusBarMessage } from '../ui/notify.ts';
import { WebviewPage } from '../ui/webview-page.ts';

type Compared = VerbResult<'compare-selections'>;

const POLL_MS = 2000;

/**
 * The page of a comparison: its plan, how far it is, and its result once it has ended. Start runs it in a process that outlives the window, or resumes it.
 * @param asked the arguments of a new comparison; absent for a stored one
 */
export function showComparison(
  services: Services,
  ref: DatasetRef,
  first: Compared,
  asked?: CompareSelectionsArgs,
): void {
  let shown = first;
  let isStarting = false;
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    const { plan, result, progress } = shown;
    const state = stateOf(shown, isStarting);
    page.post({ type: 'snapshot', dataset: ref.name, state, plan, ...defined({ result, progress }) });
  };
  /** Reads how far it is, and looks again while it runs. */
  const refresh = async (): Promise<void> => {
    clearTimeout(timer);
    const wasRunning = shown.progress?.isRunning === true;
    if (!shown.result) shown = await current(services, ref, shown);
    send();
    // Another refresh may have set it meanwhile.
    clearTimeout(timer);
    if (shown.progress?.isRunning && !page.gone) timer = setTimeout(() => void page.guard(refresh), POLL_MS);
    else if (wasRunning) await services.datasets.refresh(ref);
  };
  const start = async (): Promise<void> => {
    if (isStarting) return;
    isStarting = true;
    send();
    // Only what this start creates is its comparison: another one may have the planned name by now.
    const id = randomBytes(4).toString('hex');
    const begun = shown.folder === undefined ? { ...shown, plan: { ...shown.plan, id } } : shown;
    try {
      shown = await startComparison(services, ref, begun, asked);
    } catch (error) {
      shown = (await stored(services, ref, begun)) ?? shown;
      throw error;
    } finally {
      isStarting = false;
      await services.datasets.refresh(ref);
      await refresh();
    }
  };
  const cancel = async (): Promise<void> => {
    const { comparison } = shown.plan;
    const title = t('Cancelling {0}', comparison);
    const args = { dataset: ref.folder, cancel: comparison };
    shown = await services.verbs.run('compare-selections', args, { title, cancellable: false });
    await refresh();
  };
  const page = new WebviewPage<FromSelectionsPage, ToSelectionsPage>({
    extension: services.context.extensionUri,
    bundle: 'selections',
    viewType: 'longhand.selections',
    title: t('Selections of {0}', ref.name),
    schema: FromSelectionsPage,
    receive: async ({ type }) => {
      if (type === 'start') return start();
      if (type === 'cancel') return cancel();
      if (type === 'report' && shown.report !== undefined) return openReport(shown.report);
      if (type === 'copyCommand') return copyCommand(ref, shown, asked);
      return refresh();
    },
    shown: refresh,
    gone: () => clearTimeout(timer),
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}

function stateOf({ folder, result, progress }: Compared, isStarting: boolean): ToSelectionsPage['state'] {
  if (isStarting) return 'starting';
  if (result) return 'ended';
  if (progress?.isRunning) return 'running';
  return folder === undefined ? 'planned' : 'stopped';
}

/** Starts or resumes a comparison. Resolves when its process runs it. */
async function startComparison(
  services: Services,
  ref: DatasetRef,
  { folder, plan }: Compared,
  asked: CompareSelectionsArgs | undefined,
): Promise<Compared> {
  const { trainer, engine } = plan.training;
  const program = trainerProgram(trainer);
  const served = plan.server && serverProgram(plan.server);
  const access = await services.engineKeys.of(engine ? [engine] : []);
  const args =
    folder !== undefined || asked === undefined
      ? { dataset: ref.folder, resume: plan.comparison }
      : { ...asked, plan: false, id: plan.id };
  const title = t('Starting {0}', plan.comparison);
  const serving = served && { ...asked?.serving, serverProgram: served };
  const programs = { ...(program && { program }), ...(serving && { serving }) };
  // A Cancel here would not stop the process; the page does.
  const options = { title, access, cancellable: false };
  return services.verbs.run('compare-selections', { ...args, ...programs, detach: true }, options);
}

/** A comparison as it is now. While it runs, only its progress is read. */
async function current(services: Services, ref: DatasetRef, shown: Compared): Promise<Compared> {
  const { folder, plan, progress } = shown;
  if (folder === undefined) return shown;
  if (progress?.isRunning) {
    const { progressOf } = await import('../../store/selections/comparisons.ts');
    const now = await progressOf({ folder, plan });
    if (now.isRunning) return { ...shown, progress: now };
  }
  return (await stored(services, ref, shown)) ?? shown;
}

/** The stored comparison with the id of a plan; undefined if it was never begun, or was deleted. */
async function stored(services: Services, ref: DatasetRef, { plan: { id } }: Compared): Promise<Compared | undefined> {
  const { listComparisons } = await import('../../store/selections/comparisons.ts');
  const found = (await listComparisons(ref.folder)).find(({ plan }) => plan.id === id);
  return found && services.verbs.run('compare-selections', { dataset: ref.folder, show: found.plan.comparison });
}

async function copyCommand(
  ref: DatasetRef,
  { folder, plan }: Compared,
  asked: CompareSelectionsArgs | undefined,
): Promise<void> {
  const [{ commandOf }, { CompareSelectionsArgs: schema }] = await Promise.all([
    import('../../verbs/flags.ts'),
    import('../../protocol/selections.ts'),
  ]);
  const args =
    folder === undefined && asked ? { ...asked, plan: undefined } : { dataset: ref.folder, resume: plan.comparison };
  await vscode.env.clipboard.writeText(commandOf('compare-selections', schema, args));
  setStatusBarMessage(t('Command copied.'), 3000);
}
