import { type Calibration, foldCalibration } from '../../../core/review/calibration/index.ts';
import { listCalibrations, readCalibration } from '../../../store/index.ts';
import type { VerbArgs } from '../../../verbs/index.ts';
import { noChains } from '../../reporter.ts';
import type { Services } from '../../services.ts';
import { count, counted, t } from '../../ui/format.ts';
import { type Choice, runSteps, type Step } from '../../ui/steps.ts';
import { reviewer } from '../reviewer.ts';
import { CalibrationPanel } from './panel.ts';
import { datasetSource } from './source.ts';

/** An existing calibration, or how to make a new one. */
type Plan = { open: string } | Pick<VerbArgs<'calibrate'>, 'draw' | 'sameAs'>;

const SIZES = [50, 100, 200] as const;

/** Calibrate Classifier…: resumes a calibration, labels the sentences of another reviewer, or draws new ones. */
export async function calibrateClassifier(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  const me = await reviewer();
  const title = t('Calibrate Classifier');
  const all = await listCalibrations(dataset, (message) => services.reporter.log.warn(message));
  if (all.length === 0 && dataset.index.chains().length === 0)
    throw noChains(t('The dataset has no chains yet: there are no sentences to label.'));
  const plan = await choosePlan(title, all, me);
  if (plan === undefined) return;
  const name =
    'open' in plan
      ? plan.open
      : (await services.verbs.run('calibrate', { dataset: ref.folder, reviewer: me, ...plan }, { title })).calibration;
  const source = datasetSource(dataset, await readCalibration(dataset, name));
  CalibrationPanel.show(services.context.extensionUri, source, (message) => services.reporter.log.info(message));
}

async function choosePlan(title: string, all: readonly Calibration[], me: string): Promise<Plan | undefined> {
  let plan: Plan | undefined;
  const askSize: Step = async (ui) => {
    const draw = await ui.pick<number>({
      placeholder: t('How many sentences do you want to label?'),
      choices: SIZES.map((value) => ({
        label: counted(value, '{0} sentence', '{0} sentences'),
        detail: sizeDetail(value),
        value,
      })),
      active: 100,
    });
    plan = { draw };
    return undefined;
  };
  const askWhich: Step = async (ui) => {
    const picked = await ui.pick<Plan | 'new'>({
      placeholder: t('Label sentences without seeing the marks, then see how often the classifier is right'),
      choices: [
        ...mine(all, me),
        {
          label: t('New calibration…'),
          detail: t('Draws sentences from the chains of the dataset'),
          value: 'new',
        },
        ...ofOthers(all, me),
      ],
    });
    if (picked === 'new') return askSize;
    plan = picked;
    return undefined;
  };
  return (await runSteps(title, all.length === 0 ? askSize : askWhich)) ? plan : undefined;
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
