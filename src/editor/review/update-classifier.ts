import * as vscode from 'vscode';
import type { HeadOutcome } from '../../core/schemas/index.ts';
import { countLabels, type Dataset } from '../../store/index.ts';
import type { VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { unlessCancelled } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { count, counted, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';

type Found = VerbResult<'refit'>;

/** Labels after which an update is offered. */
export const ENOUGH_LABELS = 50;

/** Shows what the labels of a dataset gain on held-back labels, and updates its classifier on request. */
export async function updateClassifier(services: Services, ref: DatasetRef): Promise<void> {
  await rework(services, {
    ref,
    verb: 'refit',
    args: { dataset: ref.folder },
    what: t('Updating the classifier'),
    describe: formatFound,
    isChanged: ({ better }) => better,
    show: {
      label: t('Show Scores'),
      run: async (found) => {
        const { formatRefit } = await import('../../verbs/review/print-refit.ts');
        await services.documents.show(t('classifier of {0}.txt', ref.name), formatRefit(found));
      },
    },
    other: {
      label: t('Label More Sentences'),
      run: () => vscode.commands.executeCommand('longhand.calibrateDetectors', { ref }),
    },
    applied: (done) => offerMarks(services, ref, done),
  });
}

function formatFound(found: Found): string {
  const { labels, corrected, outcomes, better } = found;
  const from = counted(
    labels + corrected,
    'Update the classifier from {0} label',
    'Update the classifier from {0} labels',
  );
  const gains = outcomes.filter(({ verdict }) => verdict === 'better').map(gainOf);
  if (better) return t('{0}: {1} on held-back labels. The other behaviours stay as they are.', from, gains.join(', '));
  const decided = outcomes.some(({ verdict }) => verdict === 'same');
  return decided
    ? counted(
        labels + corrected,
        'No better on held-back labels: with {0} label, the classifier stays as it is.',
        'No better on held-back labels: with {0} labels, the classifier stays as it is.',
      )
    : t(
        'Too few labels to decide. A behaviour needs blind labels in at least four chains, at least five with it and five without. Blind labels: {0} of {1}. Corrections in the reader are used for fitting, not for evaluation: {2}.',
        ...[labels, 40, corrected].map(count),
      );
}

/** `verification precision 0.61 → 0.78, κ 0.30 → 0.52`. */
function gainOf({ kind, before, after }: HeadOutcome): string {
  const two = (value: number | undefined): string => (value ?? 0).toFixed(2);
  const scores = [two(before?.precision), two(after?.precision), two(before?.kappa), two(after?.kappa)];
  return t('{0} precision {1} → {2}, κ {3} → {4}', kind, ...scores);
}

/** New chains are marked by the updated classifier; the existing ones on request. */
async function offerMarks({ verbs, datasets }: Services, ref: DatasetRef, { written }: Found): Promise<void> {
  if (written === undefined) return;
  const again = t('Mark Chains Again');
  const text = t(
    'The classifier of {0} is updated (version {1}). New chains are marked with it. Existing chains keep their marks until you mark them again; spans that reviewers changed stay.',
    ...[ref.name, count(written)],
  );
  if ((await showInformationMessage(text, again)) !== again) return;
  const title = t('Marking chains of {0} again', ref.name);
  const marking = verbs.run('remark', { dataset: ref.folder, apply: true }, { title });
  const done = await unlessCancelled(marking.finally(() => datasets.refresh(ref)));
  if (done === undefined) {
    void showInformationMessage(t('Marking was cancelled. To finish it, run “longhand remark --apply”.'));
    return;
  }
  const marked = counted(done.changed, '{0} chain has new marks.', '{0} chains have new marks.');
  const kept = counted(
    done.reviewed,
    '{0} chain keeps its marks, because a reviewer changed them.',
    '{0} chains keep their marks, because a reviewer changed them.',
  );
  void showInformationMessage(done.reviewed === 0 ? marked : `${marked} ${kept}`);
}

/** When the update was offered last. */
interface Offered {
  labels: number;
}

/** Offers the update after every 50 labels. */
export class UpdateOffer {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  #looking = false;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
  }

  /** Called after each label. Never throws. */
  async labelled(): Promise<void> {
    if (this.#looking || !vscode.workspace.isTrusted) return;
    this.#looking = true;
    try {
      if (await this.#isDue()) await this.#offer();
    } catch (error) {
      this.#services.reporter.log.warn(`${this.#ref.folder}: ${String(error)}`);
    } finally {
      this.#looking = false;
    }
  }

  get #key(): string {
    return `longhand.classifierOffer:${this.#ref.folder}`;
  }

  async #isDue(): Promise<boolean> {
    const { workspaceState } = this.#services.context;
    const offered = workspaceState.get<Offered>(this.#key);
    const labels = await countLabels(this.#dataset);
    if (labels < ENOUGH_LABELS + (offered?.labels ?? 0)) return false;
    await workspaceState.update(this.#key, { labels } satisfies Offered);
    return true;
  }

  async #offer(): Promise<void> {
    const update = t('Update Classifier');
    const text = t(
      'The classifier can learn from your labels. It only changes if held-back labels show that it gets better.',
    );
    if ((await showInformationMessage(text, update, t('Not Now'))) === update) {
      await updateClassifier(this.#services, this.#ref);
    }
  }
}
