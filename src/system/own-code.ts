import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What in a model's folder brings code of its own, which transformers runs for whoever trusts it: `auto_map` in a configuration, and modules of Python.
 * @returns words for the first that is found; undefined where there is none.
 */
export async function codeIn(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).sort();
  const module = names.find((name) => /\.py[cdo]?$/i.test(name));
  if (module !== undefined) return printable(module);
  for (const name of names.filter((one) => /\.json$/i.test(one))) {
    if (namesCode(await readFile(join(folder, name), 'utf8'))) return `auto_map in ${printable(name)}`;
  }
  return undefined;
}

/** Not by a parser: Python reads what ours refuses, such as NaN, and takes the later of two equal keys. */
function namesCode(json: string): boolean {
  const plain = json.replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return /"auto_map"\s*:/.test(plain);
}

const printable = (name: string): string => name.replace(/\p{Cc}/gu, '?');
