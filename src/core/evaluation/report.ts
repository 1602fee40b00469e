import { BEHAVIOUR_SCORES } from '../behaviours/rates.ts';
import { present } from '../defined.ts';
import { BEHAVIOURS, formatNoAnswers, isLocalModel } from '../schemas/index.ts';
import { formatCost, formatCount, plural } from '../text/format.ts';
import { table } from '../text/markdown.ts';
import { answerAnchor, MOST_NAMED, namedProblems } from './answers.ts';
import type { Contamination, EvaluationPlan, EvaluationResult, EvaluationSet } from './evaluation-plan.ts';
import { BEHAVIOUR_NAMES, code, formatSet, percentInterval, wholeInterval } from './format.ts';
import { type ScoreRow, scoresPicture } from './picture.ts';
import { type EvaluatedSample, isTruncated } from './sample.ts';
import type { EvaluationScores } from './scores.ts';

type Plan = Omit<
  EvaluationPlan,
  | 'version'
  | 'promptSet'
  | 'prompts'
  | 'samplesPerRequest'
  | 'concurrency'
  | 'idleTimeoutSeconds'
  | 'seed'
  | 'prices'
  | 'expected'
>;

/** `report.md` of an evaluation. `picture` and `answers` are file names; without answers, problems have no links. Untrusted ids and names are shown as code. */
export function evaluationReport(
  plan: Plan,
  result: EvaluationResult,
  samples: readonly EvaluatedSample[],
  picture: string,
  answers?: string,
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
    '## Candidate answers',
    steps(scores),
    '## Behaviours',
    behaviours(scores),
    '## Contamination',
    contaminationText(result.contamination, plan.problemIds.length),
    '## Problems, hardest first',
    problemsTable(samples, answers),
    '## How it was made',
    provenance(plan, result),
  ].join('\n\n')}\n`;
}

/** Source and licence of a set from the hub. */
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

/** The shares of one or two evaluations in the order of a picture. */
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
    row('truncated', ({ truncated }) => truncated),
  ];
}

/** `4`, or `3 to 4` if some samples could not be graded. */
function formatK({ k }: EvaluationScores): string {
  return k.least === k.most ? formatCount(k.most) : `${formatCount(k.least)} to ${formatCount(k.most)}`;
}

function summaryLine({ model, role, set }: Plan, scores: EvaluationScores): string {
  const { average, problems } = scores;
  return `${code(model.model)} (${role}) on ${plural(problems, 'problem')}, ${formatSet(set)}: **avg@${formatK(scores)} = ${percentInterval(average)}**.`;
}

function scoresTable(scores: EvaluationScores): string {
  const rows = [
    [`avg@${formatK(scores)}`, percentInterval(scores.average), formatCount(scores.problems)],
    ...scores.pass
      .filter(({ k }) => k > 1)
      .map(({ k, score, problems }) => [`pass@${k}`, percentInterval(score), formatCount(problems)]),
    ...scores.majority
      .filter(({ k }) => k > 1)
      .map(({ k, score, problems }) => [`maj@${k}`, percentInterval(score), formatCount(problems)]),
    ['truncated answers', percentInterval(scores.truncated), formatCount(scores.problems)],
  ];
  return table(['score', 'with 95 % interval', 'problems'], rows);
}

function notes({ scores, unanswered }: EvaluationResult): string {
  const { problems, k, blocked, refused, unfinished, empty } = scores;
  const noAnswers = formatNoAnswers({ blocked, refused, unfinished, empty });
  return present(
    `One problem is ${(100 / problems).toFixed(1)} points. Truncated answers count as wrong and are also listed above.`,
    scores.ungraded > 0 &&
      `${plural(scores.ungraded, 'answer')} could not be graded and ${scores.ungraded === 1 ? 'is' : 'are'} not counted.`,
    noAnswers.length > 0 && `Other replies without an answer also count as wrong: ${noAnswers.join(', ')}.`,
    unanswered > 0 && `The server refused ${plural(unanswered, 'answer')}; \`--resume\` requests them again.`,
    problems <= 60 && k.most < 32 && 'With so few problems, 32 or more samples per problem are usual.',
  ).join(' ');
}

function lengths({ tokens }: EvaluationScores): string {
  const cell = (interval: typeof tokens.right): string => (interval ? wholeInterval(interval) : 'none');
  const rows = [
    ['right', cell(tokens.right)],
    ['wrong', cell(tokens.wrong)],
    ['all replies', wholeInterval(tokens.all)],
  ];
  const note = tokens.estimated
    ? '\n\nThe server reported no usage for some answers. Their tokens are estimated as characters / 4.'
    : '';
  return `${table(['answers', 'mean completion tokens'], rows)}${note}`;
}

