import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import {
  countReasons,
  datasetCard,
  defaultName,
  EXPORT_FORMS,
  type ExportForm,
  type FileEntry,
  type FileFormats,
  LABEL_RULES,
  LEFT_FILE,
  type LeftOut,
  type LeftReason,
  type Manifest,
  OFFSETS,
  type PairForm,
  PROBLEM_RULE,
  ROW_SETS,
  type RowSet,
  roundLineage,
  SELECTION_RULES,
  STEP_RULE,
  Tally,
  unusedChoices,
} from '../../core/export/index.ts';
import { CHAIN_WARNINGS, noWarnings, WARNING_COUNT } from '../../core/export/warnings.ts';
import { formatQuery } from '../../core/query/query.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import type { ExportArgs } from '../../protocol/export.ts';
import { appliedPolicy } from '../../store/gradings.ts';
import type { Dataset } from '../../store/index.ts';
import { refuseLinks } from '../../store/links.ts';
import { slug } from '../../store/names.ts';
import { errorCode, explainDiskFull, sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { EXIT, type VerbContext, VerbError } from '../context.ts';
import { damageTotal } from '../dataset/damage.ts';
import type { Print, Run, VerbResult } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';
import { BesideFiles, isBeside } from './beside.ts';
import { isSeparated } from './candidates.ts';
import { RowFiles, sameFolder, writeHashed } from './files.ts';
import { pairChoices, writePairs } from './pairs.ts';
import { describePlan, describeProblemPlan, type PlannedExport, planExport, rowCounts } from './plan.ts';
import { formatExport } from './print-export.ts';
import { type LeftProblem, problemChoices, writeProblems } from './problems.ts';
import { chosenReasoning, type LaidOutArgs } from './reasoning.ts';
import { noPairs, oneLabel, whyEmpty } from './trouble.ts';
import { writeChains } from './write-chains.ts';

export const run: Run<'export'> = (given, context) =>
  withDataset(given.dataset, context, async (dataset) => {
    refuseUnused(given);
    const args: LaidOutArgs = { ...given, layout: await chosenReasoning(given, context) };
    const damaged = damagedOf(dataset, args);
    if (args.strict && damaged.length > 0) {
      const advice = 'Nothing was exported. Move the lines aside with “longhand repair”, or export without --strict.';
      throw new VerbError(`${damageTotal(damaged)}.`, advice, EXIT.damaged);
    }
    const name = slug(args.name ?? defaultName(args), 'export');
    const planned = isOfProblems(args) ? undefined : await planExport(dataset, args, context);
    if (args.plan) return { ...(await planOnly(dataset, args, planned, { name, context })), damaged };
    const empty = planned && whyEmpty(planned, args);
    if (empty) throw empty;
    return { ...(await writeExport(dataset, args, planned, name, context)), damaged };
  });

const formOf = ({ form = 'sft' }: Pick<ExportArgs, 'form'>): ExportForm => EXPORT_FORMS[form];
const isOfProblems = (args: ExportArgs): boolean => formOf(args).unit === 'problem';

/** @throws VerbError for a choice that the form does not use */
function refuseUnused(args: ExportArgs): void {
  const { form = 'sft', select } = args;
  if (select === 'all' && formOf(args).takes === 'labelled')
    throw new VerbError('--select all gives no labels.', 'Use --select passed or --select accepted for this form.');
  for (const { names, about, has } of unusedChoices(formOf(args))) {
    const name = names.find((one) => isGiven(one as keyof ExportArgs, args));
    if (name === undefined) continue;
    const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new VerbError(`--${flag} ${about}, and the form ${form} ${has}.`, 'Export without it.');
  }
}

function isGiven(name: keyof ExportArgs, args: ExportArgs): boolean {
  if (name === 'source') return isSeparated(args);
  // Of problems, no other warning is known.
  if (name === 'leaveOut') return args.leaveOut?.some((warning) => warning !== 'contaminated') ?? false;
  return args[name] !== undefined && args[name] !== false;
}

type Reported = Omit<VerbResult<'export'>, 'damaged'>;

async function planOnly(
  dataset: Dataset,
  args: LaidOutArgs,
  planned: PlannedExport | undefined,
  { name, context }: { name: string; context: VerbContext },
): Promise<Reported> {
  const folder = join(dataset.exportsFolder, name);
  const warnings = noWarnings();
  if (planned === undefined) {
    const plan = await describeProblemPlan(dataset, args, context);
    for (const { id, chains, isLeftOut } of plan.warnings) if (!isLeftOut) warnings[WARNING_COUNT[id]] = chains;
    return { folder, chains: 0, trained: 0, masked: 0, warnings, rows: {}, files: {}, left: plan.left, plan };
  }
  const { rows, overview, left } = planned;
  const chains = [...rows.train, ...rows.validation];
  for (const chain of chains) for (const warning of chain.warnings) warnings[WARNING_COUNT[warning]]++;
  return {
    folder,
    chains: chains.length,
    ...{ trained: overview.trained, masked: overview.masked, warnings, rows: {}, files: {} },
    ...(isListed(args, left) ? { left: countReasons(left) } : {}),
    plan: await describePlan(dataset, args, planned, context),
  };
}

/** Whether an export reports the chains without a row: those of its source, or what a choice of rows leaves out. */
const isListed = (args: ExportArgs, left: readonly LeftOut[]): boolean => isSeparated(args) || left.length > 0;

async function writeExport(
  dataset: Dataset,
  args: LaidOutArgs,
  planned: PlannedExport | undefined,
  name: string,
  context: VerbContext,
): Promise<Reported> {
  await refuseLinks(dataset.folder, dataset.exportsFolder);
  await sweepTemporaries(dataset.exportsFolder);
  const draft = temporaryPath(join(dataset.exportsFolder, name));
  try {
    const written = await writeRows(dataset, draft, planned, args, context);
    const { files, tally } = written;
    const manifest = await describe(dataset, name, args, { planned, ...written }, context);
    files['README.md'] = await writeHashed(draft, 'README.md', datasetCard(manifest, files));
    const whole: Manifest = { ...manifest, files };
    const own = await writeHashed(draft, 'manifest.json', `${JSON.stringify(whole, null, 2)}\n`);
    const { chains, trained, masked, warnings, apart, byLabel = {} } = tally.counts;
    context.signal.throwIfAborted();
    const folder = await publish(dataset, draft, name);
    const shas = Object.entries({ ...files, 'manifest.json': own }).map(([file, { sha256 }]) => [file, sha256]);
    const counted = manifest.selection.left;
    return {
      ...{ folder, chains, trained, masked, warnings, files: Object.fromEntries(shas) },
      rows: Object.fromEntries(
        Object.entries(files).flatMap(([file, { rows }]) => (rows && !isBeside(file) ? [[file, rows]] : [])),
      ),
      ...(apart === undefined ? {} : { apart: { rows: apart, form: args.layout.form } }),
      ...defined({ left: counted, trouble: oneLabel(byLabel, args) }),
    };
  } catch (error) {
    throw explainDiskFull(error, join(dataset.exportsFolder, name));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

export const print: Print<'export'> = formatExport;

/** Damaged files that may hold something of this export. */
function damagedOf(dataset: Dataset, { rounds }: ExportArgs): DamagedFile[] {
  return dataset.index.damaged().filter(({ file }) => {
    const [, round, name] = /^rounds\/([^/]+)\/(chains|judgements)\.jsonl$/.exec(file) ?? [];
    if (name === undefined) return /^(?:problems|reviews)\//.test(file);
    return rounds === undefined || rounds.includes(round ?? '');
  });
}

/** The files of rows. Code beside them reads JSONL. */
function formatsOf(args: ExportArgs): FileFormats | undefined {
  const form = formOf(args);
  const formats = args.files ?? form.formats;
  return formats === 'parquet' && form.unit === 'problem' && form.extras ? 'both' : formats;
}

interface Written {
  files: Record<string, FileEntry>;
  tally: Tally;
  left: readonly (LeftOut | LeftProblem)[];
  /** Rounds of the pass rates of problems. */
  sampled?: readonly string[];
}

async function writeRows(
  dataset: Dataset,
  draft: string,
  planned: PlannedExport | undefined,
  args: LaidOutArgs,
  context: VerbContext,
): Promise<Written> {
  const tally = new Tally();
  const form = formOf(args);
  const sets = {
    train: new RowFiles(draft, form, 'train', formatsOf(args)),
    validation: new RowFiles(draft, form, 'validation', formatsOf(args)),
  };
  const beside = new BesideFiles(draft);
  let left: Written['left'] = [];
  let sampled: readonly string[] = [];
  try {
    if (form.unit === 'problem') {
      ({ left, sampled } = await writeProblems(dataset, { form, output: sets.train, tally }, args, context));
    } else if (planned) {
      left = planned.left;
      if (form.unit === 'chain') left = await writeChains(dataset, { sets, beside, tally }, planned, args, context);
      else left = await writeAllPairs(dataset, { form, sets, tally }, planned, args, context);
    }
  } finally {
    await sets.train.close();
    await sets.validation.close();
    await beside.close();
  }
  const files = {
    ...sets.train.entries,
    ...sets.validation.entries,
    ...beside.entries,
    ...(await writeLeft(draft, left)),
  };
  if (form.unit === 'problem') {
    for (const [name, text] of Object.entries(form.extras ?? {})) files[name] = await writeHashed(draft, name, text);
  }
  return { files, tally, left, sampled };
}

async function writeAllPairs(
  dataset: Dataset,
  { form, sets, tally }: { form: PairForm; sets: Record<RowSet, RowFiles>; tally: Tally },
  { pairs, selected, left }: PlannedExport,
  args: LaidOutArgs,
  context: VerbContext,
): Promise<LeftOut[]> {
  const without = new Map<string, LeftReason>();
  for (const set of ROW_SETS) {
    const output = sets[set];
    for (const [id, reason] of await writePairs(dataset, { form, output, tally }, pairs?.[set] ?? [], args, context))
      without.set(id, reason);
  }
  if (tally.counts.pairs === undefined) throw noPairs(args, selected.chains.length);
  const more = selected.chains.flatMap(({ id, problemId, source }) => {
    const reason = without.get(id);
    return reason === undefined ? [] : [{ id, problem_id: problemId, source, reason }];
  });
  return [...left, ...more];
}

async function writeLeft(draft: string, left: Written['left']): Promise<Record<string, FileEntry>> {
  if (left.length === 0) return {};
  return { [LEFT_FILE]: await writeHashed(draft, LEFT_FILE, left.map((row) => `${JSON.stringify(row)}\n`).join('')) };
}

async function describe(
  dataset: Dataset,
  name: string,
  args: LaidOutArgs,
  { planned, tally, left, sampled = [] }: Written & { planned: PlannedExport | undefined },
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
      ...describeSelection(dataset, args, planned, left),
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

function describeSelection(
  { settings }: Dataset,
  args: ExportArgs,
  planned: PlannedExport | undefined,
  left: Written['left'],
): Manifest['selection'] {
  const { select, source = 'all', rounds, chains } = args;
  const { unit, takes } = formOf(args);
  const labelled = takes === 'labelled' && select !== 'all' ? ` ${LABEL_RULES[select]}` : '';
  return {
    select,
    rule: unit === 'problem' ? PROBLEM_RULE : takes === 'stepped' ? STEP_RULE : `${SELECTION_RULES[select]}${labelled}`,
    rounds: rounds ? [...new Set(rounds)].sort() : 'all',
    ...defined({
      chains: chains && new Set(chains).size,
      unmasked: args.unmasked ? (true as const) : undefined,
      pairs: unit === 'pair' ? pairChoices(args) : undefined,
      problems: unit === 'problem' ? problemChoices(args) : undefined,
      leftOut: unit === 'problem' ? args.leaveOut : undefined,
      marker: args.marker && settings.sampling.markers[args.marker],
      left: source === 'all' && left.length === 0 ? undefined : countReasons(left),
    }),
    ...(source === 'all' ? {} : { source, markers: settings.sampling.markers }),
    ...(planned ? describeChoices(planned) : {}),
  };
}

/** What was chosen of the rows; what was not is absent. */
function describeChoices(planned: PlannedExport): Partial<Manifest['selection']> {
  const { selected, choices } = planned;
  const { leaveOut, dedupe, perProblem, order, seed, validation } = choices;
  const query = formatQuery(selected.query.filter(({ field }) => field !== 'round'));
  const draws = perProblem !== undefined || validation > 0 || order === 'shuffled';
  return {
    ...defined({ perProblem, seed: draws ? seed : undefined }),
    ...(query === '' ? {} : { query }),
    ...(leaveOut.size === 0 ? {} : { leftOut: CHAIN_WARNINGS.filter((warning) => leaveOut.has(warning)) }),
    ...(dedupe === 'none' ? {} : { dedupe }),
    ...(order === 'stored' ? {} : { order }),
    ...(validation === 0 ? {} : { validation: { share: validation, ...rowCounts(planned, 'validation') } }),
  };
}

/** Whether a rename failed because there is a folder with files. @throws any other error */
function isNotEmpty(error: unknown): true {
  if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) return true;
  throw error;
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
    // Another export may have taken the name since.
    const isTaken = await rename(draft, folder).then(() => false, isNotEmpty);
    if (!isTaken) return folder;
  }
}
