import { pathToFileURL } from 'node:url';
import { commit, createRepo } from '@huggingface/hub';
import { HubError } from './endpoint.ts';
import { isSame } from './files.ts';
import { askFiles, askInfo, checked, type HubFile, type RepositoryInfo, strangeAnswer } from './repository.ts';
import { hubFetch, type RequestOptions } from './request.ts';

/** A file to publish. */
export interface LocalFile {
  /** In the repository. */
  path: string;
  /** On this machine. */
  from: string;
  bytes: number;
}

/** A repository as it is now. */
export interface PublishedSet extends RepositoryInfo {
  files: HubFile[];
}

/** A file, and whether the repository has it: `same` is not uploaded. */
export interface ComparedFile extends LocalFile {
  state: 'new' | 'changed' | 'same';
}

export interface UploadOptions extends RequestOptions {
  /** Called with the bytes that were sent so far. */
  onBytes: (bytes: number) => void;
}

/** The repository of a dataset on the hub; undefined where there is none, or none that the token can see. @throws HubError */
export async function publishedSet(repo: string, given: RequestOptions): Promise<PublishedSet | undefined> {
  const options = { ...given, uploads: true };
  try {
    const info = await askInfo(repo, 'main', options);
    return { ...info, files: await askFiles(repo, info.commit, options) };
  } catch (error) {
    if (error instanceof HubError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Which of the files a repository has already, by their hashes. */
export async function comparedFiles(
  files: readonly LocalFile[],
  published: PublishedSet | undefined,
): Promise<ComparedFile[]> {
  const there = new Map(published?.files.map((file) => [file.path, file]));
  const compared: ComparedFile[] = [];
  for (const file of files) {
    const remote = there.get(file.path);
    if (remote === undefined) compared.push({ ...file, state: 'new' });
    else compared.push({ ...file, state: (await isSame(file.from, remote)) ? 'same' : 'changed' });
  }
  return compared;
}

/**
 * Uploads files in one commit, after it created the repository where there is none. What the repository or its storage has already is not uploaded again, so
 * that a killed upload resumes after the last complete file. Until the commit, the repository shows nothing of it.
 * @param visibility of the repository; of one that exists it must be so. @returns the commit that has all files, and the number of files that were not there before.
 * @throws HubError; the signal's reason.
 */
export async function upload(
  repo: string,
  files: readonly LocalFile[],
  { visibility, title }: { visibility: 'private' | 'public'; title: string },
  options: UploadOptions,
): Promise<{ commit: string; uploaded: number }> {
  const { endpoint, signal, onBytes } = options;
  if (endpoint.token?.startsWith('hf_') !== true) {
    const what =
      endpoint.token === undefined ? 'No token is set' : 'The token does not have the form of a token of the hub';
    throw new HubError('refused', `${what}.`, 'Set HF_TOKEN to a token with write access (it begins with hf_).');
  }
  const accessToken = endpoint.token;
  const set = { type: 'dataset', name: repo } as const;
  let sent = 0;
  const onSent = (bytes: number): void => {
    sent += bytes;
    onBytes(sent);
  };
  const sending: RequestOptions = { ...options, onSent, uploads: true };
  const access = { repo: set, accessToken, hubUrl: endpoint.url, fetch: hubFetch(sending) };
  let published = await publishedSet(repo, options);
  if (published === undefined) {
    await ignoringConflict(() => checked(options, () => createRepo({ ...access, visibility })));
    published = await publishedSet(repo, options);
    if (published === undefined) throw notVisible(repo, options);
  }
  if (published.isPrivate !== (visibility === 'private'))
    throw new HubError('refused', `${repo} is no longer ${visibility}.`, 'Check the plan again, then publish.');
  const missing = (await comparedFiles(files, published)).filter(({ state }) => state !== 'same');
  if (missing.length === 0) return { commit: published.commit, uploaded: 0 };
  const operations = missing.map(({ path, from }) => ({
    operation: 'addOrUpdate' as const,
    path,
    content: pathToFileURL(from),
  }));
  // With the parent, a commit whose answer was lost is refused when it is sent again.
  const parentCommit = published.commit;
  const answer = await ignoringConflict(() =>
    checked(options, () =>
      commit({ ...access, title, operations, parentCommit, branch: 'main', useXet: false, abortSignal: signal }),
    ),
  );
  const after = await publishedSet(repo, options);
  const left = (await comparedFiles(files, after)).filter(({ state }) => state !== 'same');
  if (after === undefined || left.length > 0) throw answer === undefined ? changed(repo) : strangeAnswer(options);
  return { commit: after.commit, uploaded: missing.length };
}

async function ignoringConflict<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof HubError && error.kind === 'conflict') return undefined;
    throw error;
  }
}

function notVisible(repo: string, { endpoint }: RequestOptions): HubError {
  return new HubError(
    'refused',
    `${endpoint.host} has a repository ${repo} that the token can’t read.`,
    'Choose another name, or use a token of its owner.',
  );
}

function changed(repo: string): HubError {
  return new HubError(
    'conflict',
    `Someone else changed ${repo} during the upload.`,
    'Check the plan again, then publish. What is uploaded is not uploaded again.',
  );
}
