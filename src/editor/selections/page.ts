import * as vscode from 'vscode';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { FromSelectionsPage, type ToSelectionsPage } from '../../protocol/selections-page.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { openReport } from '../evaluation/evaluate.ts';
import { unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { trainerProgram } from '../training/trainer-program.ts';
import { t } from '../ui/format.ts';
import { setStatusBarMessage, showInformationMessage } from '../ui/notify.ts';
import { WebviewPage } from '../ui/webview-page.ts';

type Compared = VerbResult<'compare-selections'>;

/**
 * The page of a comparison: its plan, and its result once it has ended. Start runs it, or resumes it.
 * @param asked the arguments of a new comparison; absent for a stored one
 */
export function showComparison(
  services: Services,
  ref: DatasetRef,
  first: Compared,
  asked?: CompareSelectionsArgs,
): void {
  let shown = first;
  let isRunning = false;
  const send = (): void =>
    page.post({
      type: 'snapshot',
      dataset: ref.name,
      state: stateOf(shown, isRunning),
      plan: shown.plan,
      ...resultOf(shown),
    });
  const start = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    send();
    try {
      const done = await unlessCancelled(runComparison(services, ref, shown, asked));
      if (done) shown = done;
      else void showInformationMessage(t('The comparison was cancelled. Finished steps are kept.'));
    } finally {
      isRunning = false;
      shown = await stored(services, ref, shown);
      await services.datasets.refresh(ref);
      send();
    }
  };
  const page = new WebviewPage<FromSelectionsPage, ToSelectionsPage>({
    extension: services.context.extensionUri,
    bundle: 'selections',
    viewType: 'longhand.selections',
    title: t('Selections of {0}', ref.name),
    schema: FromSelectionsPage,
    receive: async ({ type }) => {
      if (type === 'start') return start();
      if (type === 'report' && shown.report !== undefined) return openReport(shown.report);
      if (type === 'copyCommand') return copyCommand(ref, shown, asked);
      send();
    },
    shown: send,
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}

const resultOf = ({ result }: Compared): Pick<ToSelectionsPage, 'result'> => (result ? { result } : {});

function stateOf({ folder, result }: Compared, isRunning: boolean): ToSelectionsPage['state'] {
  if (isRunning) return 'running';
  if (result) return 'ended';
  return folder === undefined ? 'planned' : 'stopped';
}

async function runComparison(
  services: Services,
  ref: DatasetRef,
  { folder, plan }: Compared,
  asked: CompareSelectionsArgs | undefined,
): Promise<Compared> {
  const { trainer, engine } = plan.training;
  const program = trainerProgram(trainer);
  const access = await services.engineKeys.of(engine ? [engine] : []);
  const args =
    folder !== undefined || asked === undefined
      ? { dataset: ref.folder, resume: plan.comparison }
      : { ...asked, plan: false };
  const title = t('Comparing selections: {0}', plan.comparison);
  return services.verbs.run('compare-selections', { ...args, ...(program && { program }) }, { title, access });
}

/** As it is stored after a failure or a cancel; unchanged if it was never begun. */
async function stored(services: Services, ref: DatasetRef, before: Compared): Promise<Compared> {
  const { comparison } = before.plan;
  const { listComparisons } = await import('../../store/selections/comparisons.ts');
  const exists = (await listComparisons(ref.folder)).some(({ plan }) => plan.comparison === comparison);
  return exists ? services.verbs.run('compare-selections', { dataset: ref.folder, show: comparison }) : before;
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
