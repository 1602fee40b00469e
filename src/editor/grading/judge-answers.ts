import { defined } from '../../core/defined.ts';
import { isLocalModel, type ModelRef } from '../../core/schemas/index.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { ModelSteps } from '../models/model-steps.ts';
import { noChains } from '../reporter.ts';
import { rework } from '../rework-flow.ts';
import type { Services } from '../services.ts';
import { counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { runSteps, type Step } from '../ui/steps.ts';

type Found = VerbResult<'judge-answers'>;

/** Judge Answers with a Model…: asks for a model, shows the cost, lists what the model overrules, and writes it on request. */
export async function judgeAnswersOf(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  const { judge } = await dataset.reloadSettings();
  if (dataset.index.chainCount === 0) throw noChains(t('The dataset has no chains yet.'));
  const args: VerbArgs<'judge-answers'> = { dataset: ref.folder };
  let chosen: ModelRef | undefined;
  let started = false;
  const confirm: Step = async (ui) => {
    const title = t('Planning the judge');
    const { plan } = await services.verbs.run('judge-answers', { ...args, plan: true }, { title });
    if (plan.answers === 0) {
      void showInformationMessage(t('No answer is graded incorrect or unknown and not judged yet.'));
      return undefined;
    }
    await ui.pick({
      placeholder: t('No requests sent yet.'),
      choices: [
        {
          icon: 'play',
          label: t('Start {0}', plan.model.model),
          description: t('cost: {0}', l10n.cost(plan.cost, isLocalModel(plan.model))),
          detail: t(
            '{0} · {1}',
            counted(plan.different, '{0} different answer', '{0} different answers'),
            counted(plan.requests, '{0} request', '{0} requests'),
          ),
          value: true,
        },
      ],
    });
    started = true;
    return undefined;
  };
  const question = t('Which model compares answers that grading does not call correct?');
  const models = new ModelSteps(services, judge?.model, question, ({ model }) => {
    chosen = model;
    args.model = model;
    return confirm;
  });
  if (!(await runSteps(t('Judge Answers with a Model'), models.askKind)) || !started) return;
  await models.endpoint.saveKey();
  await rework(services, {
    ref,
    args,
    verb: 'judge-answers',
    what: t('Judging answers'),
    ...defined({ access: await prepareModel(services, chosen) }),
    describe: (found) => describe(found),
    isChanged: ({ summary }) => (summary?.overrulings.length ?? 0) > 0,
    show: {
      label: t('Show Overrulings'),
      run: (found) => services.documents.show(t('overrulings.md'), overrulingsPage(found)),
    },
    other: { label: t('Cancel') },
    applied: (done) => {
      const count = done.summary?.overrulings.length ?? 0;
      void showInformationMessage(counted(count, '{0} verdict is overruled.', '{0} verdicts are overruled.'));
    },
  });
}

function describe({ plan, summary }: Found): string {
  return t(
    '{0} compared {1} with the gold answer and overrules {2}. {3}, cost: {4}.',
    plan.model.model,
    counted(summary?.judged ?? 0, '{0} answer', '{0} answers'),
    counted(summary?.overrulings.length ?? 0, '{0} verdict', '{0} verdicts'),
    counted(summary?.calls ?? 0, '{0} call', '{0} calls'),
    l10n.cost(summary?.cost, isLocalModel(plan.model)),
  );
}

/** The overruled verdicts with both reasons. */
function overrulingsPage({ plan, summary }: Found): string {
  const rows = (summary?.overrulings ?? []).map(({ chainId, gold, answer, graded, gradedReason, outcome, reason }) =>
    [
      `## ${chainId}: ${graded} → ${outcome}`,
      ...[
        [t('Gold'), gold],
        [t('Answer'), answer],
        [t('Grading'), gradedReason ?? ''],
        [plan.model.model, reason],
      ].map(([name, text]) => `- ${name}:\n\n${indented(text ?? '')}\n`),
    ].join('\n'),
  );
  return `# ${t('Overruled verdicts')}\n\n${rows.join('\n\n')}\n`;
}

/** Code, so that nothing in it is a link or a command. */
function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}
