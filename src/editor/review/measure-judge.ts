import { basename } from 'node:path';
import { defined, present } from '../../core/defined.ts';
import { isLocalModel, type ModelRef } from '../../core/schemas/index.ts';
import type { JudgeEvalPlan } from '../../protocol/judge-eval.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import { formatJudgeEval, formatJudgeTokens } from '../../verbs/review/print.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { askFile } from '../grading/grade-file.ts';
import { unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { type Choice, runSteps, type Step } from '../ui/steps.ts';

/** Sentences that give a first impression of a judge. */
const SAMPLE = 400;

/** Measures a judge on a file of labels by people: asks for the file and the size, shows the cost, then F1, κ and more in a document. */
export async function measureJudge(
  services: Services,
  ref: DatasetRef,
  judge: { model: ModelRef; secondPass: boolean },
): Promise<void> {
  const file = await askFile(t('Measure'));
  const { model, secondPass } = judge;
  const args: VerbArgs<'judge-eval'> = { file, dataset: ref.folder, model, secondPass };
  let sentences: number | undefined;
  let isConfirmed = false;
  const planOf = async (size: number | undefined): Promise<JudgeEvalPlan> => {
    const planned = { ...args, ...defined({ sentences: size }), plan: true };
    return (await services.verbs.run('judge-eval', planned, { title: t('Planning the judge') })).plan;
  };
  const ask: Step = async (ui) => {
    const all = await planOf(undefined);
    const sample = all.sentences > SAMPLE ? await planOf(SAMPLE) : undefined;
    const choices: Choice<number | 'all'>[] = present(sample && { ...choiceOf(t('A sample'), sample), value: SAMPLE }, {
      ...choiceOf(t('All sentences'), all),
      value: 'all' as const,
    });
    const chosen = await ui.pick({ placeholder: t('No requests sent yet.'), choices });
    sentences = chosen === 'all' ? undefined : chosen;
    isConfirmed = true;
    return undefined;
  };
  if (!(await runSteps(t('Measure {0}', basename(file)), ask)) || !isConfirmed) return;
  const access = await prepareModel(services, model);
  const measuring = services.verbs.run(
    'judge-eval',
    { ...args, ...defined({ sentences }) },
    { title: t('Measuring the judge'), access },
  );
  const done = await unlessCancelled(measuring);
  if (done === undefined) {
    void showInformationMessage(t('The measurement was cancelled. Paid results are kept. Start it again to resume.'));
    return;
  }
  await services.documents.show(t('{0} on {1}.txt', model.model, basename(file)), `${formatJudgeEval(done)}\n`);
}

function choiceOf(
  label: string,
  plan: JudgeEvalPlan,
): { icon: string; label: string; description: string; detail: string } {
  return {
    icon: 'play',
    label,
    // The list truncates lines, so the cost comes first.
    description: t(
      'cost: {0} · {1} · {2}',
      l10n.cost(plan.cost, isLocalModel(plan.model)),
      counted(plan.sentences, '{0} sentence', '{0} sentences'),
      counted(plan.requests, '{0} request', '{0} requests'),
    ),
    detail: formatJudgeTokens(plan, l10n),
  };
}
