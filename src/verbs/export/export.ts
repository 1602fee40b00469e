import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import {
  chainLabel,
  countReasons,
  datasetCard,
  EXPORT_FORMS,
  exportChain,
  type FileEntry,
  isSelected,
  LEFT_FILE,
  type LeftOut,
  type Manifest,
  OFFSETS,
  type ReviewedText,
  reviewedText,
  roundLineage,
  SELECTION_RULES,
  sourceOf,
  Tally,
} from '../../core/export/index.ts';
import { formatWarnings } from '../../core/export/warnings.ts';
import type { Chain, JudgementLine, Problem } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import type { DamagedFile } from '../../protocol/damage.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import { appliedPolicy } from '../../store/gradings.ts';
import { type ChainEntry, type Dataset, StoreError } from '../../store/index.ts';
import { refuseLinks } from '../../store/links.ts';
import { plainName, slug } from '../../store/names.ts';
import { sweepTemporaries, temporaryPath } from '../../system/atomic-write.ts';
import { EXIT, type VerbContext, VerbError } from '../context.ts';
import { damageLines, damageTotal } from '../dataset/damage.ts';
import { formatCounts, lines } from '../format.ts';
import type { Print, Run, VerbArgs } from '../index.ts';
import { ownVersion } from '../own-version.ts';
import { withDataset } from '../with-dataset.ts';
import { RowFiles, sameFolder, writeHashed } from './files.ts';
import { type Chosen, chooseSources } from './sources.ts';

const EVERY_MS = 100;

