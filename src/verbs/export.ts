import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  countReasons,
  datasetCard,
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
} from '../core/export/index.ts';
import { withJudgement } from '../core/judge/index.ts';
import type { Chain, JudgementLine, Problem } from '../core/model/index.ts';
import type { VerbArgs } from '../protocol/verbs.ts';
import { sweepTemporaries, temporaryPath } from '../store/files.ts';
import { appliedPolicy } from '../store/gradings.ts';
import { type ChainEntry, Dataset, StoreError } from '../store/index.ts';
import { plainName, slug } from '../store/names.ts';
import { type Verb, type VerbContext, VerbError } from './context.ts';
import { RowFiles, sameFolder, writeHashed } from './export-files.ts';
import { type Chosen, chooseSources } from './export-sources.ts';
import { ownVersion } from './own-version.ts';

const EVERY_MS = 100;

export const exportTrainingSet: Verb<'export'> = async (args, context) => {
  const dataset = await Dataset.open(args.dataset, { log: context.log });
  try {
    const chosen = await choose(dataset, args);
    const name = slug(args.name ?? args.select, 'export');
    await sweepTemporaries(dataset.exportsFolder);
    const draft = temporaryPath(join(dataset.exportsFolder, name));
    try {
      const { files, tally, left } = await writeRows(dataset, draft, chosen, args, context);
      const manifest = await describe(dataset, name, args, { tally, left }, context);
      files['README.md'] = await writeHashed(draft, 'README.md', datasetCard(manifest));
      const whole: Manifest = { ...manifest, files };
      const own = await writeHashed(draft, 'manifest.json', `${JSON.stringify(whole, null, 2)}\n`);
      const hashes = { ...files, 'manifest.json': own };
      const { chains, trained, masked } = tally.counts;
      const folder = await publish(draft, join(dataset.exportsFolder, name));
      const shas = Object.entries(hashes).map(([file, { sha256 }]) => [file, sha256]);
      const counted = manifest.selection.left;
      return {
        folder,
        chains,
        trained,
        masked,
        files: Object.fromEntries(shas),
        ...(counted ? { left: counted } : {}),
      };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } finally {
    await dataset.close();
  }
};

/** Chains that may be exported. Throws when there are none, or a round is unknown. */
async function choose(dataset: Dataset, { select, source = 'all', rounds }: VerbArgs<'export'>): Promise<Chosen> {
  for (const round of rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const inRounds = dataset.index.chains().filter((chain) => rounds === undefined || rounds.includes(chain.round));
  const { index } = dataset;
  const chosen =
    source === 'all'
      ? {
          rows: inRounds
            .filter((chain) => isSelected(chain, index.decision(chain.id), index.override(chain.id), select))
            .map((entry) => ({ entry })),
          left: [],
        }
      : await chooseSources(dataset, inRounds, source, { select });
  if (chosen.rows.length > 0) return chosen;
  if (inRounds.length === 0) throw new VerbError('There are no chains to export.', 'Generate or import some first.');
  if (select === 'passed')
    throw new VerbError('No chain passed the filters.', 'Look at what they say in the review queue.');
  throw new VerbError('No chain is accepted yet.', 'Accept some in the review queue, or export with --select passed.');
}

async function writeRows(
  dataset: Dataset,
  draft: string,
  { rows: chosen, left: leftBefore }: Chosen,
  { select, source = 'all' }: VerbArgs<'export'>,
  { signal, progress, log }: VerbContext,
): Promise<{ files: Record<string, FileEntry>; tally: Tally; left: LeftOut[] }> {
  const tally = new Tally();
  const left = [...leftBefore];
  const output = new RowFiles(draft);
  let told = 0;
  try {
    for (const [done, { entry, marked }] of chosen.entries()) {
      signal.throwIfAborted();
      if (performance.now() - told >= EVERY_MS) {
        told = performance.now();
        progress({ done, total: chosen.length, unit: 'chains' });
      }
      const read = await readChain(dataset, entry, log);
      // The index goes by decisions alone; only the texts tell whether an act can stand on them.
      if (!read || (select === 'accepted' && read.review.decision !== 'accepted')) {
        if (marked) left.push({ ...leftOf(entry), reason: read ? 'not-accepted' : 'no-problem' });
        continue;
      }
      const rows = exportChain(read.chain, read.problem, read.review, marked);
      await output.add(rows);
      tally.add(read.chain, read.problem, read.review, rows);
      if (marked) tally.from(marked.source);
      if (read.judgement) tally.judged(read.judgement);
    }
  } finally {
    await output.close();
  }
  progress({ done: chosen.length, total: chosen.length, unit: 'chains' });
  const files = { ...output.entries, ...(source === 'all' ? {} : await writeLeft(draft, left)) };
  if (tally.counts.chains > 0) return { files, tally, left };
  throw new VerbError('None of the chains can be exported.', 'The log says why each was left out.');
}

function leftOf({ id, problemId, origin }: ChainEntry): Omit<LeftOut, 'reason'> {
  return { id, problem_id: problemId, source: sourceOf(origin) };
}

async function writeLeft(draft: string, left: readonly LeftOut[]): Promise<Record<string, FileEntry>> {
  if (left.length === 0) return {};
  return { [LEFT_FILE]: await writeHashed(draft, LEFT_FILE, left.map((row) => `${JSON.stringify(row)}\n`).join('')) };
}

async function readChain(
  dataset: Dataset,
  { id, round }: ChainEntry,
  log: (text: string) => void,
): Promise<{ chain: Chain; problem: Problem; review: ReviewedText; judgement?: JudgementLine } | undefined> {
  const judgement = await dataset.judgement(id);
  const chain = withJudgement(await dataset.chain(id), judgement);
  try {
    const problem = await dataset.problem(chain.problemId);
    const review = reviewedText(chain, await dataset.reviewActs(id));
    return { chain: { ...chain, round }, problem, review, ...(judgement ? { judgement } : {}) };
  } catch (error) {
    if (!(error instanceof StoreError) || error.problem !== 'unknown-problem') throw error;
    log(`Chain ${id} is left out: its problem ${chain.problemId} is not in the dataset.`);
    return undefined;
  }
}

async function describe(
  dataset: Dataset,
  name: string,
  { select, source = 'all', rounds }: VerbArgs<'export'>,
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
    lineage.push({ ...roundLineage(plan, applied), round, ...(assembly ? { assembly } : {}) });
  }
  return {
    version: 1,
    name,
    createdAt: tally.latest,
    longhand: await ownVersion(distFolder),
    dataset: { id: dataset.settings.id, name: dataset.settings.name },
    selection: {
      select,
      rule: SELECTION_RULES[select],
      rounds: rounds ? [...new Set(rounds)].sort() : 'all',
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
 */
async function publish(draft: string, target: string): Promise<string> {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? target : `${target}-${n}`;
    const there = await sameFolder(draft, folder);
    if (there === 'same') return folder;
    if (there === 'different') continue;
    await rename(draft, folder);
    return folder;
  }
}
