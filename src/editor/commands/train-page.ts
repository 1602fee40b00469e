import { commandInWords } from '../../core/text/command-words.ts';
import type { TrainingPlan } from '../../protocol/training.ts';
import { trainerOf } from '../../trainers/index.ts';
import { code, plain } from '../../verbs/comparison-text.ts';
import type { Speech } from './grading-words.ts';

/** All that a training would do, as a page of Markdown, before anything runs. */
export function preflightPage(plan: TrainingPlan, speech: Speech): string {
  const { t } = speech;
  return [
    `# ${t('Before {0} runs', plain(plan.run))}`,
    plan.ready ? t('Nothing runs yet. This is what was looked at.') : `**${t('Something stands in the way.')}**`,
    ...checkLines(plan),
    `## ${t('Rows')}`,
    ...rowLines(plan, speech),
    `## ${t('Loss mask')}`,
    plain(plan.mask.words),
    `## ${t('Command')}`,
    fenced(commandInWords(plan.command, plan.env), 'sh'),
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
  { export: from, rows, rowCount, lengths, steps, settings, trainer }: TrainingPlan,
  { t, count }: Speech,
): string[] {
  const { median, p99, longest, maxLength, cut, empty, exact, tokens, trained } = lengths;
  const about = exact
    ? t('Counted with the tokenizer and the chat template of the model.')
    : t('Estimated from the characters, since the tokenizer of the model is not at hand.');
  const { heeds } = trainerOf(trainer);
  const when = (setting: keyof typeof settings, fact: [string, string]): [string, string][] =>
    heeds === undefined || heeds.includes(setting) ? [fact] : [];
  const facts: [string, string][] = [
    [t('File'), code(`${from}/${rows}`)],
    [t('Rows'), count(rowCount)],
    [t('Tokens'), t('{0}, of which {1} are trained', count(tokens), count(trained))],
    [
      t('Length of a row'),
      t('{0} in the middle, {1} at the 99th percentile, {2} at most', count(median), count(p99), count(longest)),
    ],
    ...when('maxLength', [t('Limit'), t('{0} tokens; {1} rows are cut', count(maxLength), count(cut))]),
    ...(empty === 0
      ? []
      : [[t('Left out'), t('{0} rows without any trained token', count(empty))] as [string, string]]),
    [t('Steps'), steps === null ? t('the trainer reckons them') : count(steps)],
    ...when('batchSize', [
      t('Rows in a step'),
      t('{0} at once × {1}', count(settings.batchSize), count(settings.accumulate)),
    ]),
  ];
  return [[`| | |`, '|---|---|', ...facts.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'), about];
}

/** In a fence that is longer than any within. */
function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
