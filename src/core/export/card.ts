import { BEHAVIOURS, isGenerated } from '../schemas/index.ts';
import { formatCount, formatPercent, plural } from '../text/format.ts';
import { yamlScalar } from '../text/yaml.ts';
import { featureLines, featuresOf, parquetName } from './features.ts';
import { EXPORT_FORMS, type ExportForm } from './forms/index.ts';
import type { Counts, FileEntry, Manifest } from './manifest.ts';
import { examinationSection, type PublishedFacts } from './published.ts';
import { fileOfSet, ROW_SETS, type RowSet } from './sets.ts';
import { formatLeft, LEFT_FILE } from './sources.ts';
import { formatWarnings } from './warnings.ts';

/** Licence names of the hub, in lower case. */
const HUB_LICENCES: ReadonlySet<string> = new Set(['mit', 'apache-2.0', 'cc-by-4.0', 'cc-by-sa-4.0', 'cc0-1.0']);

/** The dataset card: YAML front matter of the Hugging Face hub, and what to know before training. @param facts Of a set that is published. */
export function datasetCard(
  manifest: Omit<Manifest, 'files'>,
  files: Manifest['files'],
  facts: PublishedFacts = {},
): string {
  const { dataset } = manifest;
  const form = EXPORT_FORMS[manifest.form ?? 'sft'];
  return `${frontMatter(manifest, form, files, facts)}
# ${inline(dataset.name)}: ${inline(manifest.name)}

${form.unit === 'problem' ? aboutProblems(manifest, form, files) : aboutChains(manifest, form, files)}${examinationSection(facts.examined)}`;
}

function aboutProblems(manifest: Omit<Manifest, 'files'>, form: ExportForm, files: Manifest['files']): string {
  const { counts, selection, rounds } = manifest;
  const [low, high] = selection.problems?.passRate ?? [];
  const band = low === undefined ? '' : ` Only those with a mean pass rate from ${low} to ${high}.`;
  const suspects = selection.problems?.suspects
    ? 'Problems with a suspect gold answer (`triage`) are among them.'
    : 'Problems with a suspect gold answer are not among them: no sample solved them, and many agree on another answer.';
  const contaminated =
    selection.leftOut === undefined ? '' : ' Problems with text of a benchmark problem are not among them either.';
  return `${plural(counts.problems, 'mathematics problem')} with their answers, made with Longhand ${inline(manifest.longhand)}.

## What is in it

${form.title}: ${form.summary}

${fileTable(form, files)}

${form.about}

## How it was made

Selection: ${inline(selection.rule)}${band} ${suspects}${contaminated}${warningLine(counts, 'problems')}

${rounds.length === 0 ? 'No sample of these problems is known.' : `The pass rates are of these rounds:\n\n${rounds.map(roundLine).join('\n')}`}

## Problems and licences

| source | licence | problems |
|---|---|---|
${sourceLines(manifest, false)}

The problems keep the licences of their sources.

## Limits

A gold answer can be wrong, and so can the comparison of answers. Pass rates are estimates from few samples, and belong to the model that was sampled.
`;
}

function aboutChains(manifest: Omit<Manifest, 'files'>, form: ExportForm, files: Manifest['files']): string {
  const { counts, selection } = manifest;
  return `${chainsOf(counts.chains)} of thought for ${plural(counts.problems, 'mathematics problem')}, made with Longhand ${inline(manifest.longhand)}.

## What is in it

${form.title}: ${form.summary}

${fileTable(form, files)}

${form.about}

## How it was made

${manifest.rounds.map(roundLine).join('\n')}

Selection: ${inline(selection.rule)}${selection.rounds === 'all' ? '' : ` Only rounds ${selection.rounds.map(inline).join(', ')}.`}${selection.chains === undefined ? '' : ` Limited to ${plural(selection.chains, 'chain')} by name.`}${formLines(manifest)}

${describeChoices(manifest.selection)}${describeSources(manifest)}${reviewerLines(manifest)}${warningLine(counts, 'chains')}

The final answer of a chain was compared with the trusted answer of its problem by a program.${blindLine(manifest)}
Classes show whether the first and the last answer of a dialogue chain are right (T) or wrong (F); imported traces have none.

## Loss mask

${MASK[form.mask]}${selection.unmasked ? '\n\nThis export was made without the mask: all of each text is trained on.' : ''}
${reasoningLine(manifest, form)}
${share(counts)}

## Counts

${table('class', counts.byClass)}

${table('round', counts.byRound)}

${table('decision', counts.byDecision)}

${table('behaviour', Object.fromEntries(BEHAVIOURS.map((kind) => [kind, counts.byBehaviour[kind]])))}
${failedFilters(counts)}
## Problems and licences

| source | licence | problems | chains |
|---|---|---|---|
${sourceLines(manifest)}

The problems keep the licences of their sources; the terms of the models that wrote the chains may add to them.

## Limits

The comparison of answers can be wrong, and a right final answer does not make every step right. Behaviour spans with source \`piece\` or \`rule\` were set by rules, not by
people; those with source \`human\` were.${judgeLine(manifest)} Texts written by models may hold errors and what their training data held.
`;
}