export const run: Run<'export'> = (args, context) =>
  withDataset(args.dataset, context, async (dataset) => {
    const damaged = damagedOf(dataset, args);
    if (args.strict && damaged.length > 0) {
      const advice = 'Nothing was exported. Move the lines aside with “longhand repair”, or export without --strict.';
      throw new VerbError(`${damageTotal(damaged)}.`, advice, EXIT.damaged);
    }
    const chosen = await choose(dataset, args);
    const name = slug(args.name ?? args.select, 'export');
    await refuseLinks(dataset.folder, dataset.exportsFolder);
    await sweepTemporaries(dataset.exportsFolder);
    const draft = temporaryPath(join(dataset.exportsFolder, name));
    try {
      const { files, tally, left } = await writeRows(dataset, draft, chosen, args, context);
      const manifest = await describe(dataset, name, args, { tally, left }, context);
      files['README.md'] = await writeHashed(draft, 'README.md', datasetCard(manifest, files));
      const whole: Manifest = { ...manifest, files };
      const own = await writeHashed(draft, 'manifest.json', `${JSON.stringify(whole, null, 2)}\n`);
      const hashes = { ...files, 'manifest.json': own };
      const { chains, trained, masked, warnings } = tally.counts;
      const folder = await publish(dataset, draft, name);
      const shas = Object.entries(hashes).map(([file, { sha256 }]) => [file, sha256]);
      const counted = manifest.selection.left;
      return {
        folder,
        chains,
        rows: Object.fromEntries(Object.entries(files).flatMap(([file, { rows }]) => (rows ? [[file, rows]] : []))),
        trained,
        masked,
        warnings,
        files: Object.fromEntries(shas),
        ...(counted ? { left: counted } : {}),
        damaged,
      };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });

export const print: Print<'export'> = ({ folder, chains, trained, masked, warnings, files, left, damaged }) => {
  const texts = formatWarnings(warnings);
  return lines(
    `${folder}: ${plural(chains, 'chain')}; ${plural(trained, 'character')} trained, ${formatCount(masked)} masked.`,
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

/** Chains that may be exported. Throws when there are none, or a round is unknown. */
async function choose(
  dataset: Dataset,
  { select, form = 'sft', source = 'all', rounds, chains }: VerbArgs<'export'>,
): Promise<Chosen> {
  const { takes, title } = EXPORT_FORMS[form];
  if (source !== 'all' && takes === 'labelled') {
    throw new VerbError(`The sources of rows are not told apart in the form ${title}.`, 'Export without --source.');
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
      const label = chainLabel(chain, decision, override, select);
      if (label !== undefined) chosen.rows.push({ id: chain.id, label });
    }
  }
  if (chosen.rows.length > 0) return chosen;
  if (count === 0) throw new VerbError('There are no chains to export.', 'Generate or import some first.');
  if (select === 'passed')
    throw new VerbError('No chain passed the filters.', 'The review queue shows why each was filtered out.');
  throw new VerbError('No chain is accepted yet.', 'Accept some in the review queue, or export with --select passed.');
}

async function writeRows(
  dataset: Dataset,
  draft: string,
  { rows: chosen, left: leftBefore }: Chosen,
  { select, form: formId = 'sft', source = 'all' }: VerbArgs<'export'>,
  { signal, progress, log }: VerbContext,
): Promise<{ files: Record<string, FileEntry>; tally: Tally; left: LeftOut[] }> {
  const tally = new Tally();
  const left = [...leftBefore];
  const form = EXPORT_FORMS[formId];
  const output = new RowFiles(draft, form);
  const reader = new ChainReader(dataset);
  let shown = 0;
  try {
    for (const [done, { id, marked, label }] of chosen.entries()) {
      signal.throwIfAborted();
      if (performance.now() - shown >= EVERY_MS) {
        shown = performance.now();
        progress({ done, total: chosen.length, unit: 'chains' });
      }
      const read = await readChain(reader, id, log);
      // The index knows decisions only. Whether an act fits its text is known from the text.
      if (!read || (select === 'accepted' && read.review.decision !== (label === false ? 'rejected' : 'accepted'))) {
        const entry = marked && dataset.index.chain(id);
        if (entry) left.push({ ...leftOf(entry), reason: read ? 'not-accepted' : 'no-problem' });
        continue;
      }
      const rows = exportChain(read.chain, read.problem, read.review, marked);
      await output.add(form.rows(rows, label ?? true));
      tally.add(read.chain, read.problem, read.review, rows, label);
      if (marked) tally.from(marked.source);
      if (read.judgement) tally.judged(read.judgement);
    }
  } finally {
    await reader.close();
    await output.close();
  }
  progress({ done: chosen.length, total: chosen.length, unit: 'chains' });
  const files = { ...output.entries, ...(source === 'all' ? {} : await writeLeft(draft, left)) };
  if (tally.counts.chains > 0) return { files, tally, left };
  throw new VerbError('None of the chains can be exported.', 'The log lists the reason for each.');
}

function leftOf({ id, problemId, origin }: ChainEntry): Omit<LeftOut, 'reason'> {
  return { id, problem_id: problemId, source: sourceOf(origin) };
}

async function writeLeft(draft: string, left: readonly LeftOut[]): Promise<Record<string, FileEntry>> {
  if (left.length === 0) return {};
  return { [LEFT_FILE]: await writeHashed(draft, LEFT_FILE, left.map((row) => `${JSON.stringify(row)}\n`).join('')) };
}

async function readChain(
  reader: ChainReader,
  id: string,
  log: (text: string) => void,
): Promise<{ chain: Chain; problem: Problem; review: ReviewedText; judgement?: JudgementLine } | undefined> {
  const read = await reader.chain(id);
  const { chain } = read;
  try {
    const problem = await reader.problem(chain.problemId);
    return { ...read, problem, review: reviewedText(chain, await reader.reviewActs(id)) };
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'unknown-problem') throw error;
    log(`Chain ${id} is filtered out: its problem ${chain.problemId} is not in the dataset.`);
    return undefined;
  }
}

async function describe(
  dataset: Dataset,
  name: string,
  { select, form = 'sft', source = 'all', rounds, chains }: VerbArgs<'export'>,
  { tally, left }: { tally: Tally; left: readonly LeftOut[] },
  { distFolder }: VerbContext,
): Promise<Omit<Manifest, 'files'>> {
  const used = Object.keys(tally.counts.byRound);
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
    form,
    selection: {
      select,
      rule: SELECTION_RULES[select],
      rounds: rounds ? [...new Set(rounds)].sort() : 'all',
      ...defined({ chains: chains && new Set(chains).size }),
      ...(source === 'all' ? {} : { source, markers: dataset.settings.sampling.markers, left: countReasons(left) }),
    },
    offsets: OFFSETS,
    counts: tally.counts,
    rounds: lineage,
    reviewers: tally.reviewers,
    ...(tally.judges.length === 0 ? {} : { judges: tally.judges }),
    sources: tally.sources,
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
