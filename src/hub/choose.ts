import { type HubName, isRowFile, type KnownSet } from '../core/dataset/index.ts';
import { defined } from '../core/defined.ts';
import { formatCount } from '../core/text/format.ts';
import { HubError } from './endpoint.ts';
import type { CardConfig, HubFile, Repository } from './repository.ts';

/** Splits for an evaluation in order of preference, with the words in file names that mean them. */
const SPLITS: readonly [split: string, words: readonly string[]][] = [
  ['test', ['test', 'testing', 'eval', 'evaluation']],
  ['validation', ['validation', 'valid', 'val', 'dev']],
  ['train', ['train', 'training']],
];
const MOST_LISTED = 20;

export interface Chosen {
  config?: string;
  split?: string;
  files: HubFile[];
}

type Repo = Pick<Repository, 'configs' | 'files'>;

/**
 * Chooses the files of a repository: the named one, else those that its card lists for config and split, else by file names. What the user did not name
 * comes from the known sets, else it is the default or only config, and the first of `test`, `validation` and `train`.
 * @throws HubError `not-found` that lists what exists.
 */
export function chooseFiles(repo: Repo, name: HubName, known?: KnownSet): Chosen {
  if (name.file !== undefined) {
    const file = repo.files.find(({ path }) => path === name.file);
    if (file === undefined)
      throw missing(
        name,
        `file ${name.file}`,
        rowFiles(repo).map(({ path }) => path),
      );
    return { files: [file] };
  }
  const described = repo.configs.filter(
    ({ data_files, data_dir }) => data_files !== undefined || data_dir !== undefined,
  );
  if (described.length > 0) return byCard(repo, described, name, known);
  return byNames(repo, name, known);
}

function byCard(repo: Repo, configs: readonly CardConfig[], name: HubName, known?: KnownSet): Chosen {
  const preferred = name.config ?? known?.config;
  const config =
    configs.find(({ config_name }) => config_name === preferred) ??
    (name.config === undefined ? usualConfig(configs) : undefined);
  if (config === undefined) {
    const names = configs.map(({ config_name }) => config_name);
    throw missing(name, name.config === undefined ? 'default config' : `config ${name.config}`, names);
  }
  const splits = splitsOf(config);
  if (splits === undefined) {
    const folder = config.data_dir ?? '';
    const files = repo.files.filter(({ path }) => folder === '' || path.startsWith(`${folder.replace(/\/+$/, '')}/`));
    const { config: _named, ...rest } = name;
    return { ...byNames({ configs: [], files }, rest, known), config: config.config_name };
  }
  const split = chosenSplit(name, [...splits.keys()], known?.split);
  const patterns = splits.get(split) ?? [];
  const files = rowFiles(repo).filter(({ path }) => patterns.some((pattern) => matches(path, pattern)));
  if (files.length === 0)
    throw missing(
      name,
      `file of rows for split ${split}`,
      rowFiles(repo).map(({ path }) => path),
    );
  return { config: config.config_name, split, files };
}

function usualConfig(configs: readonly CardConfig[]): CardConfig | undefined {
  if (configs.length === 1) return configs[0];
  return (
    configs.find((config) => config.default === true) ??
    configs.find(({ config_name }) => config_name === 'default' || config_name === 'main')
  );
}

/** Patterns by split; undefined when the card gives only a folder. Files without a split are the training split, as in Hugging Face's own reader. */
function splitsOf({ data_files }: CardConfig): Map<string, string[]> | undefined {
  if (data_files === undefined) return undefined;
  const splits = new Map<string, string[]>();
  const add = (split: string, paths: string | readonly string[]): void => {
    splits.set(split, [...(splits.get(split) ?? []), ...[paths].flat()]);
  };
  if (typeof data_files === 'string') add('train', data_files);
  else if (!Array.isArray(data_files)) for (const [split, paths] of Object.entries(data_files)) add(split, paths);
  else for (const one of data_files) typeof one === 'string' ? add('train', one) : add(one.split, one.path);
  return splits;
}

