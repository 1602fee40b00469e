import { type Calibration, foldCalibration } from '../../../core/review/calibration/index.ts';
import { countLabels, listCalibrations, readCalibration } from '../../../store/index.ts';
import type { VerbArgs } from '../../../verbs/index.ts';
import { noChains } from '../../reporter.ts';
import type { Services } from '../../services.ts';
import { count, counted, t } from '../../ui/format.ts';
import { type Choice, runSteps, type Step } from '../../ui/steps.ts';
import { reviewer } from '../reviewer.ts';
import { ENOUGH_LABELS, UpdateOffer, updateClassifier } from '../update-classifier.ts';
import { CalibrationPanel } from './panel.ts';
import { datasetSource } from './source.ts';

/** An existing calibration, or how to make a new one. */
type Plan = { open: string } | Pick<VerbArgs<'calibrate'>, 'draw' | 'sameAs' | 'order'>;

const SIZES = [50, 100, 200] as const;
/** Sentences of a learning plan. */
const TEACHING = 100;

/** Calibrate Classifier…: resumes a calibration, labels the sentences of another reviewer, or draws new ones. */
export async function calibrateClassifier(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  const me = await reviewer();
  const title = t('Calibrate Classifier');
  const all = await listCalibrations(dataset, (message) => services.reporter.log.warn(message));
  if (all.length === 0 && dataset.index.chainCount === 0)
    throw noChains(t('The dataset has no chains yet: there are no sentences to label.'));
  const plan = await choosePlan(title, all, me, await countLabels(dataset));
  if (plan === undefined) return;
  if (plan === 'update') return updateClassifier(services, ref);
  const name =
    'open' in plan
      ? plan.open
      : (await services.verbs.run('calibrate', { dataset: ref.folder, reviewer: me, ...plan }, { title })).calibration;
  const source = datasetSource(dataset, await readCalibration(dataset, name));
  const offer = new UpdateOffer(services, ref, dataset);
  CalibrationPanel.show(services.context.extensionUri, source, {
    log: (message) => services.reporter.log.info(message),
    labelled: () => void offer.labelled(),
  });
}

async function choosePlan(
  title: string,
  all: readonly Calibration[],
  me: string,
  labels: number,
): Promise<Plan | 'update' | undefined> {
  let plan: Plan | 'update' | undefined;
  const askSize: Step = async (ui) => {
    const picked = await ui.pick<number | 'learning'>({
      placeholder: t('How many sentences do you want to label?'),
      choices: [
        ...SIZES.map((value) => ({
          label: counted(value, '{0} sentence', '{0} sentences'),
          detail: sizeDetail(value),
          value,
        })),
        {
          label: counted(TEACHING, '{0} most informative sentence', '{0} most informative sentences'),
          detail: t('Varied and uncertain ones first. They update the classifier; they don’t measure it'),
          value: 'learning' as const,
        },
      ],
      active: 100,
    });
    plan = picked === 'learning' ? { draw: TEACHING, order: 'learning' } : { draw: picked };
    return undefined;
  };
  const askWhich: Step = async (ui) => {
    const picked = await ui.pick<Plan | 'new' | 'update'>({
      placeholder: t('Label sentences without seeing the marks, then see how often the classifier is right'),
      choices: [
        ...mine(all, me),
        {
          label: t('New calibration…'),
          detail: t('Draws sentences from the chains of the dataset'),
          value: 'new',
        },
        ...ofOthers(all, me),
        ...(labels > 0
          ? [
              {
                label: counted(
                  labels,
                  'Update the classifier from {0} label…',
                  'Update the classifier from {0} labels…',
                ),
                detail: t('Held-back labels decide whether it gets better'),
                value: 'update' as const,
              },
            ]
          : []),
      ],
    });
    if (picked === 'new') return askSize;
    plan = picked;
    return undefined;
  };
  return (await runSteps(title, all.length === 0 && labels < ENOUGH_LABELS ? askSize : askWhich)) ? plan : undefined;
}

function sizeDetail(size: (typeof SIZES)[number]): string {
  switch (size) {
    case 50:
      return t('A first impression: wide intervals');
    case 100:
      return t('Precision of each kind to about ± 20 %');
    case 200:
      return t('Precision to about ± 14 %, and recall of frequent kinds');
  }
}

/** The calibrations of this reviewer, the latest first. */
function mine(all: readonly Calibration[], me: string): Choice<Plan>[] {
  return all
    .filter(({ plan }) => plan.reviewer === me)
    .map(({ name, plan, acts }) => {
      const done = foldCalibration(plan, acts).labels.size;
      const open = done < plan.sentences.length;
      return {
        label: open ? t('Resume {0}', name) : t('Show result of {0}', name),
        description: t('{0} of {1}', count(done), count(plan.sentences.length)),
        value: { open: name },
      };
    })
    .reverse();
}

function ofOthers(all: readonly Calibration[], me: string): Choice<Plan>[] {
  const known = new Set(all.filter(({ plan }) => plan.reviewer === me).map(({ plan }) => plan.id));
  return all
    .filter(({ plan }) => !known.has(plan.id))
    .map(({ name, plan }) => ({
      label: t('Label the same sentences as {0}', plan.reviewer),
      description: name,
      detail: t('Measures your agreement with this reviewer'),
      value: { sameAs: name },
    }));
}