/** What becomes of the loss mask, by `mask` of the form. */
const MASK: Record<ExportForm['mask'], string> = {
  exact: `\`segments\` show which piece each part of the assistant's text is, and whether it is to be trained; \`loss_mask\` joins neighbours that are treated
alike. Offsets are Unicode code points, end exclusive: \`content[start:end]\` in Python. The first answer of a dialogue chain
is context and not a target (\`"train": false\`). A model that is trained on it learns to make the mistake. **A trainer that ignores the mask trains on
it.** Where a trainer cannot mask inside the answer, take \`train.prefix.jsonl\` and train on completions only; chains with masked
text behind trained text cannot be written that way and are not in that file.`,
  prefix: `The first answer of a dialogue chain is context and not a target. It is at the end of the question, so train on the answers only. Chains
with such text behind trained text cannot be written that way and are not in the file.`,
  none: `The trainers of these rows look at whole answers, so the rows have no loss mask. The first answer of a dialogue chain is part of its text.`,
};

function fileTable({ files }: ExportForm, entries: Manifest['files']): string {
  const line = (name: string, holds: string): string[] => {
    const file = fileToRead(name, entries);
    return file === undefined ? [] : [`| \`${file}\` | ${formatCount(entries[file]?.rows ?? 0)} | ${holds} |`];
  };
  const lines = files.flatMap(({ name, holds }) => {
    const own = line(name, holds);
    return [
      ...(own.length > 0 ? own : [`| \`${name}\` | 0 | ${holds} |`]),
      ...(name.startsWith('train.') ? line(fileOfSet('validation', name), 'the same, for validation') : []),
    ];
  });
  return ['| file | rows | form |', '|---|---|---|', ...lines].join('\n');
}

function frontMatter(
  { name, dataset, sources }: Omit<Manifest, 'files'>,
  form: ExportForm,
  files: Readonly<Record<string, FileEntry>>,
  { licence }: PublishedFacts,
): string {
  const licences = new Set(sources.map((source) => source.licence.toLowerCase()));
  const [only] = licences;
  const lines = [
    '---',
    `pretty_name: ${yamlScalar(`${dataset.name}: ${name}`)}`,
    `license: ${licence ?? (licences.size === 1 && only !== undefined && HUB_LICENCES.has(only) ? only : 'other')}`,
    'task_categories:',
    '- text-generation',
    'tags:',
    '- mathematics',
    '- reasoning',
    '- chain-of-thought',
    `size_categories:\n- ${sizeCategory(rowsOf(form, files))}`,
    'configs:',
  ];
  const info = ['dataset_info:'];
  for (const [at, { config, name, row }] of form.files.entries()) {
    const sets = setsOf(name, files);
    if (sets.length === 0) continue;
    lines.push(`- config_name: ${config}`);
    const [only, ...more] = sets;
    if (only && more.length === 0) lines.push(`  data_files: ${only.file}`);
    else {
      lines.push('  data_files:');
      for (const { set, file } of sets) lines.push(`  - split: ${set}`, `    path: ${file}`);
    }
    if (at === 0) lines.push('  default: true');
    info.push(`- config_name: ${config}`, '  features:', ...featureLines(featuresOf(row), '  '));
    info.push('  splits:');
    for (const { set, file } of sets) {
      const { rows = 0 } = files[file] ?? {};
      info.push(`  - name: ${set}`, `    num_examples: ${rows}`);
    }
  }
  return [...lines, ...info, '---', ''].join('\n');
}

/** The sets of the rows of a file, and the file of each that is read. */
function setsOf(name: string, files: Manifest['files']): { set: RowSet; file: string }[] {
  const names = name.startsWith('train.')
    ? ROW_SETS.map((set) => [set, fileOfSet(set, name)] as const)
    : [['train', name] as const];
  return names.flatMap(([set, one]) => {
    const file = fileToRead(one, files);
    return file === undefined ? [] : [{ set, file }];
  });
}

/** The file of these rows that is read: Parquet, where there is one beside JSONL. */
function fileToRead(name: string, files: Manifest['files']): string | undefined {
  return [parquetName(name), name].find((one) => files[one] !== undefined);
}

