import { reportMarkdown } from '../core/calibration/index.ts';
import { hostOf, type RoundPlan, type RoundSummary } from '../core/model/index.ts';
import type { BadLine, JudgePlan, JudgeSummary, VerbName, VerbResult } from '../protocol/verbs.ts';
import { comparisonText } from './comparison-text.ts';
import { endpointReport } from './endpoint-report.ts';
import { EVALUATION_WORDS } from './evaluation-words.ts';
import { lossInWords } from './loss-words.ts';
import { detached, lines } from './phrases.ts';
import { previewed } from './preview-words.ts';
import { reassembledInWords } from './reassemble-text.ts';
import { refilterWords } from './refilter-text.ts';
import { SAMPLING_WORDS, sampled, samplesInWords } from './sampling-words.ts';
import { SERVING_WORDS } from './serving-words.ts';
import { TRAINING_WORDS } from './training-words.ts';
import { trialInWords } from './try-words.ts';

const SHOWN_BAD = 10;

/** The result of each verb in words, for a person at a terminal. */
export const WORDS: { readonly [V in VerbName]: (result: VerbResult<V>) => string } = {
  init: ({ dataset }) => `${dataset} is a dataset now.`,
  sample: ({ dataset, problems, chains }) => `${dataset}: ${problems} problems, ${chainsOf(chains)}.`,
  model: ({ model, role, promptSet }) =>
    model === null
      ? 'The dataset has no fine-tuned model any more; rounds that it made stay as they are.'
      : `${role === 'base' ? 'Model' : 'Fine-tuned model'} ${model.model} (${model.kind === 'openai' ? model.baseURL : hostOf(model)}), prompts “${promptSet}”.`,
  prices: ({ models }) =>
    models.length === 0
      ? 'The dataset has no model yet.'
      : lines(
          'Per million tokens:',
          ...models.map(({ host, model, uses, prices }) => {
            const cost = prices === null ? 'unknown' : `${prices.prompt} prompt, ${prices.completion} completion`;
            return `  ${model} (${[host, ...uses].join(', ')}): ${cost}`;
          }),
        ),
  'check-endpoint': endpointReport,
  preview: previewed,
  import: (result) =>
    lines(
      `${result.imported} of ${result.rows} rows imported${result.file === '' ? '' : ` to ${result.file}`} in ${result.seconds.toFixed(1)} s; ${result.duplicates} duplicates, ${result.bad.length} bad.`,
      ...badLines(result.bad),
    ),
  'import-traces': (result) =>
    lines(
      `Round ${result.round}: ${result.traces} traces of ${result.rows} rows in ${result.seconds.toFixed(1)} s; ${result.newProblems} new problems, ${result.duplicates} duplicates, ${result.bad.length} bad.`,
      `Graded: ${counts(result.outcomes)}. ${result.passed} passed the filters.`,
      ...badLines(result.bad),
    ),
  plan: planned,
  generate: (result) => ('pid' in result ? detached(result) : finished(result)),
  resume: (result) => ('pid' in result ? detached(result) : finished(result)),
  judge: ({ plan, summary }) => (summary ? judged(plan, summary) : toJudge(plan)),
  ...SAMPLING_WORDS,
  ...EVALUATION_WORDS,
  ...TRAINING_WORDS,
  loss: lossInWords,
  ...SERVING_WORDS,
  try: trialInWords,
  cancel: ({ round, state }) => `Round ${round} is ${state}.`,
  status: (result) =>
    lines(
      `${result.name} (${result.dataset}): ${result.problems} problems, ${chainsOf(result.chains)}; ${result.accepted} accepted, ${result.rejected} rejected, ${result.pending} pending.`,
      ...result.rounds.map((round) => {
        const { runner } = round;
        const done =
          runner && round.state !== 'finished' ? `, ${runner.problemsDone} of ${runner.problemsTotal} problems` : '';
        const said = runner?.message === undefined ? '' : ` — ${runner.message}`;
        const sampling = runner?.sampling ? `, ${samplesInWords(runner.sampling)}` : '';
        return `  ${round.round}: ${round.state}, ${chainsOf(round.chains)}, ${round.chainsPassed} passed${done}${sampling}${said}`;
      }),
    ),
  grade: ({ rows, outcomes, policies, out, workers, seconds, ms }) =>
    lines(
      `${rows} rows graded${out === undefined ? '' : ` to ${out}`} in ${seconds.toFixed(1)} s by ${workers} ${workers === 1 ? 'thread' : 'threads'}: ${counts(outcomes)}.`,
      `By policy: ${counts(policies)}. ${ms.mean.toFixed(2)} ms a row, at most ${ms.max.toFixed(0)} ms.`,
    ),
  'compare-gradings': comparisonText,
  policy: ({ grading, switches, policies }) =>
    lines(
      `Graded by “${switches.name}”${typeof grading === 'string' ? '' : `, set as ${JSON.stringify(grading)}`}:`,
      ...Object.entries(switches).flatMap(([key, value]) => (key === 'name' ? [] : `  ${key.padEnd(18)}${value}`)),
      'Policies to choose from with --set:',
      ...policies.map(({ name, summary }) => `  ${name.padEnd(15)}${summary}.`),
    ),
  annotate: ({ rows, bad, sentences, spans, candidates, out, seconds }) =>
    lines(
      `${rows} rows annotated${out === undefined ? '' : ` to ${out}`} in ${seconds.toFixed(1)} s: ${sentences} sentences, ${candidates} candidate answers.`,
      `Spans: ${counts(spans)}.`,
      ...(bad === 0 ? [] : [`Rows without a text: ${bad}; each says so in “error”.`]),
    ),
  regrade: (result) =>
    lines(
      `${result.folder}: ${result.answers} answers and ${result.chains} chains graded by “${result.policy}” in ${result.seconds.toFixed(1)} s${result.reused > 0 ? `, ${result.reused} verdicts known` : ''}${result.missing > 0 ? `; ${result.missing} problems are gone` : ''}.`,
      `Answers: ${counts(result.flips.answers)}. Chains: ${counts(result.flips.chains)}. Classes: ${counts(result.flips.classes)}.`,
      `${result.passedBefore} chains passed the filters before, ${result.passedAfter} now. ${result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.'}`,
    ),
  reassemble: reassembledInWords,
  refilter: refilterWords,
  starter: ({ model, installed, running, pid, port, logFile }) => {
    const where = running ? `running in process ${pid} on port ${port}` : 'not running';
    return `${model}: ${installed ? 'installed' : 'not installed'}, ${where}. Log: ${logFile}`;
  },
  calibrate: (report) =>
    report.labelled === 0
      ? `Calibration ${report.calibration}: ${report.sentences} sentences wait for their labels. Label them with Longhand: Calibrate Detectors… in the editor.`
      : reportMarkdown(report),
  export: ({ folder, chains, trained, masked, files, left }) =>
    lines(
      `${folder}: ${chainsOf(chains)}; ${trained} characters trained, ${masked} masked.`,
      ...(left === undefined ? [] : [`Left out: ${counts(left)}.`]),
      ...Object.entries(files).map(([file, sha256]) => `  ${file}  ${sha256}`),
    ),
};

