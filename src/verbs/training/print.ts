import { present } from '../../core/defined.ts';
import { formatCommand, formatCount, formatDuration, formatLoss, plural } from '../../core/text/format.ts';
import { ENGLISH, type L10n } from '../../core/text/l10n.ts';
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
    `Run ${plan.run}: ${plan.trainer} trains ${plan.model}${plan.objective === 'sft' ? '' : ` by ${plan.objective.toUpperCase()}`} on ${plural(plan.rowCount, 'row')} of ${plan.export}/${plan.rows}, ${steps}, on ${plan.engine.engine} (${plan.device}).`,
    `Row length: median ${plural(lengths.median, 'token')}, longest ${formatCount(lengths.longest)}${counted}; limit ${formatCount(lengths.maxLength)}, ${formatTruncated(lengths)}.`,
    `Loss mask: ${plan.mask.words}`,
    ...plan.checks.map(
      ({ state, message, advice }) => `${MARK[state]} ${message}${advice === undefined ? '' : ` ${advice}`}`,
    ),
    '',
    ...formatCommandLines(plan.command, plan.env),
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
export function formatCommandLines(command: readonly string[], env: Readonly<Record<string, string>>): string[] {
  return [
    ...Object.entries(env).map(([name, value]) => `${formatCommand([], { [name]: value })} \\`),
    formatCommand(command),
  ];
}

const STATE_NAMES: Partial<Record<RunReport['state'], string>> = {
  prepared: 'never started',
  pending: 'waiting',
  succeeded: 'finished',
  unreachable: 'unknown',
  unasked: 'not checked',
};

/** The state of a run in a word or two. */
export const formatRunState = ({ state }: RunReport, { t }: L10n = ENGLISH): string => t(STATE_NAMES[state] ?? state);

/** `step 12 of 80`, of a batch `12 of 80 answers`; empty before the first. */
export function formatSteps(
  { kind, step, total }: Pick<RunReport, 'step' | 'total'> & Partial<Pick<RunReport, 'kind'>>,
  { t, count, counted }: L10n = ENGLISH,
): string {
  if (step === undefined) return '';
  if (kind === 'sample' && total !== undefined)
    return counted(total, '{1} of {0} answer', '{1} of {0} answers', count(step));
  return total === undefined ? t('step {0}', count(step)) : t('step {0} of {1}', count(step), count(total));
}

/** How far a run is: `running, step 12 of 80, loss 0.5000`. */
export function formatRunProgress(report: RunReport, l10n: L10n = ENGLISH): string {
  const { loss, missing } = report;
  return present(
    formatRunState(report, l10n),
    missing !== undefined && l10n.t('files missing'),
    formatSteps(report, l10n) || undefined,
    loss !== undefined && l10n.t('loss {0}', formatLoss(loss)),
  ).join(', ');
}

/** What else is known of a run, a line each. */
export function runFacts(report: RunReport, { t, count }: L10n = ENGLISH): string[] {
  const { attempts, checkpoints, output, missing, failure, message, secondsLeft } = report;
  const kept = checkpoints.map(({ step, whole }) => (whole ? count(step) : t('{0} (torn)', count(step))));
  return present(
    secondsLeft !== undefined && t('About {0} left', formatDuration(secondsLeft)),
    attempts > 1 && t('Attempt {0}', count(attempts)),
    kept.length > 0 && t('Checkpoints at steps: {0}', kept.join(', ')),
    ...(failure ? [failure.message, failure.advice] : [message]),
    output !== undefined && t('Trained model: {0}', output),
    missing !== undefined && missingText(missing, t),
  );
}

/** That the files of a trained model are gone, and what to do. */
export const missingText = (folder: string, t: L10n['t']): string =>
  t('The trained model is no longer in {0}. Restore the folder, or train again.', folder);

/** A run in one line. */
export const formatReportLine = (report: RunReport): string =>
  `  ${report.run}: ${report.kind}${report.trainer === undefined ? '' : ` with ${report.trainer}`} on ${report.engine.engine}, ${formatRunProgress(report)}`;

/** Everything known of a run. */
export const formatReport = (report: RunReport): string => lines(formatReportLine(report).trim(), ...runFacts(report));
