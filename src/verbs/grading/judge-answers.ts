import { resolvePolicy } from '../../core/grading/policies.ts';
import { isOpen, overruledVerdict } from '../../core/review/judge/index.ts';
import { isLocalModel } from '../../core/schemas/index.ts';
import { formatCost, formatCount, plural } from '../../core/text/format.ts';
import { answerKey, judgeAnswers, planAnswers } from '../../runner/judge/answers.ts';
import { chosenRounds } from '../../runner/rework/chosen-rounds.ts';
import { regradeRounds } from '../../runner/rework/regrade.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';

/** Message and advice. The numbers are measured: docs/how-to/grade-answers.md. */
const TOO_WEAK = [
  'The starter model can’t decide answers: of 14 wrong answers of the sample, it called 7 the same as the gold answer.',
  'Run it without --apply to see what it would overrule, or name another model.',
] as const;

/** Overrulings printed; the result has all. */
const LISTED = 20;

export const run: Run<'judge-answers'> = ({ apply = false, ...args }, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const { work, plan } = await planAnswers(dataset, args, context);
    if (args.plan || plan.answers === 0) return { plan };
    if (apply && plan.model.kind === 'starter') throw new VerbError(...TOO_WEAK);
    const { said, summary } = await judgeAnswers(dataset, work, { ...context, cache: context.env.LONGHAND_CACHE });
    if (summary.overrulings.length === 0) return { plan, summary };
    const { deciding } = work;
    const regraded = await regradeRounds(
      dataset,
      {
        rounds: await chosenRounds(dataset, args),
        policy: resolvePolicy(dataset.settings.grading),
        chains: [...new Set(summary.overrulings.map(({ chainId }) => chainId))],
        apply,
        workers: undefined,
        version: await ownVersion(context.distFolder),
        judge: {
          model: deciding,
          overrule: (verdict, problemId, gold) => {
            const reply = isOpen(verdict) ? said.get(answerKey(problemId, gold, verdict.extracted)) : undefined;
            return reply && overruledVerdict(verdict, reply, deciding);
          },
        },
      },
      context,
    );
    return { plan, summary, regraded };
  });

export const print: Print<'judge-answers'> = ({ plan, summary, regraded }) => {
  const { model } = plan;
  if (plan.answers === 0) return 'Every answer is graded correct, has no gold answer, or was judged already.';
  const local = isLocalModel(model);
  if (summary === undefined)
    return lines(
      `${model.model} would compare ${plural(plan.different, 'answer')} with the gold answer: ${plural(plan.requests, 'request')}, ${formatCount(plan.reused)} more answered by the journal.`,
      `About ${plural(plan.promptTokens, 'prompt token')} and ${plural(plan.completionTokens, 'completion token')} if it does not think first, at most ${formatCount(plan.completionTokensMax)}. Cost: ${formatCost(plan.cost, local)}.`,
    );
  const { overrulings, failed } = summary;
  return lines(
    `${model.model} compared ${plural(summary.judged, 'answer')} with the gold answer and overrules ${plural(overrulings.length, 'verdict')}.`,
    `${plural(summary.calls, 'call')}, ${formatCount(summary.reused)} from the journal. Cost: ${formatCost(summary.cost, local)}.`,
    ...overrulings
      .slice(0, LISTED)
      .flatMap(({ chainId, piece, gold, answer, graded, gradedReason = '', outcome, reason }) => [
        `  ${chainId}, ${piece}: ${graded} → ${outcome}. Gold ${gold}; answer ${answer}`,
        `    Grading: ${gradedReason}`,
        `    Judge: ${reason}`,
      ]),
    ...failed.map(({ chainId, piece, reason }) => `  ${chainId}, ${piece} has no usable reply: ${reason}`),
    ...(regraded === undefined
      ? []
      : [regraded.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.']),
  );
};
