import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseHubName } from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import {
  EXPORT_FORMS,
  type Examined,
  type Manifest,
  type PublishedFacts,
  statementsOf,
} from '../../core/export/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { FilterSettings } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import {
  comparedFiles,
  endpointFromEnvironment,
  type LocalFile,
  publishedSet,
  type RequestOptions,
  upload,
} from '../../hub/index.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { examine } from '../../runner/examine/examine.ts';
import { benchmarkProblems } from '../../store/benchmarks.ts';
import { readSettings, SETTINGS_FILE } from '../../store/settings.ts';
import { sweepTemporaries, temporaryPath, writeAtomic } from '../../system/atomic-write.ts';
import { exists, fileHash } from '../../system/regular-file.ts';
import { UsageError, type VerbContext, VerbError } from '../context.ts';
import { fileSource } from '../dataset/examined-source.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { isBeside } from './beside.ts';
import { planLines } from './print.ts';
import { CARD_FILE, type ScannedExport, scanExport, stageExport } from './stage.ts';

type Args = VerbArgs<'publish'>;
type Plan = VerbResult<'publish'>;

const EVERY_MS = 100;

export const run: Run<'publish'> = async (args, context) => {
  if (args.plan !== true && args.confirm === undefined)
    throw new UsageError('Nothing is uploaded without a plan: give --plan, then --confirm with its number.', 'publish');
  const repo = repoOf(args.to);
  const { signal, log } = context;
  const request: RequestOptions = { endpoint: endpointFromEnvironment(context.env), signal, log };
  const kept = cardFolder(args, context);
  await sweepTemporaries(dirname(kept));
  // Of this process only: another window may upload the same export.
  const stage = temporaryPath(kept);
  try {
    const prepared = await prepare(args, repo, stage, request, context);
    const card = join(kept, CARD_FILE);
    await writeAtomic(card, prepared.card);
    const plan = { ...prepared.plan, card };
    return args.plan === true ? plan : await uploadPlan(args, { ...prepared, plan }, request, context);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
};

/** @throws VerbError where the plan is another one than that of `args.confirm`, or is blocked. */
async function uploadPlan(
  args: Args,
  { plan, files, scan }: Prepared & { plan: Plan },
  request: RequestOptions,
  context: VerbContext,
): Promise<Plan> {
  if (plan.confirm !== args.confirm) {
    throw new VerbError(
      'The plan is not the one that was confirmed: the export or an option changed since.',
      'Look at it again with --plan. Nothing was uploaded.',
    );
  }
  if (plan.blocked !== undefined) throw new VerbError(plan.blocked, 'Nothing was uploaded.');
  const total = plan.files.reduce((sum, { bytes, state }) => sum + (state === 'same' ? 0 : bytes), 0);
  let shown = 0;
  const onBytes = (done: number): void => {
    if (performance.now() - shown < EVERY_MS) return;
    shown = performance.now();
    context.progress({ done: Math.min(done, total), total, unit: 'bytes', message: `Uploading to ${plan.host}` });
  };
  const title = `Publish ${scan.manifest.name} with Longhand`;
  const { commit, uploaded } = await upload(
    plan.repo,
    files,
    { visibility: plan.visibility, title },
    { ...request, onBytes },
  );
  return { ...plan, commit, uploaded };
}

export const print: Print<'publish'> = (plan) => {
  const { url, commit, uploaded = 0 } = plan;
  if (commit === undefined) {
    const how = `Nothing was uploaded. To upload exactly this, replace --plan by --confirm ${plan.confirm}.`;
    return lines(...planLines(plan), plan.blocked ?? how);
  }
  if (uploaded === 0) return lines(`Nothing to upload: ${url} has all files.`);
  return lines(`${plural(uploaded, 'file')} uploaded to ${url}, commit ${commit}.`);
};

function repoOf(to: string): string {
  const name = parseHubName(`hf:${to.replace(/^hf:/, '')}`);
  if (!('reason' in name) && /^[^/]+\/[^/]+$/.test(name.repo) && Object.keys(name).length === 1) return name.repo;
  throw new UsageError(`“${to}” is not the name of a repository. The form is OWNER/NAME.`, 'publish');
}

/** Keeps the card of this export with these options. */
function cardFolder({ export: folder, to, reviews, reviewerNames }: Args, { env }: VerbContext): string {
  const key = JSON.stringify([resolve(folder), to, reviews ?? false, reviewerNames ?? false]);
  return join(cacheFolder(env), 'publish', createHash('sha256').update(key).digest('hex').slice(0, 24));
}

interface Prepared {
  plan: Omit<Plan, 'card'>;
  files: LocalFile[];
  scan: ScannedExport;
  card: string;
}

async function prepare(
  args: Args,
  repo: string,
  stage: string,
  request: RequestOptions,
  context: VerbContext,
): Promise<Prepared> {
  const publishes = { reviews: args.reviews ?? false, names: args.reviewerNames ?? false };
  const scan = await scanExport(args.export, publishes, context);
  const examined = await examineRows(scan, join(stage, 'examination'), context);
  const facts: PublishedFacts = { examined, ...defined({ licence: args.licence }) };
  const { files, card } = await stageExport(scan, { stage, facts }, context);
  const published = await publishedSet(repo, request);
  const compared = await comparedFiles(files, published);
  const paths = new Set(files.map(({ path }) => path));
  const wanted = args.public ? 'public' : 'private';
  const visibility = published === undefined ? wanted : published.isPrivate ? 'private' : 'public';
  const others = (published?.files ?? []).filter(({ path }) => !paths.has(path) && !path.startsWith('.')).length;
  const hashes = await Promise.all(files.map(async ({ path, from }) => [path, await fileHash(from)]));
  const identity = JSON.stringify([repo, request.endpoint.host, visibility, hashes]);
  const plan: Omit<Plan, 'card'> = {
    repo,
    host: request.endpoint.host,
    url: `${request.endpoint.url}/datasets/${repo}`,
    visibility,
    exists: published !== undefined,
    licence: /^license: (.*)$/m.exec(card)?.[1] ?? 'other',
    rows: rowsOf(scan.manifest),
    files: compared.map(({ path, bytes, state }) => ({ path, bytes, state })),
    others,
    statements: statementsOf(examined),
    sensitive: [...scan.sensitive],
    sensitiveCount: scan.sensitiveCount,
    confirm: createHash('sha256').update(identity).digest('hex').slice(0, 12),
    ...defined({ blocked: blockOf(args, visibility, scan) }),
  };
  return { plan, files, scan, card };
}

/** Rows of the largest file of each set. */
function rowsOf({ files }: Manifest): number {
  const most = { train: 0, validation: 0 };
  for (const [name, { rows = 0 }] of Object.entries(files)) {
    if (isBeside(name)) continue;
    const set = name.startsWith('validation.') ? 'validation' : 'train';
    most[set] = Math.max(most[set], rows);
  }
  return most.train + most.validation;
}

/** Why the plan can't be carried out as it is; undefined where it can. */
function blockOf(args: Args, visibility: 'private' | 'public', { sensitiveCount }: ScannedExport): string | undefined {
  if (visibility === 'public' && args.public !== true)
    return `${args.to} is public. Give --public to publish there, or choose another repository.`;
  if (sensitiveCount > 0 && args.allowSensitive !== true)
    return `The export has keys or personal data in ${plural(sensitiveCount, 'place')}. Remove the chains, or give --allow-sensitive if they are harmless.`;
  return undefined;
}

/** What the rules of the examination find in the rows, if they can read them. */
async function examineRows(
  { folder, files, manifest }: ScannedExport,
  into: string,
  context: VerbContext,
): Promise<Examined> {
  const rows = files.find((name) => (manifest.files[name]?.rows ?? 0) > 0 && !isBeside(name));
  if (rows === undefined) return { reason: 'there are none' };
  if (EXPORT_FORMS[manifest.form ?? 'sft']?.unit === 'pair') return { reason: 'their form has no single reply' };
  const source = await fileSource(join(folder, rows), undefined, context).catch((error: unknown) => {
    if (error instanceof VerbError) return undefined;
    throw error;
  });
  if (source === undefined) return { reason: `the columns of ${rows} were not recognised` };
  // The dataset that the export belongs to.
  const dataset = dirname(dirname(resolve(folder)));
  const isInDataset = await exists(join(dataset, SETTINGS_FILE));
  const benchmarks = isInDataset ? await benchmarkProblems(dataset, context.log) : [];
  const policy = resolvePolicy(isInDataset ? (await readSettings(dataset)).grading : 'default');
  const options = { filters: FilterSettings.parse({}), policy, benchmarks };
  const { report } = await examine({ source, folder: into, ...options, workers: availableParallelism() }, context);
  await rm(into, { recursive: true, force: true });
  return { report, policy: policy.name, isInDataset };
}
