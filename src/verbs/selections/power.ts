import { byProblem, isCorrect } from '../../core/evaluation/index.ts';
import { detectable, type HeldOutSet, passSpread, spreadOf } from '../../core/selections/index.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { evaluatedSamples, listEvaluations } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import { isSameModel } from './base-model.ts';

/**
 * What difference a comparison finds with a probability of 80 %, by the answers of the base model to the same prompts: those of its latest evaluation on the
 * same problems, else of its latest one, else by a given pass rate. Where nothing is known, a pass rate of one half is assumed. Undefined
 * without a problem that can be graded.
 * @param design.problems whose answers can be graded
 * @param design.answers of an arm to each problem
 * @param design.model that is trained, as it was named
 */
export async function planPower(
  { folder }: Dataset,
  design: { hash: string; promptsHash: string; problems: number; answers: number } & Pick<
    CompareSelectionsArgs,
    'passRate' | 'model'
  >,
): Promise<HeldOutSet['power']> {
  const { hash, promptsHash, problems, answers, passRate } = design;
  if (problems === 0) return undefined;
  const all = (await listEvaluations(folder)).filter(
    ({ plan, result }) =>
      result && plan.role === 'base' && plan.promptsHash === promptsHash && isSameModel(plan.model, design.model),
  );
  const known = all.findLast(({ plan }) => plan.problemsHash === hash) ?? all.at(-1);
  if (passRate === undefined && known) {
    const graded = byProblem(await evaluatedSamples(known.folder)).problems;
    const counts = graded.map(({ samples }) => ({ right: samples.filter(isCorrect).length, answers: samples.length }));
    if (counts.length > 0) {
      const spread = passSpread(counts);
      const others = known.plan.problemsHash === hash ? '' : ', on other problems';
      return {
        rate: spread.rate,
        from: `evaluation ${known.plan.evaluation}${others}`,
        detectable: detectable({ spread, problems, answers }),
      };
    }
  }
  const rate = passRate ?? 0.5;
  return {
    rate,
    ...(passRate !== undefined
      ? { from: 'as given' }
      : { from: 'assumed, because none is known', isAssumed: true as const }),
    detectable: detectable({ spread: spreadOf(rate), problems, answers }),
  };
}
