import type { Services } from './services.ts';
import { t } from './ui/format.ts';
import { type PickItem, showQuickPick } from './ui/quick-input.ts';

type Rework = PickItem & { run: (services: Services, argument: unknown) => Promise<void> };

/** Rework Dataset…: regrades, judges, refilters or rebuilds a dataset. Each shows its changes before it writes them. */
export async function reworkDataset(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const choices: Rework[] = [
    {
      icon: 'sync',
      label: t('Regrade Answers…'),
      detail: t('Compare all answers with their gold answers again, by a policy'),
      run: async (...args) => (await import('./grading/regrade.ts')).regradeDataset(...args),
    },
    {
      icon: 'law',
      label: t('Judge Answers with a Model…'),
      detail: t('Ask a model about answers that grading does not call correct'),
      run: async (...args) => (await import('./grading/judge-answers.ts')).judgeAnswersOf(...args),
    },
    {
      icon: 'filter',
      label: t('Refilter Chains…'),
      detail: t('Apply the filters of longhand.json to all chains again'),
      run: async (...args) => (await import('./review/refilter.ts')).refilterDataset(...args),
    },
    {
      icon: 'combine',
      label: t('Rebuild Chains…'),
      detail: t('Assemble dialogue chains from their pieces again, with the current settings'),
      run: async (...args) => (await import('./dialogue/rebuild.ts')).rebuildDataset(...args),
    },
  ];
  const placeHolder = t('Rework {0}', ref.name);
  await (await showQuickPick(choices, { placeHolder }))?.run(services, { ref });
}
