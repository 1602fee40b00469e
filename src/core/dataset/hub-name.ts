import { defined } from '../defined.ts';
import type { Unrecognised } from './columns.ts';
import { KNOWN_SETS } from './known-sets.ts';
import { isRowFile } from './values.ts';

/** A problem set on the Hugging Face hub. Absent parts are chosen from what the set has. */
export interface HubName {
  /** `owner/name`, or `name` for the few sets without an owner. */
  repo: string;
  config?: string;
  split?: string;
  /** One file of the repository, instead of config and split. */
  file?: string;
  /** Branch, tag or commit; `main` when absent. */
  revision?: string;
}

export const HUB_PREFIX = 'hf:';
export const HUB_NAME_FORM = 'hf:OWNER/NAME[:CONFIG/SPLIT or :FILE][@REVISION]';

const NAME_PART = '[A-Za-z0-9][\\w.-]{0,95}';
const REPO = new RegExp(`^${NAME_PART}(?:/${NAME_PART})?$`);
const REVISION = /^\w[\w./-]{0,199}$/;
const SUBSET = /^[^\s/:@][^/:@]{0,99}$/;

export function isHubName(text: string): boolean {
  return text.startsWith(HUB_PREFIX);
}

/**
 * Reads `hf:openai/gsm8k`, `hf:openai/gsm8k:socratic`, `hf:openai/gsm8k:main/test@<commit>`, `hf:owner/name:/train`,
 * `hf:owner/name:data/rows.parquet` and the short names of known sets (`hf:gsm8k`).
 */
export function parseHubName(text: string): HubName | Unrecognised {
  const wrong = (what: string): Unrecognised => ({ reason: `“${text}” ${what}. The form is ${HUB_NAME_FORM}.` });
  const body = text.slice(HUB_PREFIX.length);
  const at = body.lastIndexOf('@');
  const revision = at === -1 ? undefined : body.slice(at + 1);
  const named = at === -1 ? body : body.slice(0, at);
  const colon = named.indexOf(':');
  const given = colon === -1 ? named : named.slice(0, colon);
  const repo = KNOWN_SETS.find(({ short }) => short === given.toLowerCase())?.repo ?? given;
  if (!REPO.test(repo) || repo.includes('..')) return wrong('names no set');
  if (revision !== undefined && (!REVISION.test(revision) || revision.includes('..'))) {
    return wrong('names no branch, tag or commit after the @');
  }
  const name: HubName = { repo, ...defined({ revision }) };
  if (colon === -1) return name;
  const part = named.slice(colon + 1);
  if (isRowFile(part)) {
    return isPlainPath(part) ? { ...name, file: part } : wrong('names a file that can’t be in a repository');
  }
  const [config = '', split, ...more] = part.split('/');
  const subset = [config, split ?? ''].filter((one) => one !== '');
  if (more.length > 0 || subset.length === 0 || !subset.every((one) => SUBSET.test(one))) {
    return wrong('names neither config and split nor a file of rows after the colon');
  }
  return { ...name, ...defined({ config: config || undefined, split: split || undefined }) };
}

/** The inverse of `parseHubName`. */
export function formatHubName({ repo, config, split, file, revision }: HubName): string {
  const subset = split === undefined ? (config ?? '') : `${config ?? ''}/${split}`;
  const part = file ?? subset;
  return `${HUB_PREFIX}${repo}${part === '' ? '' : `:${part}`}${revision === undefined ? '' : `@${revision}`}`;
}

/** Whether a path stays inside its repository and has no character that is special in a URL or a file system. */
export function isPlainPath(path: string): boolean {
  if (path.length > 300 || /[\p{Cc}\\:?#%*"<>|@]/u.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
