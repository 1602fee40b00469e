import { isAnswer } from '../../src/core/dialogue/index.ts';
import { bucketName, bucketOf, countBuckets } from '../../src/core/sampling/index.ts';
import type { Chain, ChainClass, RoundPlan, RoundSummary } from '../../src/core/schemas/index.ts';
import { Dataset } from '../../src/store/index.ts';

const CLASSES: readonly ChainClass[] = ['FT', 'TT', 'TF', 'FF'];

/** The results of two rounds, one of each stage, as Markdown. Throws Error for a round that has not ended. */
export async function roundsReport(folder: string, rounds: readonly string[]): Promise<string> {
  const dataset = await Dataset.open(folder);
  try {
    const parts: string[] = [];
    for (const round of rounds) {
      const plan = await dataset.roundPlan(round);
      const summary = await dataset.summary(round);
      if (!summary) throw new Error(`Round ${round} has not ended.`);
      const reportOf = summary.sampling ? stage2 : stage1;
      parts.push(`## ${round}`, ...(await reportOf(dataset, plan, summary)));
    }
    return parts.join('\n\n');
  } finally {
    await dataset.close();
  }
}

async function stage1(dataset: Dataset, plan: RoundPlan, summary: RoundSummary): Promise<string[]> {
  const chains = await lastLines(dataset, plan.round);
  const passed = chains.filter((chain) => chain.passed);
  const inClass = (of: readonly Chain[], wanted: ChainClass): number =>
    of.filter((chain) => chain.class === wanted).length;
  const { pairs, kept } = summary;
  return [
    work(summary, await usage(dataset, plan.round), plan.expected?.requestsMax),
    table([
      ['', ...CLASSES],
      ['pairs of a first and a last answer', ...CLASSES.map((one) => pairs[one])],
      ['chains', ...CLASSES.map((one) => inClass(chains, one))],
      ['passed the filters', ...CLASSES.map((one) => inClass(passed, one))],
      ['kept by the quota', ...CLASSES.map((one) => kept[one])],
    ]),
    `${summary.problemsWithoutChain} of ${summary.problems} problems have no usable pair.`,
    filterTable(chains),
    await answerTable(dataset, plan.round),
  ];
}

async function stage2(dataset: Dataset, plan: RoundPlan, summary: RoundSummary): Promise<string[]> {
  const { sampling } = summary;
  if (!sampling || !plan.sampling) throw new Error(`Round ${plan.round} samples nothing.`);
  const { expected } = plan.sampling;
  const { correct, incorrect, truncated, ungraded, kept, covered, left, suspectGold } = sampling;
  const chains = await lastLines(dataset, plan.round);
  return [
    work(summary, await usage(dataset, plan.round)),
    table([
      ['', 'expected', 'came'],
      ['samples', Math.round(expected.samples), sampling.samples],
      ['completion tokens', Math.round(expected.completionTokens), sampling.completionTokens],
      ['correct', Math.round(expected.correct), correct],
      ['kept', Math.round(expected.kept), kept],
      ['problems solved in the round', Math.round(expected.solved), summary.problems - summary.problemsWithoutChain],
    ]),
    `Incorrect ${incorrect}, truncated ${truncated}, ungraded ${ungraded}. Covered: ${covered.before} problems before, ${covered.after} after. Correct ones filtered out: ${counted(left)}. Not sampled: ${plan.sampling.dropped.length} problems.`,
    await bucketTable(dataset, plan, summary),
    suspectGold.length === 0
      ? 'No trusted answer is doubtful.'
      : table([
          ['suspect-gold', 'trusted answer', 'vote', 'share'],
          ...(await Promise.all(
            suspectGold.map(async ({ problemId, vote, share }) => [
              problemId,
              code((await dataset.problem(problemId)).answer),
              vote.map(({ answer, count }) => `${code(answer)} ${count}`).join(', '),
              percent(share),
            ]),
          )),
        ]),
    filterTable(chains),
  ];
}