function rowsOf({ files: [first] }: ExportForm, files: Manifest['files']): number {
  return files[fileToRead(first?.name ?? '', files) ?? '']?.rows ?? 0;
}

function sizeCategory(rows: number): string {
  if (rows < 1_000) return 'n<1K';
  if (rows < 10_000) return '1K<n<10K';
  if (rows < 100_000) return '10K<n<100K';
  return rows < 1_000_000 ? '100K<n<1M' : 'n>1M';
}

function roundLine(round: Manifest['rounds'][number]): string {
  const by: Record<typeof round.kind, string> = {
    dialogue: `written by ${inline(round.model?.model ?? 'an unknown model')} in separate pieces (first answer, check, second answer, summary) that were joined`,
    sampling: `answers of ${inline(round.model?.model ?? 'an unknown model')}, sampled more often where a problem is hard, of which correct ones were selected`,
    continued: `chains that ${inline(round.model?.model ?? 'an unknown model')} continued from a place that a person chose`,
    repair: `wrong chains that ${inline(round.model?.model ?? 'an unknown model')} repaired: the error is kept and not trained, and a right continuation from before it follows`,
    handwritten: 'written by hand',
    imported: `imported from ${inline(round.from ?? 'a file')}`,
  };
  const prompts =
    round.promptsHash === undefined
      ? ''
      : `; prompts “${inline(round.promptSet ?? '')}”, SHA-256 ${inline(round.promptsHash.slice(0, 12))}…`;
  return `- \`${code(round.round)}\`: ${by[round.kind]}${prompts}.`;
}

const PAIRINGS: Record<NonNullable<Manifest['selection']['pairs']>['pairing'], string> = {
  samples: 'Each pair is of two chains of one problem, one labelled true and one false.',
  length: 'Each pair is of two chains of one problem and of about the same length, one labelled true and one false.',
  edits: 'Each pair is a text that a reviewer edited, and the text before the edit.',
};

/** What a form adds to the selection: labels and pairs. */
function formLines({ selection: { pairs }, counts: { byLabel } }: Omit<Manifest, 'files'>): string {
  return [
    ...(pairs === undefined ? [] : [`${PAIRINGS[pairs.pairing]} A problem has ${pairs.perProblem} pairs at most.`]),
    ...(byLabel === undefined ? [] : [`Labelled true: ${chainsOf(byLabel.true)}; false: ${chainsOf(byLabel.false)}.`]),
  ]
    .map((line) => ` ${line}`)
    .join('');
}

/** How the two kinds of rows differ, and how many are not exported. */
function describeSources({ selection, counts }: Omit<Manifest, 'files'>): string {
  const { source, markers } = selection;
  if (source === undefined || markers === undefined) return '';
  const kinds = { dialogue: 'chains of stage 1 (dialogues)', sampling: 'responses of stage 2 (sampling)' };
  const lines = (['dialogue', 'sampling'] as const).flatMap((kind) => {
    const chains = counts.bySource?.[kind] ?? 0;
    return chains === 0
      ? []
      : [
          `- ${formatCount(chains)} ${kinds[kind]}; each problem ends with “${inline(selection.marker ?? markers[kind])}”`,
        ];
  });
  return `Sources:\n\n${lines.join('\n')}\n\n`;
}

/** Sentences about the choices of rows; empty for an export of all selected chains as stored. */
function describeChoices(selection: Manifest['selection']): string {
  const { query, source, marker, leftOut, dedupe, perProblem, order, validation, seed, left = {} } = selection;
  const reasons = formatLeft(left).map((reason) => inline(reason));
  const orders = { stored: '', problem: 'by problem', easy: 'easy problems first', shuffled: 'shuffled' };
  const sentences = [
    marker !== undefined && source === undefined && `Each problem ends with “${inline(marker)}”.`,
    query !== undefined && `Only chains of the query \`${code(query)}\`.`,
    leftOut !== undefined && `Without chains with the warnings ${leftOut.join(', ')}.`,
    dedupe !== undefined &&
      `One row of equal texts of a problem${dedupe === 'near' ? ', and of near-duplicate replies' : ''}.`,
    perProblem !== undefined && `At most ${plural(perProblem, 'row')} of a problem.`,
    order !== undefined && `Order: ${orders[order]}.`,
    validation !== undefined &&
      `The files \`validation.*.jsonl\` have ${plural(validation.rows, 'row')} of ${plural(validation.problems, 'problem')}, drawn by problem until they have ${formatPercent(validation.share)} of all rows. Near-duplicate problems are never in both sets.`,
    seed !== undefined && `Seed: ${seed}.`,
    reasons.length > 0 && `Not exported, each listed in \`${LEFT_FILE}\`: ${reasons.join(', ')}.`,
  ].filter((sentence) => sentence !== false);
  return sentences.length === 0 ? '' : `${sentences.join(' ')}\n\n`;
}

