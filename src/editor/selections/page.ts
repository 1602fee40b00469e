import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { FromSelectionsPage, type ToSelectionsPage } from '../../protocol/selections-page.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { openReport } from '../evaluation/evaluate.ts';
import { unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { serverProgram } from '../serving/server-program.ts';
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
  const refresh = async (): Promise<void> => {
    if (!isRunning && shown.folder !== undefined && !shown.result) shown = await stored(services, ref, shown, shown);
    send();
  };
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
    // Only what this start creates is its comparison: another one may have the planned name by now.
    const id = randomBytes(4).toString('hex');
    const begun = shown.folder === undefined ? { ...shown, plan: { ...shown.plan, id } } : shown;
    try {
      const done = await unlessCancelled(runComparison(services, ref, begun, asked));
      if (done) shown = done;
      else void showInformationMessage(t('The comparison was cancelled. Finished steps are kept.'));
    } finally {
      isRunning = false;
      shown = await stored(services, ref, begun, shown);
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
    shown: refresh,
    fail: (error) => void services.reporter.error(error),
    log: (message) => services.reporter.log.info(message),
  });
}

const resultOf = ({ result }: Compared): Pick<ToSelectionsPage, 'result'> => (result ? { result } : {});

function stateOf({ folder, result, isRunning: isElsewhere }: Compared, isRunning: boolean): ToSelectionsPage['state'] {
  if (isRunning) return 'running';
  if (result) return 'ended';
  if (isElsewhere) return 'elsewhere';
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
  const served = plan.server && serverProgram(plan.server);
  const access = await services.engineKeys.of(engine ? [engine] : []);
  const args =
    folder !== undefined || asked === undefined
      ? { dataset: ref.folder, resume: plan.comparison }
      : { ...asked, plan: false, id: plan.id };
  const title = t('Comparing selections: {0}', plan.comparison);
  const serving = served && { ...asked?.serving, serverProgram: served };
  const programs = { ...(program && { program }), ...(serving && { serving }) };
  return services.verbs.run('compare-selections', { ...args, ...programs }, { title, access });
}

/** The comparison with the id of a plan, as it is stored after a failure or a cancel. @param otherwise if it was never begun, or was deleted */
async function stored(
  services: Services,
  ref: DatasetRef,
  { plan: { id } }: Compared,
  otherwise: Compared,
): Promise<Compared> {
  const { listComparisons } = await import('../../store/selections/comparisons.ts');
  const found = (await listComparisons(ref.folder)).find(({ plan }) => plan.id === id);
  if (found === undefined) return otherwise;
  return services.verbs.run('compare-selections', { dataset: ref.folder, show: found.plan.comparison });
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