function steps({ firstRight, wrongToRight, rightToWrong, transitions }: EvaluationScores): string {
  if (!firstRight) return 'No answer has a graded first candidate answer.';
  const share = (interval: typeof wrongToRight): string => (interval ? percentInterval(interval) : 'none');
  const shares = table(
    ['share of replies with an answer', 'with 95 % interval'],
    [
      ['first candidate answer right', share(firstRight)],
      ['of those with a wrong first one: final answer right', share(wrongToRight)],
      ['of those with a right first one: final answer wrong', share(rightToWrong)],
    ],
  );
  const counts = Object.entries(transitions).map(([kind, count]) => [kind.replace('-', ' → '), formatCount(count)]);
  return `${shares}\n\n${table(['step between candidate answers', 'times'], counts)}`;
}

function behaviours({ behaviours: rates }: EvaluationScores): string {
  if (!rates) return 'No tokens were counted.';
  const rows = BEHAVIOURS.map((kind) => [
    BEHAVIOUR_NAMES[kind],
    rates[kind].toFixed(2),
    BEHAVIOUR_SCORES[kind].precision.toFixed(2),
  ]);
  return table(['kind', 'episodes per 1,000 tokens', 'measured precision of the classifier'], rows);
}

/** The evaluated problems that are also in the training data. */
export function contaminationText(found: Contamination, problems: number): string {
  const { unread } = found;
  const text = comparedWith(found, problems);
  if (unread.length === 0) return text;
  const rows = unread.length === 1 ? 'Its rows' : 'Their rows';
  return `${text}\n\n**Not checked:** ${plural(unread.length, 'training run')} (${unread.map(code).join(', ')}). ${rows} are not stored here, or do not name their problems.`;
}

function comparedWith({ trained, exports, runs, unread, hits }: Contamination, problems: number): string {
  if (trained === 0) {
    const none = unread.length === 0 ? 'no training runs' : 'no training runs that could be checked';
    return `The dataset has no exports, ${none} and no chains that an export would include. There is nothing to compare with.`;
  }
  const more = present(
    exports.length !== 0 && `exports (${exports.map(code).join(', ')})`,
    runs.length !== 0 && `training runs (${runs.map(code).join(', ')})`,
  );
  const where = ['kept chains', ...more].join(' and ');
  const looked = `among the ${plural(trained, 'problem')} of ${where}`;
  if (hits.length === 0)
    return `Not found ${looked}: ${plural(problems, 'evaluated problem')}, compared as a whole and by eight words in a row.`;
  const same = hits.filter(({ how }) => how === 'same').length;
  const named = hits.slice(0, MOST_NAMED);
  const rows = named.map(({ problemId, trainedId, how, words }) => [
    code(problemId),
    code(trainedId),
    how === 'same' ? 'the same problem' : code(words ?? ''),
  ]);
  return present(
    `**${formatCount(hits.length)} of ${plural(problems, 'evaluated problem')}** found ${looked}: ${formatCount(same)} as a whole, ${formatCount(hits.length - same)} by eight words in a row. A model trained on that data has seen them: compare the scores without them.`,
    table(['evaluated', 'in the training data', 'what they share'], rows),
    hits.length > MOST_NAMED && `${plural(hits.length - MOST_NAMED, 'more is', 'more are')} in \`scores.json\`.`,
  ).join('\n\n');
}

function problemsTable(samples: readonly EvaluatedSample[], answers: string | undefined): string {
  const { named, more } = namedProblems(samples);
  const rows = named.map(({ problemId, samples: of, share }, i) => [
    answers === undefined ? code(problemId) : `[${code(problemId)}](${answers}${answerAnchor(i + 1)})`,
    `${formatCount(share * of.length)} of ${formatCount(of.length)}`,
    formatCount(of.filter(isTruncated).length),
    formatCount(of.reduce((sum, { tokens }) => sum + tokens, 0) / of.length),
  ]);
  const rest = more > 0 ? `\n\n${formatCount(more)} more are in \`samples.jsonl\`.` : '';
  return `${table(['problem', 'right', 'truncated', 'mean tokens'], rows)}${rest}`;
}

function provenance(plan: Plan, { calls, promptTokens, completionTokens, cost, finishedAt }: EvaluationResult): string {
  const { temperature, topP, maxTokens } = plan.response;
  const price = `cost ${formatCost(cost, isLocalModel(plan.model))}`;
  return [
    `- ${plural(plan.problemIds.length, 'problem')} of ${formatCount(plan.set.size)}, SHA-256 ${code(plan.problemsHash)}`,
    ...hubLine(plan.set),
    `- ${plural(plan.k, 'sample')} per problem, each with its own seed; temperature ${temperature}, top-p ${topP}, at most ${plural(maxTokens, 'token')}`,
    `- prompts SHA-256 ${code(plan.promptsHash)}; grading policy ${code(plan.grading.name ?? 'custom')}`,
    `- ${plural(calls, 'paid sample')}, ${plural(promptTokens, 'prompt token')}, ${plural(completionTokens, 'completion token')}, ${price}`,
    `- started ${plan.createdAt}, finished ${finishedAt}`,
  ].join('\n');
}