function reviewerLines({ reviewers, counts }: Omit<Manifest, 'files'>): string {
  const { reviewed = 0 } = counts;
  if (reviewers.length === 0)
    return reviewed === 0
      ? 'No person reviewed these chains.'
      : `${plural(reviewed, 'chain has', 'chains have')} decisions or labels of people. None is accepted.`;
  const list = reviewers.map(
    ({ reviewer, accepted, edited }) => `${inline(reviewer)} (${accepted} accepted, ${edited} edited)`,
  );
  const overruled = counts.overruled === 0 ? '' : ` The verdict on ${chainsOf(counts.overruled)} was overruled.`;
  return `Reviewed by ${list.join(', ')}. The text of ${chainsOf(counts.edited)} was edited in review.${overruled}`;
}

function warningLine({ warnings }: Counts, what: 'chains' | 'problems'): string {
  const texts = formatWarnings(warnings);
  return texts.length === 0 ? '' : `\n\n**Warning:** of these ${what}, ${texts.join(' and ')}.`;
}

function judgeLine({ judges }: Omit<Manifest, 'files'>): string {
  if (judges === undefined) return '';
  const list = judges.map(({ model, chains }) => `${inline(model)} (chains: ${formatCount(chains)})`);
  return ` Those with source \`model\` were set by a language model, ${list.join(', ')}.`;
}

function blindLine({ rounds }: Omit<Manifest, 'files'>): string {
  const asked = rounds.some((round) => isGenerated(round.kind));
  return asked ? ' Models did not see it in the rounds listed here.' : '';
}

/** Some files give every row its own source; the manifest lists all. */
const SOURCES_SHOWN = 30;

function sourceLines({ sources }: Omit<Manifest, 'files'>, withChains = true): string {
  const most = sources.toSorted((a, b) => b.chains - a.chains || b.problems - a.problems).slice(0, SOURCES_SHOWN);
  const cells = (row: string[]): string => `| ${(withChains ? row : row.slice(0, -1)).join(' | ')} |`;
  const lines = most.map(({ source, licence, problems, chains }) =>
    cells([cell(source), cell(licence), formatCount(problems), formatCount(chains)]),
  );
  const rest = sources.length - most.length;
  return (rest > 0 ? [...lines, cells([`${formatCount(rest)} more, in manifest.json`, '', '', ''])] : lines).join('\n');
}

/** Where the thought of a chain is, if a row has one. */
function reasoningLine(
  { counts: { apart }, selection: { reasoning } }: Omit<Manifest, 'files'>,
  { mask }: ExportForm,
): string {
  if (apart === undefined || reasoning === undefined) return '';
  const rows = `${plural(apart, 'chain has', 'chains have')} the thought apart from the answer: `;
  // Rows of texts have tags in each form.
  if (reasoning.form === 'tags' || mask === 'prefix')
    return `\n${rows}between \`<think>\` and \`</think>\` at the start of the assistant's text. A thought without an end has no \`</think>\`.\n`;
  return `
${rows}as \`${reasoning.form}\` of the assistant's message. There, \`part\` shows whether offsets are on the thought (\`reasoning\`) or on the answer
(\`content\`). A trainer must render the message by a chat template that reads \`${reasoning.form}\`, or the thought is lost.
`;
}

function share({ trained, masked }: Counts): string {
  return `Trained: ${formatCount(trained)} of ${plural(trained + masked, 'character')} (${formatPercent(trained / Math.max(1, trained + masked))}).`;
}

function failedFilters({ failedFilter }: Counts): string {
  if (Object.keys(failedFilter).length === 0) return '';
  return `\nAccepted in review although filtered out:\n\n${table('filter', failedFilter)}\n`;
}

function chainsOf(count: number): string {
  return plural(count, 'chain');
}

function table(name: string, counts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counts).map(([key, value]) => `| ${cell(key)} | ${value} |`);
  return [`| ${name} | chains |`, '|---|---|', ...lines]
    .join('\n')
    .replace('| behaviour | chains |', '| behaviour | spans |');
}

/** Characters that reverse the direction of text. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;

/** Untrusted names: they must not create headings, links or HTML, or reverse text. */
function inline(text: string): string {
  return text
    .replace(DIRECTION, '')
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|]/g, '\\$&')
    .trim();
}

/** A text between backticks. */
function code(text: string): string {
  return text
    .replace(DIRECTION, '')
    .replace(/[`\s]+/g, ' ')
    .trim();
}

function cell(text: string): string {
  return inline(text) || ' ';
}
