import { formatCount, plural } from '../../core/text/format.ts';
import type { RunReport, TrainingPlan } from '../../protocol/training.ts';
import { lines } from '../format.ts';

/** What starts a plan. */
export function formatNext({ checks }: TrainingPlan, next: string | undefined): string[] {
  if (next === undefined) return [];
  const { length } = checks.filter(({ state }) => state === 'error');
  const errors = plural(length, 'error');
  return [
    `Nothing runs yet. ${length === 0 ? 'Start it with' : `Fix ${errors} (${MARK.error}) above, then start it with`}:`,
    next,
  ];
}

const MARK = { ok: ' ', warning: '!', error: '✗' } as const;

/** A plan with the command, the environment and the configuration as they would run. */
export function formatPlan(plan: TrainingPlan): string {
  const { lengths } = plan;
  const steps = plan.steps === null ? 'steps unknown' : plural(plan.steps, 'step');
  const counted = lengths.exact ? '' : ' (estimated)';
  return lines(
    `Run ${plan.run}: ${plan.trainer} trains ${plan.model} on ${plural(plan.rowCount, 'row')} of ${plan.export}/${plan.rows}, ${steps}, on ${plan.engine.engine} (${plan.device}).`,
    `Row length: median ${plural(lengths.median, 'token')}, longest ${formatCount(lengths.longest)}${counted}; limit ${formatCount(lengths.maxLength)}, ${formatTruncated(lengths)}.`,
    `Loss mask: ${plan.mask.words}`,
    ...plan.checks.map(
      ({ state, message, advice }) => `${MARK[state]} ${message}${advice === undefined ? '' : ` ${advice}`}`,
    ),
    '',
    ...formatCommand(plan.command, plan.env),
    '',
    `${plan.configFile}:`,
    plan.config.trimEnd(),
  );
}

function formatTruncated({ cut, empty, emptied }: TrainingPlan['lengths']): string {
  const left = emptied === 0 ? '' : `, ${formatCount(emptied)} of them without a trained token left`;
  return `${plural(cut, 'row')} truncated${left}${empty === 0 ? '' : `; ${plural(empty, 'row')} without a trained token`}`;
}

/** A command with its environment, a line each. */
export function formatCommand(command: readonly string[], env: Readonly<Record<string, string>>): string[] {
  return [...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} \\`), command.map(quoted).join(' ')];
}

/** As a shell of Unix reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A run in one line. */
export function formatReportLine(report: RunReport): string {
  const { run, kind, state, step, total, loss, trainer, engine } = report;
  const far =
    step === undefined ? '' : `, step ${formatCount(step)}${total === undefined ? '' : ` of ${formatCount(total)}`}`;
  const lossText = loss === undefined ? '' : `, loss ${loss.toFixed(4)}`;
  return `  ${run}: ${kind}${trainer === undefined ? '' : ` with ${trainer}`} on ${engine.engine}, ${state}${report.missing === undefined ? '' : ', files missing'}${far}${lossText}`;
}

/** Everything known of a run. */
export function formatReport(report: RunReport): string {
  const { attempts, checkpoints, output, missing, failure, message, secondsLeft } = report;
  const kept = checkpoints.map(({ step, whole }) => `${formatCount(step)}${whole ? '' : ' (torn)'}`).join(', ');
  return lines(
    formatReportLine(report).trim(),
    ...(message === undefined ? [] : [message]),
    ...(secondsLeft === undefined ? [] : [`About ${plural(Math.ceil(secondsLeft / 60), 'minute')} left.`]),
    ...(attempts > 1 ? [`Attempt ${attempts}.`] : []),
    ...(kept === '' ? [] : [`Checkpoints at steps ${kept}.`]),
    ...(failure ? [failure.message, failure.advice] : []),
    ...(output === undefined ? [] : [`The trained model is in ${output}.`]),
    ...(missing === undefined
      ? []
      : [`The trained model is no longer in ${missing}. Restore the folder, or train again.`]),
  );
}