function planned({ round, problemIds, model, expected }: RoundPlan): string {
  const cost = expected
    ? `; ${expected.requestsMin} to ${expected.requestsMax} requests, at most ${expected.tokensMax} completion tokens`
    : '';
  return `Round ${round}: ${problemIds.length} problems with ${model?.model ?? 'no model'}${cost}.`;
}

function toJudge(plan: JudgePlan): string {
  if (plan.chains === 0) return `${plan.model.model} has judged all ${plan.judged} chains.`;
  const thinking = plan.measured ? 'by its earlier calls' : 'if it does not think before it answers';
  return lines(
    `${plan.model.model} would judge ${plan.chains} chains (${plan.sentences} sentences in ${plan.windows} windows); ${plan.judged} are judged already.`,
    `${plan.requests} requests, ${plan.reused} windows answered by the journal; about ${plan.promptTokens} prompt tokens and ${plan.completionTokens} completion tokens ${thinking}, at most ${plan.completionTokensMax}. Cost: ${costInWords(plan.cost)}.`,
  );
}

function judged({ model }: JudgePlan, summary: JudgeSummary): string {
  const calls = `${summary.calls} calls, ${summary.reused} from the journal, ${summary.retries} retries`;
  return lines(
    `${model.model} judged ${summary.chains} chains, ${summary.sentences} sentences: ${counts(summary.labels)}.`,
    `It says something else than the detectors of ${summary.differ} sentences in ${summary.differingChains} chains.`,
    `${calls}; ${summary.promptTokens} prompt and ${summary.completionTokens} completion tokens, ${summary.seconds} s. Cost: ${costInWords(summary.cost)}.`,
    ...(summary.failedWindows === 0 ? [] : [`${summary.failedWindows} windows have no usable answer:`]),
    ...summary.failed.map(({ chainId, from, to, reason }) => `  ${chainId}, sentences ${from} to ${to}: ${reason}`),
  );
}

const costInWords = (cost: number | null): string =>
  cost === null ? 'unknown, since no prices are set for this model' : cost.toFixed(cost < 0.1 ? 4 : 2);

function finished(summary: RoundSummary): string {
  if (summary.sampling) return sampled(summary, summary.sampling);
  return lines(
    `Round ${summary.round} finished: ${chainsOf(summary.chains)} of ${summary.problems} problems, ${summary.chainsPassed} passed the filters, ${summary.quotaDropped.length} left out by the quota.`,
    `${summary.calls} calls, ${summary.completionTokens} completion tokens, ${summary.seconds} s. Pairs: ${counts(summary.pairs)}. Kept: ${counts(summary.kept)}.`,
  );
}

function chainsOf(count: number): string {
  return count === 1 ? '1 chain' : `${count} chains`;
}

function counts(record: Readonly<Record<string, number>>): string {
  const parts = Object.entries(record).map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function badLines(bad: readonly BadLine[]): string[] {
  const shown = bad.slice(0, SHOWN_BAD).map(({ line, reason }) => `  line ${line}: ${reason}`);
  return bad.length > SHOWN_BAD ? [...shown, `  … ${bad.length - SHOWN_BAD} more`] : shown;
}
