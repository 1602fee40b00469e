import { defined, present } from '../../defined.ts';
import { adviceFor } from './advice.ts';
import type { ChainTally, FunnelInput, FunnelStage, FunnelStageId, RoundFunnel } from './model.ts';

/** Outcomes of an answer that ended and has a final answer. */
const JUDGED = ['correct', 'incorrect', 'unknown', 'timeout', 'error'];
/** Outcomes that concern the gold answer or the grader. */
const UNGRADED = ['unknown', 'timeout', 'error'];

/** The funnel of a dialogue or sampling round; undefined for other rounds and before the first graded answer. */
export function roundFunnel(input: FunnelInput): RoundFunnel | undefined {
  const { plan, answers, calls } = input;
  const total = sum(answers.values());
  if ((plan.kind !== 'dialogue' && plan.kind !== 'sampling') || total === 0) return undefined;
  const lost = [...answers].filter(([outcome]) => !JUDGED.includes(outcome) && outcome !== 'no-answer');
  const finished = total - sum(lost.map(([, times]) => times));
  const noAnswer = answers.get('no-answer') ?? 0;
  const stages: FunnelStage[] = [
    ...(calls === undefined || calls < total ? [] : [stage('calls', calls, [])]),
    stage('answers', total, []),
    stage('finished', finished, lost),
    stage('answered', finished - noAnswer, [['no-answer', noAnswer]]),
    ...(plan.kind === 'sampling' ? sampledStages(input) : dialogueStages(input)),
  ];
  const maxTokens = (plan.dialogue?.answer ?? plan.sampling?.response)?.maxTokens;
  return { stages, ...defined({ maxTokens, advice: adviceFor(stages, input) }) };
}

function sampledStages({ answers, chains, summary }: FunnelInput): FunnelStage[] {
  const wrong = ['incorrect', ...UNGRADED].map((outcome): [string, number] => [outcome, answers.get(outcome) ?? 0]);
  const selection = Object.entries(summary?.sampling?.left ?? {}).filter(([reason]) => reason !== 'filters');
  return present(
    stage('correct', answers.get('correct') ?? 0, wrong),
    stage('passed', chains.passed, filterLosses(chains)),
    summary?.sampling && stage('kept', summary.sampling.kept, selection),
  );
}

function dialogueStages({ answers, chains, summary }: FunnelInput): FunnelStage[] {
  const ungraded = UNGRADED.map((outcome): [string, number] => [outcome, answers.get(outcome) ?? 0]);
  const usable = (answers.get('correct') ?? 0) + (answers.get('incorrect') ?? 0);
  return present(
    sum(ungraded.map(([, times]) => times)) !== 0 && stage('usable', usable, ungraded),
    stage('chains', chains.chains, summary ? [['no-pair', summary.problemsWithoutChain]] : []),
    stage('passed', chains.passed, filterLosses(chains)),
    summary && stage('kept', chains.passed - summary.quotaDropped.length, [['quota', summary.quotaDropped.length]]),
  );
}

const filterLosses = ({ failed }: ChainTally): [string, number][] =>
  [...failed].map(([id, times]) => [`filter:${id}`, times]);

function stage(id: FunnelStageId, of: number, losses: readonly (readonly [string, number])[]): FunnelStage {
  return {
    stage: id,
    count: Math.max(0, of),
    losses: losses
      .filter(([, times]) => times > 0)
      .map(([reason, times]) => ({ reason, count: times }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
