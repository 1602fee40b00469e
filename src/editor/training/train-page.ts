import { present } from '../../core/defined.ts';
import { formatCommand } from '../../core/text/format.ts';
import { code, plain } from '../../core/text/markdown.ts';
import type { TrainingPlan } from '../../protocol/training.ts';
import { trainerOf } from '../../trainers/index.ts';
import type { EditorL10n } from '../grading/grading-format.ts';

/** The plan of a training as a Markdown page. */
export function preflightPage(plan: TrainingPlan, l10n: EditorL10n): string {
  const { t, counted } = l10n;
  const errors = plan.checks.filter(({ state }) => state === 'error').length;
  return [
    `# ${t('Plan of {0}', plain(plan.run))}`,
    plan.ready
      ? t('Nothing runs yet.')
      : `**${counted(errors, 'Not ready to train: {0} error', 'Not ready to train: {0} errors')}**`,
    ...checkLines(plan),
    `## ${t('Rows')}`,
    ...rowLines(plan, l10n),
    `## ${t('Loss mask')}`,
    plain(plan.mask.words),
    `## ${t('Command')}`,
    fenced(formatCommand(plan.command, plan.env), 'sh'),
    `## ${t('Configuration')}`,
    t('{0}, in the folder of the run. It can be edited before the start.', code(plan.configFile)),
    fenced(plan.config, /\.ya?ml$/.test(plan.configFile) ? 'yaml' : ''),
  ].join('\n\n');
}

function checkLines({ checks }: TrainingPlan): string[] {
  const marks = { ok: '✓', warning: '⚠', error: '✗' };
  const lines = checks.map(({ state, message, advice }) => {
    const more = state === 'ok' || advice === undefined ? '' : ` ${plain(advice)}`;
    return `- ${marks[state]} ${state === 'ok' ? plain(message) : `**${plain(message)}**`}${more}`;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function rowLines(
  { export: from, rows, objective, rowCount, lengths, steps, settings, trainer }: TrainingPlan,
  { t, count, counted }: EditorL10n,
): string[] {
  const { median, p99, longest, maxLength, cut, empty, exact, tokens, trained } = lengths;
  const about = exact
    ? t('Counted with the tokenizer and the chat template of the model.')
    : t('Estimated from the characters, since the tokenizer of the model is not available.');
  const { supports } = trainerOf(trainer);
  const when = (setting: keyof typeof settings, fact: [string, string]): [string, string][] =>
    supports === undefined || supports.includes(setting) ? [fact] : [];
  const facts = present<[string, string]>(
    [t('File'), code(`${from}/${rows}`)],
    objective !== 'sft' && [t('Objective'), objective.toUpperCase()],
    [t('Rows'), count(rowCount)],
    [t('Tokens'), t('{0}, of which {1} are trained', count(tokens), count(trained))],
    [t('Row length'), t('median {0}, 99th percentile {1}, maximum {2}', count(median), count(p99), count(longest))],
    ...when('maxLength', [
      t('Max length'),
      t('{0}; {1} truncated', counted(maxLength, '{0} token', '{0} tokens'), counted(cut, '{0} row', '{0} rows')),
    ]),
    empty !== 0 && [
      t('Filtered out'),
      counted(empty, '{0} row without a trained token', '{0} rows without a trained token'),
    ],
    [t('Steps'), steps === null ? t('calculated by the trainer') : count(steps)],
    ...when('batchSize', [
      t('Batch size'),
      t('{0} × {1} accumulation', count(settings.batchSize), count(settings.accumulate)),
    ]),
  );
  return [[`| | |`, '|---|---|', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'), about];
}

/** A code block with a fence longer than any in the text. */
function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
