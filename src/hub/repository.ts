import { datasetInfo, listFiles } from '@huggingface/hub';
import { z } from 'zod';
import { isPlainPath } from '../core/dataset/index.ts';
import { defined } from '../core/defined.ts';
import { plural } from '../core/text/format.ts';
import { HubError } from './endpoint.ts';
import { hubFetch, isFileError, type RequestOptions } from './request.ts';

const MOST_FILES = 20_000;
const Commit = z.string().regex(/^[0-9a-f]{40}$/);

/** Files of a split in a card: one or more paths or patterns. */
const Paths = z.union([z.string(), z.array(z.string())]);
const DataFiles = z.union([Paths, z.array(z.object({ split: z.string(), path: Paths })), z.record(z.string(), Paths)]);
export const CardConfig = z.object({
  config_name: z.string(),
  data_files: DataFiles.optional(),
  data_dir: z.string().optional(),
  default: z.boolean().optional(),
});
export type CardConfig = z.infer<typeof CardConfig>;

/** Front matter of a card; unexpected values are ignored. */
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
  /** SHA-256 of the content, or the SHA-1 of the git blob for a small file stored in git. */
  hash: z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{40})$/),
});
export type HubFile = z.infer<typeof HubFile>;

/** A repository at a commit, as cached. */
export const Repository = z.object({
  version: z.literal(1),
  commit: Commit,
  licence: z.string().optional(),
  configs: z.array(CardConfig),
  files: z.array(HubFile),
});
export type Repository = z.infer<typeof Repository>;

const Info = z.object({ sha: Commit, cardData: Card.optional(), private: z.boolean().optional() });

/** What the hub reports about a revision of a set. */
export interface RepositoryInfo extends Pick<Repository, 'commit' | 'configs'> {
  licence?: string;
  isPrivate: boolean;
}
const Entry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().optional(),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
});

/** The current commit of a revision, and the card of the set. @throws HubError */
export async function askInfo(repo: string, revision: string, options: RequestOptions): Promise<RepositoryInfo> {
  const answer = await checked(options, () =>
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
  const { sha, cardData, private: isPrivate = false } = info.data;
  const licence = [cardData?.license ?? []].flat().join(', ').slice(0, 200);
  return { commit: sha, ...defined({ licence: licence || undefined }), configs: cardData?.configs ?? [], isPrivate };
}

/** The files of a commit, without entries that have an unsafe path or no hash. @throws HubError */
export async function askFiles(repo: string, commit: string, options: RequestOptions): Promise<HubFile[]> {
  return checked(options, async () => {
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
        throw new HubError('too-large', `${repo} has more than ${plural(MOST_FILES, 'file')}.`, 'Choose another set.');
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

/** Turns the library's plain errors for invalid JSON and unexpected answers into a HubError; an error of the file system stays as it is. */
export async function checked<T>(options: RequestOptions, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HubError || options.signal.aborted || isFileError(error)) throw error;
    throw strangeAnswer(options);
  }
}

export function strangeAnswer({ endpoint }: RequestOptions): HubError {
  return new HubError(
    'damaged',
    `${endpoint.host} does not answer as the Hugging Face hub does.`,
    'Check HF_ENDPOINT. A proxy or a login page of the network may have answered instead.',
  );
}
