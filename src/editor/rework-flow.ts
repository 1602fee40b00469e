import type { VerbArgs, VerbResult } from '../verbs/index.ts';
import type { DatasetRef } from './dataset/find-datasets.ts';
import { unlessCancelled } from './reporter.ts';
import type { Services } from './services.ts';
import { t } from './ui/format.ts';
import { showInformationMessage, showWarningMessage } from './ui/notify.ts';
import type { ModelAccess } from './verbs.ts';

type ReworkVerb = 'refilter' | 'regrade' | 'rebuild' | 'judge-answers' | 'refit';

interface Rework<V extends ReworkVerb> {
  readonly ref: DatasetRef;
  readonly verb: V;
  readonly args: VerbArgs<V>;
  /** To a model that the verb calls. */
  readonly access?: ModelAccess;
  /** What is done, such as “Filtering”. */
  readonly what: string;
  readonly describe: (found: VerbResult<V>) => string;
  readonly isChanged: (found: VerbResult<V>) => boolean;
  readonly show: { readonly label: string; readonly run: (found: VerbResult<V>) => Promise<void> };
  /** A third button. Without `run`, it is offered only next to Apply. */
  readonly other: { readonly label: string; readonly run?: () => unknown };
  readonly applied: (done: VerbResult<V>) => unknown;
}

/** Finds what would change, shows it, and applies it on request. */
export async function rework<V extends ReworkVerb>(services: Services, flow: Rework<V>): Promise<void> {
  const { verbs, datasets } = services;
  const { ref, verb, args, what, access } = flow;
  const title = t('{0}: finding what would change in {1}', what, ref.name);
  const found = await unlessCancelled(verbs.run(verb, args, { title, access }));
  if (found === undefined) {
    void showInformationMessage(t('{0} was cancelled and nothing is changed. To resume, start it again.', what));
    return;
  }
  if (!(await askToApply(flow, found))) return;
  const applying = verbs.run(
    verb,
    { ...args, apply: true },
    {
      title: t('{0}: writing into {1}', what, ref.name),
      access,
    },
  );
  // Trees and an open reader show what was written, even after a cancel.
  const done = await unlessCancelled(applying.finally(() => datasets.refresh(ref)));
  if (done !== undefined) await flow.applied(done);
  else {
    void showWarningMessage(
      t(
        '{0} was cancelled while results were written. Some chains have new results, others old ones. Start it again to finish.',
        what,
      ),
    );
  }
}

/** Shows what would change, and the list on request. @returns Whether to apply it. */
async function askToApply<V extends ReworkVerb>(flow: Rework<V>, found: VerbResult<V>): Promise<boolean> {
  const { show, other } = flow;
  const apply = t('Apply');
  const offered = other.run === undefined ? [] : [other.label];
  const buttons = flow.isChanged(found) ? [show.label, apply, other.label] : offered;
  for (;;) {
    const answer = await showInformationMessage(flow.describe(found), ...buttons);
    if (answer === other.label) await other.run?.();
    if (answer !== show.label) return answer === apply;
    await show.run(found);
  }
}
