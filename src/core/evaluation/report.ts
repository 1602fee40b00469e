import { BEHAVIOUR_SCORES } from '../behaviours/rates.ts';
import { BEHAVIOURS } from '../model/index.ts';
import { averageAtK } from './at-k.ts';
import { type ScoreRow, scoresPicture } from './picture.ts';
import type { Contamination, EvaluationPlan, EvaluationResult, EvaluationSet } from './plan.ts';
import { byProblem, type EvaluatedSample } from './sample.ts';
import type { EvaluationScores } from './scores.ts';
import { BEHAVIOUR_NAMES, code, counted, percent, percentInterval, setInWords, table, wholeInterval } from './words.ts';

/** Problems and hits that a report names; the files beside it hold all. */
const MOST_NAMED = 200;

type Plan = Pick<
  EvaluationPlan,
  | 'evaluation'
  | 'createdAt'
  | 'set'
  | 'problemIds'
  | 'problemsHash'
  | 'k'
  | 'model'
  | 'role'
  | 'promptsHash'
  | 'response'
  | 'grading'
>;

/** `report.md` of an evaluation. `picture`: name of the picture beside it. Ids and names of a stranger stand in it as code. */
export function evaluationReport(
  plan: Plan,
  result: EvaluationResult,
  samples: readonly EvaluatedSample[],
  picture: string,
): string {
  const { scores } = result;
  return `${[
    `# Evaluation ${code(plan.evaluation)}`,
    summaryLine(plan, scores),
    `![Scores with 95 % intervals](${picture})`,
    scoresTable(scores),
    notes(result),
    '## Lengths',
    lengths(scores),
    '## Answers on the way',
    onTheWay(scores),
    '## Behaviours',
    behaviours(scores),
    '## Contamination',
    contaminationText(result.contamination, plan.problemIds.length),
    '## Problems, hardest first',
    problemsTable(samples),
    '## How it was made',
    madeHow(plan, result),
  ].join('\n\n')}\n`;
}

/** Where a set of the hub came from, and what its card says of its use. */
function hubLine({ hub }: EvaluationSet): string[] {
  if (hub === undefined) return [];
  const files = hub.files.map(({ path }) => code(path)).join(', ');
  const licence = hub.licence === undefined ? 'no licence on its card' : `licence ${code(hub.licence)}`;
  return [`- ${code(hub.repo)} at ${code(hub.host)}, commit ${code(hub.commit)}: ${files}; ${licence}`];
}

/** `report.svg` of an evaluation. */
export function evaluationPicture(
  { evaluation, model }: Pick<Plan, 'evaluation' | 'model'>,
  scores: EvaluationScores,
): string {
  return scoresPicture(`${evaluation}: ${model.model}`, scoreRows([scores]));
}

/** The shares of one evaluation, or of two side by side, in the order in which a picture shows them. */
export function scoreRows(of: readonly EvaluationScores[]): ScoreRow[] {
  const row = (name: string, value: (scores: EvaluationScores) => ScoreRow['values'][number]): ScoreRow => ({
    name,
    values: of.map(value),
  });
  const ks = [...new Set(of.flatMap(({ pass }) => pass.map(({ k }) => k)))].sort((a, b) => a - b).filter((k) => k > 1);
  return [
    row('avg@k', ({ average }) => average),
    ...ks.map((k) => row(`pass@${k}`, ({ pass }) => pass.find((one) => one.k === k)?.score ?? null)),
    ...ks.map((k) => row(`maj@${k}`, ({ majority }) => majority.find((one) => one.k === k)?.score ?? null)),
    row('first answer right', ({ firstRight }) => firstRight),
    row('wrong first, right last', ({ wrongToRight }) => wrongToRight),
    row('right first, wrong last', ({ rightToWrong }) => rightToWrong),
    row('cut off', ({ truncated }) => truncated),
  ];
}

/** `4`, or `3 to 4` where some samples could not be graded. */
function kInWords({ k }: EvaluationScores): string {
  return k.least === k.most ? String(k.most) : `${k.least} to ${k.most}`;
}

function summaryLine({ model, role, set }: Plan, scores: EvaluationScores): string {
  const { average, problems } = scores;
  return `${code(model.model)} (${role}) on ${counted(problems, 'problem')}, ${setInWords(set)}: **avg@${kInWords(scores)} = ${percentInterval(average)}**.`;
}

function scoresTable(scores: EvaluationScores): string {
  const rows = [
    [`avg@${kInWords(scores)}`, percentInterval(scores.average), String(scores.problems)],
    ...scores.pass
      .filter(({ k }) => k > 1)
      .map(({ k, score, problems }) => [`pass@${k}`, percentInterval(score), String(problems)]),
    ...scores.majority
      .filter(({ k }) => k > 1)
      .map(({ k, score, problems }) => [`maj@${k}`, percentInterval(score), String(problems)]),
    ['answers cut off', percentInterval(scores.truncated), String(scores.problems)],
  ];
  return table(['score', 'with 95 % interval', 'problems'], rows);
}

function notes({ scores, unanswered }: EvaluationResult): string {
  const { problems, k } = scores;
  return [
    `One problem more or less is ${percent(1 / problems)}. Answers that the token limit cut off count as not solved, and are told apart above.`,
    ...(scores.ungraded > 0
      ? [`${counted(scores.ungraded, 'answer')} could not be graded and count for nothing.`]
      : []),
    ...(unanswered > 0
      ? [`The server refused ${counted(unanswered, 'answer')}; \`--resume\` asks for them again.`]
      : []),
    ...(problems <= 60 && k.most < 32 ? ['With so few problems 32 samples a problem or more are usual.'] : []),
  ].join(' ');
}

