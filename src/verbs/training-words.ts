import type { RunReport, TRAINING_VERBS, TrainingPlan } from '../protocol/training.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

type Words = { readonly [V in keyof typeof TRAINING_VERBS]: (result: VerbResult<V>) => string };

/** The results of the verbs about trainings and runs in words, for a person at a terminal. */
export const TRAINING_WORDS: Words = {
  train: ({ plan, report, next }) =>
    report ? reportInWords(report) : lines(planInWords(plan), '', ...nextInWords(plan, next)),
  runs: ({ runs, broken }) =>
    runs.length + broken.length === 0
      ? 'Nothing was run yet.'
      : lines(
          ...runs.map((run) => `${reportLine(run)}${run.state === 'unasked' ? `: ${run.message}` : ''}`),
          ...broken.map(({ run, message }) => `  ${run}: can’t be read: ${message}`),
        ),
  run: ({ report, log }) => lines(reportInWords(report), ...(log.length > 0 ? ['', ...log] : [])),
  'run-log': ({ run, state, offset }) => `Run ${run} is ${state}; its log has ${offset} bytes so far.`,
  'stop-run': reportInWords,
  'hosted-job': ({ model }) => `The trained model is ${model}.`,
  'resume-run': ({ report, from, total, planned, command, env }) => {
    const start = from === 0 ? 'begins anew' : `goes on from step ${from}`;
    const end = total === null ? '' : `, and continues to step ${total}`;
    if (planned) return lines(`Nothing runs yet. Run ${report.run} ${start}${end}, by:`, ...commandLines(command, env));
    return lines(`Run ${report.run} ${start}${end}.`, reportLine(report));
  },
  'check-template': ({ model, export: name, own, rows, findings, sample }) =>
    lines(
      `${rows} rows of ${name} through ${own ? 'the chat template' : 'a plain template in the place of that'} of ${model}:`,
      ...(findings.length === 0 ? ['  All come out whole: reasoning and mask survive.'] : []),
      ...findings.map((one) => `  ${one.rows} rows: ${one.message} ${one.advice}`),
      ...(sample ? ['', `Row ${sample.id}, with what is trained between ⟦ and ⟧:`, '', marked(sample.parts)] : []),
    ),
  'trainer-env': ({ python, ready, packages }) =>
    ready ? `${python} has ${packages.join(', ')}.` : `It is not made yet; it would be ${python}.`,
};

function marked(parts: readonly { text: string; train: boolean }[]): string {
  return parts.map(({ text, train }) => (train ? `⟦${text}⟧` : text)).join('');
}

function nextInWords({ checks }: TrainingPlan, next: string | undefined): string[] {
  if (next === undefined) return [];
  const { length } = checks.filter(({ state }) => state === 'error');
  const errors = `${length === 1 ? 'the error' : `the ${length} errors`} (${MARK.error})`;
  return [
    `Nothing runs yet. ${length === 0 ? 'Start it with' : `Once ${errors} above ${length === 1 ? 'is' : 'are'} mended, start it with`}:`,
    next,
  ];
}

const MARK = { ok: ' ', warning: '!', error: '✗' } as const;

/** All that a plan says, with the command, the environment and the configuration as they would run. */
export function planInWords(plan: TrainingPlan): string {
  const { lengths } = plan;
  const steps = plan.steps === null ? 'steps unknown' : `${plan.steps} steps`;
  const counted = lengths.exact ? '' : ' (estimated)';
  return lines(
    `Run ${plan.run}: ${plan.trainer} trains ${plan.model} on ${plan.rowCount} rows of ${plan.export}/${plan.rows}, ${steps}, on ${plan.engine.engine} (${plan.device}).`,
    `Rows have ${lengths.median} tokens in the middle, ${lengths.longest} at most${counted}; limit ${lengths.maxLength}, ${cutInWords(lengths)}.`,
    `Loss mask: ${plan.mask.words}`,
    ...plan.checks.map(
      ({ state, message, advice }) => `${MARK[state]} ${message}${advice === undefined ? '' : ` ${advice}`}`,
    ),
    '',
    ...commandLines(plan.command, plan.env),
    '',
    `${plan.configFile}:`,
    plan.config.trimEnd(),
  );
}

function cutInWords({ cut, empty, emptied }: TrainingPlan['lengths']): string {
  const left = emptied === 0 ? '' : `, ${emptied} of them without a trained token left`;
  return `${cut} rows cut${left}${empty === 0 ? '' : `; ${empty} rows with nothing that is trained`}`;
}

function commandLines(command: readonly string[], env: Readonly<Record<string, string>>): string[] {
  return [...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} \\`), command.map(quoted).join(' ')];
}

/** As a shell of Unix reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function reportLine(report: RunReport): string {
  const { run, kind, state, step, total, loss, trainer, engine } = report;
  const far = step === undefined ? '' : `, step ${step}${total === undefined ? '' : ` of ${total}`}`;
  const lossWords = loss === undefined ? '' : `, loss ${loss.toFixed(4)}`;
  return `  ${run}: ${kind}${trainer === undefined ? '' : ` with ${trainer}`} on ${engine.engine}, ${state}${far}${lossWords}`;
}

function reportInWords(report: RunReport): string {
  const { attempts, checkpoints, output, failure, message, secondsLeft } = report;
  const kept = checkpoints.map(({ step, whole }) => `${step}${whole ? '' : ' (torn)'}`).join(', ');
  return lines(
    reportLine(report).trim(),
    ...(message === undefined ? [] : [message]),
    ...(secondsLeft === undefined ? [] : [`About ${Math.ceil(secondsLeft / 60)} minutes are left.`]),
    ...(attempts > 1 ? [`Attempt ${attempts}.`] : []),
    ...(kept === '' ? [] : [`Checkpoints at steps ${kept}.`]),
    ...(failure ? [failure.message, failure.advice] : []),
    ...(output === undefined ? [] : [`The trained model is in ${output}.`]),
  );
}