function byNames(repo: Repo, name: HubName, known?: KnownSet): Chosen {
  const rows = rowFiles(repo);
  const config = name.config ?? (rows.some(({ path }) => inFolder(path, known?.config)) ? known?.config : undefined);
  const inConfig = config === undefined ? rows : rows.filter(({ path }) => inFolder(path, config));
  if (inConfig.length === 0) {
    if (rows.length === 0) {
      throw new HubError(
        'not-found',
        `${name.repo} has no Parquet, JSONL, JSON or CSV file.`,
        `Many sets also exist as Parquet: try hf:${name.repo}@refs/convert/parquet.`,
      );
    }
    throw missing(name, `folder ${config}`, folders(rows));
  }
  if (config === undefined && name.split === undefined) {
    const named = folders(inConfig).filter((folder) => splitIn(folder) === undefined && folder !== 'data');
    // Several folders that are not splits are several sets.
    if (named.length > 1) throw missing(name, 'default config', named);
  }
  const bySplit = grouped(inConfig, ({ path }) => splitIn(path));
  const unnamed = bySplit.get(undefined);
  bySplit.delete(undefined);
  if (bySplit.size === 0) {
    const only = name.split ?? 'train';
    if (only !== 'train')
      throw missing(
        name,
        `split ${only}`,
        inConfig.map(({ path }) => path),
      );
    return { ...defined({ config }), files: alike(name, unnamed ?? []) };
  }
  const splits = [...bySplit.keys()].filter((split) => split !== undefined);
  const split = chosenSplit(name, splits, known?.split);
  return { ...defined({ config }), split, files: alike(name, bySplit.get(split) ?? []) };
}

/** Files of one format: a repository often has the same rows as JSONL and as Parquet. */
function alike(name: HubName, files: readonly HubFile[]): HubFile[] {
  const byExtension = grouped(files, ({ path }) => path.slice(path.lastIndexOf('.') + 1).toLowerCase());
  const best = byExtension.get('parquet') ?? [...byExtension.values()][0] ?? [];
  const parts = best.filter(({ path }) => /(?:-\d{5}-of-\d{5}|\/\d{4})\b/.test(path));
  if (best.length === 1 || parts.length === best.length) return best;
  throw missing(
    name,
    'single data file',
    best.map(({ path }) => path),
  );
}

function chosenSplit(name: HubName, splits: readonly string[], known: string | undefined): string {
  if (name.split !== undefined) {
    if (splits.includes(name.split)) return name.split;
    throw missing(name, `split ${name.split}`, splits);
  }
  const [only, ...others] = splits;
  if (only !== undefined && others.length === 0) return only;
  const found = [known, ...SPLITS.map(([split]) => split)].find(
    (split) => split !== undefined && splits.includes(split),
  );
  if (found === undefined) throw missing(name, 'split called test', splits);
  return found;
}

/** The split that a path names, the file before its folders. */
function splitIn(path: string): string | undefined {
  for (const part of path.split('/').reverse()) {
    const words = part.toLowerCase().split(/[^a-z]+/);
    const split = SPLITS.find(([, names]) => words.some((word) => names.includes(word)));
    if (split !== undefined) return split[0];
  }
  return undefined;
}

const rowFiles = ({ files }: Repo): HubFile[] =>
  files
    .filter(({ path }) => isRowFile(path) && !/(?:^|\/)(?:\.|dataset_infos?\.json$|config\.json$)/.test(path))
    .sort(byPath);

const byPath = (a: HubFile, b: HubFile): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const inFolder = (path: string, folder: string | undefined): boolean =>
  folder !== undefined && path.split('/').slice(0, -1).includes(folder);

const folders = (files: readonly HubFile[]): string[] => [
  ...new Set(files.map(({ path }) => path.split('/').slice(0, -1)[0]).filter((one) => one !== undefined)),
];

function grouped<K>(files: readonly HubFile[], key: (file: HubFile) => K): Map<K, HubFile[]> {
  const groups = new Map<K, HubFile[]>();
  for (const file of files) groups.set(key(file), [...(groups.get(key(file)) ?? []), file]);
  return groups;
}

function missing({ repo }: HubName, what: string, there: readonly string[]): HubError {
  const more = there.length > MOST_LISTED ? `, and ${formatCount(there.length - MOST_LISTED)} more` : '';
  const has = there.length === 0 ? 'It has none.' : `It has: ${there.slice(0, MOST_LISTED).join(', ')}${more}.`;
  return new HubError(
    'not-found',
    `${repo} has no ${what}. ${has}`,
    `Name one: hf:${repo}:CONFIG/SPLIT, hf:${repo}:/SPLIT or hf:${repo}:FILE.`,
  );
}

/**
 * Whether a path matches a pattern of a card: `*` and `?` stay within a folder, `**` does not. Takes at most path × pattern steps, since patterns are not
 * trusted.
 */
export function matches(path: string, pattern: string): boolean {
  if (pattern.length > 300) return false;
  const tokens = pattern.replace(/^\.?\//, '').match(/\*\*\/?|\*|\?|[^*?]/gs) ?? [];
  // Positions in the path that the tokens so far can reach.
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reached) {
      if (token === '**' || token === '**/') {
        for (let to = at; to <= path.length; to++) {
          if (token === '**' || to === at || path[to - 1] === '/') next.add(to);
        }
      } else if (token === '*') {
        next.add(at);
        for (let to = at; to < path.length && path[to] !== '/'; to++) next.add(to + 1);
      } else if (token === '?' ? at < path.length && path[at] !== '/' : path[at] === token) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(path.length);
}