/** By the pass rate that each problem had before the round. */
async function bucketTable(dataset: Dataset, { round, sampling }: RoundPlan, summary: RoundSummary): Promise<string> {
  if (!sampling) return '';
  const { edges } = sampling.settings;
  const dropped = new Set(summary.quotaDropped);
  const kept = (await lastLines(dataset, round)).filter(({ id, passed }) => passed && !dropped.has(id));
  const grades = new Map<string, { problemId: string; correct: boolean }>();
  for await (const { key, problemId, verdict } of dataset.grades(round))
    grades.set(key, { problemId, correct: verdict.outcome === 'correct' });
  const rows = countBuckets(edges, sampling.problems).map(({ problems, ...bounds }, i) => {
    const inside = sampling.problems.filter((one) => bucketOf(edges, one) === i);
    const ids = new Set(inside.map(({ problemId }) => problemId));
    const drawn = [...grades.values()].filter(({ problemId }) => ids.has(problemId));
    const right = drawn.filter(({ correct }) => correct);
    const solved = new Set(right.map(({ problemId }) => problemId));
    const before = inside.filter(({ successes }) => successes > 0).length;
    const after = inside.filter(({ problemId, successes }) => successes > 0 || solved.has(problemId)).length;
    const keptHere = kept.filter(({ problemId }) => ids.has(problemId)).length;
    return [bucketName(bounds), problems, drawn.length, right.length, keptHere, `${before} → ${after}`];
  });
  const heading = ['mean pass rate before', 'problems', 'samples', 'correct', 'kept', 'covered'];
  return table([heading, ...rows.filter(([, problems]) => problems !== 0)]);
}

/** How often each filter rejected a chain, and how often it was the only one. */
function filterTable(chains: readonly Chain[]): string {
  const all = new Map<string, number>();
  const alone = new Map<string, number>();
  for (const { filters } of chains) {
    const spoke = filters.filter(({ passed }) => !passed).map(({ id }) => id);
    for (const id of spoke) all.set(id, (all.get(id) ?? 0) + 1);
    if (spoke.length === 1 && spoke[0]) alone.set(spoke[0], (alone.get(spoke[0]) ?? 0) + 1);
  }
  if (all.size === 0) return `All ${chains.length} chains passed the filters.`;
  const rows = [...all].sort((a, b) => b[1] - a[1]).map(([id, count]) => [`\`${id}\``, count, alone.get(id) ?? 0]);
  return table([[`filter, of ${chains.length} chains`, 'rejected', 'by it alone'], ...rows]);
}

/** The grading results of each kind of piece. */
async function answerTable(dataset: Dataset, round: string): Promise<string> {
  const counts = new Map<string, { graded: number; correct: number; truncated: number }>();
  for await (const { piece, verdict, reply } of dataset.grades(round)) {
    const count = counts.get(piece) ?? { graded: 0, correct: 0, truncated: 0 };
    count.graded++;
    if (verdict.outcome === 'correct') count.correct++;
    if (reply === 'truncated') count.truncated++;
    counts.set(piece, count);
  }
  const named = [...counts].filter(([piece]) => isAnswer(piece) || piece === 'summary').sort();
  return table([
    ['piece', 'graded', 'correct', 'truncated'],
    ...named.map(([piece, { graded, correct, truncated }]) => [`\`${piece}\``, graded, correct, truncated]),
  ]);
}

function work(summary: RoundSummary, { prompt, completion }: Usage, most?: number): string {
  const calls = most === undefined ? `${summary.calls}` : `${summary.calls} (at most ${most} were planned)`;
  return `Calls ${calls}; tokens ${prompt} of prompts, ${completion} of completions; wall time ${summary.seconds} s, ${Math.round(completion / summary.seconds)} completion tokens a second.`;
}

interface Usage {
  prompt: number;
  completion: number;
}

/** Tokens of all calls of a round, those of earlier runs too. */
async function usage(dataset: Dataset, round: string): Promise<Usage> {
  const sum = { prompt: 0, completion: 0 };
  for await (const { reply } of dataset.journal(round)) {
    sum.prompt += reply.usage.prompt;
    sum.completion += reply.usage.completion;
  }
  return sum;
}

async function lastLines(dataset: Dataset, round: string): Promise<Chain[]> {
  const chains = new Map<string, Chain>();
  for await (const chain of dataset.chainLines(round)) chains.set(chain.id, chain);
  return [...chains.values()];
}

function table(rows: readonly (readonly (string | number | undefined)[])[]): string {
  const [heading, ...rest] = rows.map((cells) => `| ${cells.map((cell) => cell ?? 0).join(' | ')} |`);
  return [heading, `|${'---|'.repeat(rows[0]?.length ?? 0)}`, ...rest].join('\n');
}

/** Text of a model for a cell of a table. */
function code(text: string): string {
  return `\`${text.replaceAll('`', '').replaceAll('|', '\\|').replaceAll('\n', ' ')}\``;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function counted(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
