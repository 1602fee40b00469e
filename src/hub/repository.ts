import { datasetInfo, listFiles } from '@huggingface/hub';
import { z } from 'zod';
import { isPlainPath } from '../core/importing/index.ts';
import { HubError } from './errors.ts';
import { hubFetch, type RequestOptions } from './request.ts';

const MOST_FILES = 20_000;
const Commit = z.string().regex(/^[0-9a-f]{40}$/);

/** Where a card says that the rows of a split stand: one path or pattern, or several. */
const Paths = z.union([z.string(), z.array(z.string())]);
const DataFiles = z.union([Paths, z.array(z.object({ split: z.string(), path: Paths })), z.record(z.string(), Paths)]);
export const CardConfig = z.object({
  config_name: z.string(),
  data_files: DataFiles.optional(),
  data_dir: z.string().optional(),
  default: z.boolean().optional(),
});
export type CardConfig = z.infer<typeof CardConfig>;

/** The front matter of a card is its author's: what is of another shape says nothing. */
const Card = z
  .object({
    license: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .catch(undefined),
    configs: z.array(CardConfig).optional().catch(undefined),
  })
  .catch({});

export const HubFile = z.object({
  path: z.string().refine(isPlainPath),
  size: z.number().int().nonnegative(),
  /** SHA-256 of the content, or the SHA-1 of git's blob for a small file that stands in git itself. */
  hash: z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{40})$/),
});
export type HubFile = z.infer<typeof HubFile>;

/** What a repository holds at a commit; kept in the cache, so that it is asked for once. */
export const Repository = z.object({
  version: z.literal(1),
  commit: Commit,
  licence: z.string().optional(),
  configs: z.array(CardConfig),
  files: z.array(HubFile),
});
export type Repository = z.infer<typeof Repository>;

const Info = z.object({ sha: Commit, cardData: Card.optional() });
const Entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().optional(),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
});

/** The commit that a revision stands for now, and the card of the set. Throws HubError. */
export async function askInfo(
  repo: string,
  revision: string,
  options: RequestOptions,
): Promise<Pick<Repository, 'commit' | 'licence' | 'configs'>> {
  const answer = await told(options, () =>
    datasetInfo({
      name: repo,
      revision,
      hubUrl: options.endpoint.url,
      additionalFields: ['sha', 'cardData'],
      fetch: hubFetch(options),
    }),
  );
  const info = Info.safeParse(answer);
  if (!info.success) throw strangeAnswer(options);
  const { sha, cardData } = info.data;
  const licence = [cardData?.license ?? []].flat().join(', ').slice(0, 200);
  return { commit: sha, ...(licence === '' ? {} : { licence }), configs: cardData?.configs ?? [] };
}

/** The files of a commit. A path that is no plain one, or an entry without a hash, is passed over: it can't be asked for. Throws HubError. */
export async function askFiles(repo: string, commit: string, options: RequestOptions): Promise<HubFile[]> {
  return told(options, async () => {
    const files: HubFile[] = [];
    let seen = 0;
    const listed = listFiles({
      repo: { type: 'dataset', name: repo },
      revision: commit,
      recursive: true,
      hubUrl: options.endpoint.url,
      fetch: hubFetch(options),
    });
    for await (const each of listed) {
      options.signal.throwIfAborted();
      seen += 1;
      if (seen > MOST_FILES) {
        throw new HubError('too-large', `${repo} has more than ${MOST_FILES} files.`, 'Take another set.');
      }
      const entry = Entry.safeParse(each).data;
      if (entry?.type !== 'file') continue;
      const { path, size, oid, lfs } = entry;
      const file = HubFile.safeParse({ path, size: lfs?.size ?? size, hash: lfs?.oid.replace(/^sha256:/, '') ?? oid });
      if (file.success) files.push(file.data);
    }
    return files;
  });
}

/** The library throws plain errors for JSON that is none and for answers of another shape. */
async function told<T>(options: RequestOptions, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HubError || options.signal.aborted) throw error;
    throw strangeAnswer(options);
  }
}

function strangeAnswer({ endpoint }: RequestOptions): HubError {
  return new HubError(
    'damaged',
    `${endpoint.host} does not answer as the Hugging Face hub does.`,
    'Look at HF_ENDPOINT; a proxy or a login page of the network may answer in its place.',
  );
}
