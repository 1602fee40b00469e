import { dirname } from 'node:path';
import { formatLeft } from '../../core/export/sources.ts';
import { formatWarning, formatWarnings } from '../../core/export/warnings.ts';
import { formatCommand, formatCount, plural } from '../../core/text/format.ts';
import type { ExportPlan, PreviewRow } from '../../protocol/export.ts';
import { damageLines } from '../dataset/damage.ts';
import { formatCounts, lines, markedRow } from '../format.ts';
import type { VerbResult } from '../index.ts';

/** What an export wrote, or would write, for a person at a terminal. */
export function formatExport(result: VerbResult<'export'>): string {
  const { folder, chains, rows, trained, masked, apart, warnings, files, left, damaged, plan } = result;
  const trouble = plan?.trouble ?? result.trouble;
  const texts = formatWarnings(warnings);
  const most = Math.max(plan?.train.rows ?? 0, ...Object.values(rows));
  const counted = chains === 0 ? plural(most, 'row') : plural(chains, 'chain');
  const amounts = `${plural(trained, 'character')} trained, ${formatCount(masked)} masked`;
  return lines(
    chains === most || chains === 0 || plan !== undefined
      ? `${folder}: ${counted}${chains === 0 ? '' : `; ${amounts}`}.`
      : `${folder}: ${plural(most, 'row')} of ${counted}.`,
    ...(plan === undefined ? [] : planLines(plan, dirname(dirname(folder)))),
    ...(apart === undefined
      ? []
      : [`${plural(apart.rows, 'chain')} with reasoning apart from the answer: ${apart.form}.`]),
    ...(texts.length === 0 ? [] : [`Warning: ${texts.join(', ')}.`]),
    ...[trouble, plan?.context].flatMap((one) =>
      one ? [`Warning: ${one.message} ${one.advice ?? ''}`.trimEnd()] : [],
    ),
    ...(left === undefined ? [] : [`Without a row: ${formatLeft(left).join(', ')}.`]),
    ...damageLines(damaged),
    ...Object.entries(files).map(([file, sha256]) => `  ${file}  ${sha256}`),
    ...(plan === undefined ? [] : shownRow(plan)),
  );
}

/** The first row, as a training gets it. */
function shownRow({ preview: [first], template }: ExportPlan): string[] {
  const trouble = template?.trouble === undefined ? [] : [`Warning: ${template.trouble}`];
  if (first === undefined) return trouble;
  const end = first.shortened ? ['', 'Its texts are shortened. --plan --json has more rows.'] : [];
  return [...trouble, '', ...rowLines(first), ...end];
}

function rowLines(row: PreviewRow): string[] {
  const { id, problem, steps, answer, facts = [] } = row;
  if (steps !== undefined)
    return [
      `Row ${id}, each step with its label:`,
      ...steps.flatMap(({ text, label }) => ['', `[${label}] ${text.trim()}`]),
    ];
  if (answer === undefined) return markedRow(row);
  const columns = facts.map(({ name, value }) => `${name} ${value}`).join(', ');
  return [`Row ${id}:`, '', problem, '', `answer ${answer}, ${columns}`];
}

/** @param dataset Its folder. */
function planLines(
  { train, validation, atMost, tokens, classes, median, longest, warnings }: ExportPlan,
  dataset: string,
): string[] {
  const about = tokens.estimated ? 'about ' : '';
  const most = atMost ? 'at most ' : '';
  const sets = [train, ...(validation ? [validation] : [])].map(
    ({ rows, problems }, set) =>
      `${most}${plural(rows, 'row')} of ${plural(problems, 'problem')} for ${set === 0 ? 'training' : 'validation'}`,
  );
  return [
    `Nothing was written. ${sets.join(', ')}.`,
    ...(tokens.all === 0
      ? []
      : [
          `Answers: ${about}${plural(tokens.all, 'token')}, ${formatCount(tokens.trained)} trained, ${formatCount(tokens.masked)} masked; median ${formatCount(median)}, longest ${formatCount(longest)}.`,
          `Classes: ${formatCounts(classes)}.`,
        ]),
    ...warnings.map(
      ({ id, chains, isLeftOut, query }) =>
        `${formatWarning(id, chains)}${isLeftOut ? '' : `; --leave-out ${id} excludes them`}${query === undefined ? '.' : `: ${formatCommand(['longhand', 'chains', dataset, '--where', query])}`}`,
    ),
  ];
}
