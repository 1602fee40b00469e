import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import {
  type ChainForm,
  chainLabel,
  countReasons,
  datasetCard,
  EXPORT_FORMS,
  exportChain,
  type FileEntry,
  isSelected,
  LABEL_RULES,
  LEFT_FILE,
  type LeftOut,
  type Manifest,
  OFFSETS,
  PROBLEM_RULE,
  roundLineage,
  SELECTION_RULES,
  STEP_RULE,
  sourceOf,
  Tally,
} from '../../core/export/index.ts';
import { formatWarnings } from '../../core/export/warnings.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import { appliedPolicy } from '../../store/gradings.ts';
import type { ChainEntry, Dataset } from '../../store/index.ts';
import { refuseLinks } from '../../store/links.ts';
import { plainName, slug } from '../../store/names.ts';
import { sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { EXIT, type VerbContext, VerbError } from '../context.ts';
import { damageLines, damageTotal } from '../dataset/damage.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run, VerbArgs } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';
import { BesideFiles, isBeside } from './beside.ts';
import { RowFiles, sameFolder, writeHashed } from './files.ts';
import { pairChoices, writePairs } from './pairs.ts';
import { type LeftProblem, problemChoices, writeProblems } from './problems.ts';
import { reporter } from './progress.ts';
import { isAsChosen, readChain } from './read-chain.ts';
import { chosenReasoning, type ExportArgs } from './reasoning.ts';
import { type Chosen, chooseSources } from './sources.ts';

export const run: Run<'export'> = (given, context) =>
  withDataset(given.dataset, context, async (dataset) => {
    const args: ExportArgs = { ...given, layout: await chosenReasoning(given) };
    const damaged = damagedOf(dataset, args);
    if (args.strict && damaged.length > 0) {
      const advice = 'Nothing was exported. Move the lines aside with “longhand repair”, or export without --strict.';
      throw new VerbError(`${damageTotal(damaged)}.`, advice, EXIT.damaged);
    }
    const name = slug(args.name ?? defaultName(args), 'export');
    await refuseLinks(dataset.folder, dataset.exportsFolder);
    await sweepTemporaries(dataset.exportsFolder);
    const draft = temporaryPath(join(dataset.exportsFolder, name));
    try {
      const written = await writeRows(dataset, draft, args, context);
      const { files, tally } = written;
      const manifest = await describe(dataset, name, args, written, context);
      files['README.md'] = await writeHashed(draft, 'README.md', datasetCard(manifest, files));
      const whole: Manifest = { ...manifest, files };
      const own = await writeHashed(draft, 'manifest.json', `${JSON.stringify(whole, null, 2)}\n`);
      const hashes = { ...files, 'manifest.json': own };
      const { chains, trained, masked, warnings, apart } = tally.counts;
      const folder = await publish(dataset, draft, name);
      const shas = Object.entries(hashes).map(([file, { sha256 }]) => [file, sha256]);
      const counted = manifest.selection.left;
      return {
        folder,
        chains,
        rows: Object.fromEntries(
          Object.entries(files).flatMap(([file, { rows }]) => (rows && !isBeside(file) ? [[file, rows]] : [])),
        ),
        trained,
        masked,
        ...(apart === undefined ? {} : { apart: { rows: apart, form: args.layout.form } }),
        warnings,
        files: Object.fromEntries(shas),
        ...(counted ? { left: counted } : {}),
        damaged,
      };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });

function defaultName({ select, form = 'sft' }: VerbArgs<'export'>): string {
  if (EXPORT_FORMS[form].unit === 'problem') return form;
  return form === 'sft' ? select : `${select}-${form}`;
}

export const print: Print<'export'> = (result) => {
  const { folder, chains, rows, trained, masked, apart, warnings, files, left, damaged } = result;
  const texts = formatWarnings(warnings);
  const most = Math.max(0, ...Object.values(rows));
  const counted = chains === 0 ? plural(most, 'row') : plural(chains, 'chain');
  return lines(
    chains === most || chains === 0
      ? `${folder}: ${counted}${chains === 0 ? '' : `; ${plural(trained, 'character')} trained, ${formatCount(masked)} masked`}.`
      : `${folder}: ${plural(most, 'row')} of ${counted}.`,
    ...(apart === undefined
      ? []
      : [`${plural(apart.rows, 'chain')} with reasoning apart from the answer: ${apart.form}.`]),
    ...(texts.length === 0 ? [] : [`Warning: ${texts.join(', ')}.`]),
    ...(left === undefined ? [] : [`Filtered out: ${formatCounts(left)}.`]),
    ...damageLines(damaged),
    ...Object.entries(files).map(([file, sha256]) => `  ${file}  ${sha256}`),
  );
};

/** Damaged files that may hold something of this export. */
function damagedOf(dataset: Dataset, { rounds }: VerbArgs<'export'>): DamagedFile[] {
  return dataset.index.damaged().filter(({ file }) => {
    const [, round, name] = /^rounds\/([^/]+)\/(chains|judgements)\.jsonl$/.exec(file) ?? [];
    if (name === undefined) return /^(?:problems|reviews)\//.test(file);
    return rounds === undefined || rounds.includes(round ?? '');
  });
}

/** Acts that label steps. */
const STEP_ACTS: ReadonlySet<string> = new Set(['step', 'first-wrong-step']);

/** Chains that may be exported. Throws when there are none, or a round is unknown. */
async function choose(
  dataset: Dataset,
  { select, form = 'sft', source = 'all', rounds, chains }: VerbArgs<'export'>,
): Promise<Chosen> {
  const { takes, title } = EXPORT_FORMS[form];
  if (source !== 'all' && takes !== 'selected') {
    throw new VerbError(`The form ${title} has no sources of rows.`, 'Export without --source.');
  }
  for (const round of rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const named = chains && new Set(chains);
  const { index } = dataset;
  let count = 0;
  function* inRounds(): Generator<ChainEntry> {
    for (const chain of index.eachChain()) {
      if (rounds?.includes(chain.round) === false || named?.has(chain.id) === false) continue;
      count++;
      yield chain;
    }
  }
  const chosen: Chosen =
    source === 'all' ? { rows: [], left: [] } : await chooseSources(dataset, inRounds(), source, { select });
  if (source === 'all') {
    for (const chain of inRounds()) {
      const [decision, override] = [index.decision(chain.id), index.override(chain.id)];
      // Ids alone: a large dataset has a million.
      if (takes === 'selected') {
        if (isSelected(chain, decision, override, select)) chosen.rows.push({ id: chain.id });
        continue;
      }
      if (takes === 'stepped') {
        if (index.acts(chain.id).some(({ act }) => STEP_ACTS.has(act))) chosen.rows.push({ id: chain.id });
        continue;
      }
      const label = chainLabel(chain, decision, override, select);
      if (label !== undefined) chosen.rows.push({ id: chain.id, label });
    }
  }
  if (chosen.rows.length > 0) return chosen;
  if (count === 0) throw new VerbError('There are no chains to export.', 'Generate or import some first.');
  if (takes === 'stepped') throw new VerbError('No chain has labels of its steps.', NO_ROW.stepped);
  if (select === 'passed')
    throw new VerbError('No chain passed the filters.', 'The review queue shows why each was filtered out.');
  throw new VerbError('No chain is accepted yet.', 'Accept some in the review queue, or export with --select passed.');
}

interface Written {
  files: Record<string, FileEntry>;
  tally: Tally;
  left: readonly (LeftOut | LeftProblem)[];
  /** Rounds of the pass rates of problems. */
  sampled?: readonly string[];
}

async function writeRows(dataset: Dataset, draft: string, args: ExportArgs, context: VerbContext): Promise<Written> {
  const tally = new Tally();
  const form = EXPORT_FORMS[args.form ?? 'sft'];
  const output = new RowFiles(draft, form);
  const beside = new BesideFiles(draft);
  let left: Written['left'] = [];
  let sampled: readonly string[] = [];
  try {
    if (form.unit === 'problem') {
      ({ left, sampled } = await writeProblems(dataset, { form, output, tally }, args, context));
    } else {
      const chosen = await choose(dataset, args);
      if (form.unit === 'pair') await writePairs(dataset, { form, output, tally }, chosen.rows, args, context);
      else left = await writeChains(dataset, { form, output, beside, tally }, chosen, args, context);
    }
  } finally {
    await output.close();
    await beside.close();
  }
  const files = { ...output.entries, ...beside.entries, ...(await writeLeft(draft, left)) };
  if (form.unit === 'problem') {
    for (const [name, text] of Object.entries(form.extras ?? {})) files[name] = await writeHashed(draft, name, text);
  }
  return { files, tally, left, sampled };
}

async function writeChains(
  dataset: Dataset,
  { form, output, beside, tally }: { form: ChainForm; output: RowFiles; beside: BesideFiles; tally: Tally },
  { rows: chosen, left: leftBefore }: Chosen,
  args: ExportArgs,
  context: VerbContext,
): Promise<LeftOut[]> {
  const left = [...leftBefore];
  const reader = new ChainReader(dataset);
  const report = reporter(context, chosen.length, 'chains');
  try {
    for (const [done, { id, marked, label }] of chosen.entries()) {
      report(done);
      const read = await readChain(reader, id, context.log);
      if (!read || !(form.takes === 'stepped' || isAsChosen(read.review.decision, args, label))) {
        const entry = marked && dataset.index.chain(id);
        if (entry) left.push({ ...leftOf(entry), reason: read ? 'not-accepted' : 'no-problem' });
        continue;
      }
      const chain = exportChain(read.chain, read.problem, read.review, marked, args.layout);
      const rows = form.rows(chain, { label: label ?? true, review: read.review });
      if (!rows.some((row) => row !== undefined)) {
        tally.addWithoutRow();
        continue;
      }
      await output.add(rows);
      await beside.add(marked?.id ?? id, read.problem, read.review);
      tally.add(read.chain, read.problem, read.review, chain, {
        label,
        warns: form.takes !== 'stepped' && label !== false,
      });
      if (marked) tally.from(marked.source);
      if (read.judgement) tally.judged(read.judgement);
    }
  } finally {
    await reader.close();
  }
  report(chosen.length);
  if (tally.counts.chains > 0) return left;
  throw new VerbError('None of the chains can be exported.', NO_ROW[form.takes]);
}

const NO_ROW: Record<ChainForm['takes'], string> = {
  selected: 'The log lists the reason for each.',
  labelled: 'The log lists the reason for each.',
  stepped: 'Label the steps of a chain from the first one, or mark its first wrong step.',
};

function leftOf({ id, problemId, origin }: ChainEntry): Omit<LeftOut, 'reason'> {
  return { id, problem_id: problemId, source: sourceOf(origin) };
}

async function writeLeft(draft: string, left: Written['left']): Promise<Record<string, FileEntry>> {
  if (left.length === 0) return {};
  return { [LEFT_FILE]: await writeHashed(draft, LEFT_FILE, left.map((row) => `${JSON.stringify(row)}\n`).join('')) };
}

async function describe(
  dataset: Dataset,
  name: string,
  args: ExportArgs,
  { tally, left, sampled = [] }: Written,
  { distFolder }: VerbContext,
): Promise<Omit<Manifest, 'files'>> {
  const used = [...Object.keys(tally.counts.byRound), ...sampled];
  const lineage = [];
  for (const round of dataset.index.rounds.filter((each) => used.includes(each))) {
    const plan = await dataset.roundPlan(round);
    const applied = await appliedPolicy(dataset.folder, { round, since: plan.createdAt });
    tally.seen(plan.createdAt);
    const { assembly } = (await dataset.summary(round)) ?? {};
    lineage.push({ ...roundLineage(plan, applied), round, ...defined({ assembly }) });
  }
  return {
    version: 1,
    name,
    createdAt: tally.latest,
    longhand: await ownVersion(distFolder),
    dataset: { id: dataset.settings.id, name: dataset.settings.name },
    form: args.form ?? 'sft',
    selection: {
      ...selectionOf(dataset, args, left),
      ...defined({ reasoning: tally.counts.apart === undefined ? undefined : args.layout }),
    },
    offsets: OFFSETS,
    counts: tally.counts,
    rounds: lineage,
    reviewers: tally.reviewers,
    ...(tally.judges.length === 0 ? {} : { judges: tally.judges }),
    sources: tally.sources,
  };
}

function selectionOf({ settings }: Dataset, args: VerbArgs<'export'>, left: Written['left']): Manifest['selection'] {
  const { select, form = 'sft', source = 'all', rounds, chains } = args;
  const { unit, takes } = EXPORT_FORMS[form];
  const labelled = takes === 'labelled' ? ` ${LABEL_RULES[select]}` : '';
  return {
    select,
    rule: unit === 'problem' ? PROBLEM_RULE : takes === 'stepped' ? STEP_RULE : `${SELECTION_RULES[select]}${labelled}`,
    rounds: rounds ? [...new Set(rounds)].sort() : 'all',
    ...defined({
      chains: chains && new Set(chains).size,
      pairs: unit === 'pair' ? pairChoices(args) : undefined,
      problems: unit === 'problem' ? problemChoices(args) : undefined,
      left: source === 'all' && unit !== 'problem' ? undefined : countReasons(left),
    }),
    ...(source === 'all' ? {} : { source, markers: settings.sampling.markers }),
  };
}

/**
 * Gives the folder its name. One of the same name and content is the export already and stays untouched; beside one with other content the
 * new one gets `-2`, `-3` …: what a training run was started from is never changed.
 * @throws StoreError `symbolic-link`.
 */
async function publish(dataset: Dataset, draft: string, name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = join(dataset.exportsFolder, n === 1 ? name : `${name}-${n}`);
    await refuseLinks(dataset.folder, folder);
    const there = await sameFolder(draft, folder);
    if (there === 'same') return folder;
    if (there === 'different') continue;
    await rename(draft, folder);
    return folder;
  }
}