function lengths({ tokens }: EvaluationScores): string {
  const cell = (interval: typeof tokens.right): string => (interval ? wholeInterval(interval) : 'none');
  const rows = [
    ['right', cell(tokens.right)],
    ['wrong, not cut off', cell(tokens.wrong)],
    ['all', wholeInterval(tokens.all)],
  ];
  const said = tokens.estimated ? '\n\nThe server reported no usage for some: their tokens are characters / 4.' : '';
  return `${table(['answers', 'mean completion tokens'], rows)}${said}`;
}

function onTheWay({ firstRight, wrongToRight, rightToWrong, transitions }: EvaluationScores): string {
  if (!firstRight) return 'In none of the answers a first candidate answer could be told.';
  const share = (interval: typeof wrongToRight): string => (interval ? percentInterval(interval) : 'none');
  const shares = table(
    ['share of answers that were not cut off', 'with 95 % interval'],
    [
      ['first candidate answer right', share(firstRight)],
      ['of those with a wrong first one: final answer right', share(wrongToRight)],
      ['of those with a right first one: final answer wrong', share(rightToWrong)],
    ],
  );
  const steps = Object.entries(transitions).map(([kind, count]) => [kind.replace('-', ' → '), String(count)]);
  return `${shares}\n\n${table(['step between candidate answers', 'times'], steps)}`;
}

function behaviours({ behaviours: rates }: EvaluationScores): string {
  if (!rates) return 'No tokens to count over.';
  const rows = BEHAVIOURS.map((kind) => [
    BEHAVIOUR_NAMES[kind],
    rates[kind].toFixed(2),
    BEHAVIOUR_SCORES[kind].precision.toFixed(2),
  ]);
  return table(['kind', 'episodes per 1,000 tokens', 'measured precision of the detector'], rows);
}

/** How many of the evaluated problems stand in the training data, and which. */
export function contaminationText(found: Contamination, problems: number): string {
  const { unread } = found;
  const text = lookedAt(found, problems);
  if (unread.length === 0) return text;
  const rows = unread.length === 1 ? 'Its rows' : 'Their rows';
  return `${text}\n\n**Not looked at:** ${counted(unread.length, 'training run')} (${unread.map(code).join(', ')}). ${rows} are not here, or tell no problem.`;
}

function lookedAt({ trained, exports, runs, unread, hits }: Contamination, problems: number): string {
  if (trained === 0) {
    const none = unread.length === 0 ? 'no training runs' : 'no training runs that could be looked at';
    return `The dataset has no exports, ${none} and no chains that an export would take: nothing to compare with.`;
  }
  const more = [
    ...(exports.length === 0 ? [] : [`exports (${exports.map(code).join(', ')})`]),
    ...(runs.length === 0 ? [] : [`training runs (${runs.map(code).join(', ')})`]),
  ];
  const where = ['kept chains', ...more].join(' and ');
  const looked = `among the ${counted(trained, 'problem')} of ${where}`;
  if (hits.length === 0)
    return `None of the ${problems} evaluated problems, nor eight words in a row of one, stands ${looked}.`;
  const same = hits.filter(({ how }) => how === 'same').length;
  const named = hits.slice(0, MOST_NAMED);
  const rows = named.map(({ problemId, trainedId, how, words }) => [
    code(problemId),
    code(trainedId),
    how === 'same' ? 'the same problem' : code(words ?? ''),
  ]);
  return [
    `**${hits.length} of the ${problems} evaluated problems** stand ${looked}: ${same} as a whole, ${hits.length - same} by eight words in a row. A model trained on that data has seen them: compare the scores without them.`,
    table(['evaluated', 'in the training data', 'what they share'], rows),
    ...(hits.length > MOST_NAMED ? [`${hits.length - MOST_NAMED} more are in \`scores.json\`.`] : []),
  ].join('\n\n');
}

function problemsTable(samples: readonly EvaluatedSample[]): string {
  const { problems } = byProblem(samples);
  const rated = problems
    .map((problem) => ({ ...problem, share: averageAtK(problem) }))
    .sort((a, b) => a.share - b.share);
  const rows = rated
    .slice(0, MOST_NAMED)
    .map(({ problemId, samples: of, share }) => [
      code(problemId),
      `${Math.round(share * of.length)} of ${of.length}`,
      String(of.filter(({ truncated }) => truncated).length),
      String(Math.round(of.reduce((sum, { tokens }) => sum + tokens, 0) / of.length)),
    ]);
  const more = rated.length > MOST_NAMED ? `\n\n${rated.length - MOST_NAMED} more are in \`samples.jsonl\`.` : '';
  return `${table(['problem', 'right', 'cut off', 'mean tokens'], rows)}${more}`;
}

function madeHow(plan: Plan, { calls, promptTokens, completionTokens, cost, finishedAt }: EvaluationResult): string {
  const { temperature, topP, maxTokens } = plan.response;
  const price = cost === null ? 'cost unknown' : `cost ${cost.toFixed(cost < 0.1 ? 4 : 2)}`;
  return [
    `- ${counted(plan.problemIds.length, 'problem')} of ${plan.set.size}, SHA-256 ${code(plan.problemsHash)}`,
    ...hubLine(plan.set),
    `- ${counted(plan.k, 'sample')} a problem, each with a seed of its own; temperature ${temperature}, top-p ${topP}, at most ${maxTokens} tokens`,
    `- prompts SHA-256 ${code(plan.promptsHash)}; graded by the policy ${code(plan.grading.name ?? 'of its own')}`,
    `- ${calls} paid samples, ${promptTokens} prompt tokens, ${completionTokens} completion tokens, ${price}`,
    `- begun ${plan.createdAt}, ended ${finishedAt}`,
  ].join('\n');
}
