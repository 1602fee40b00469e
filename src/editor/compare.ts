import type { Services } from './services.ts';
import { t } from './ui/format.ts';
import { type PickItem, showQuickPick } from './ui/quick-input.ts';

type Comparison = PickItem & { run: () => Promise<void> };

/** Compare Gradings or Evaluations…: from the Evaluations item, evaluations; without a dataset, graded files. */
export async function compareResults(services: Services, argument: unknown): Promise<void> {
  const gradings = async () => (await import('./grading/compare-gradings.ts')).compareGradings(services, argument);
  const evaluations = async () =>
    (await import('./evaluation/compare-evaluations.ts')).compareTwoEvaluations(services, argument);
  if (isEvaluations(argument)) return evaluations();
  await services.datasets.ready();
  if (services.datasets.all.length === 0) return gradings();
  const choices: Comparison[] = [
    {
      icon: 'diff',
      label: t('Gradings…'),
      detail: t('Verdicts that differ between two gradings or two graded files'),
      run: gradings,
    },
    {
      icon: 'dashboard',
      label: t('Evaluations…'),
      detail: t('Problems that one model solves and the other does not'),
      run: evaluations,
    },
  ];
  await (await showQuickPick(choices, { placeHolder: t('Compare what?') }))?.run();
}

const isEvaluations = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'evaluations';
