import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readWholeText } from './regular-file.ts';

/**
 * Finds code in a model's folder, which transformers runs when it is trusted: Python modules, and `auto_map` in a configuration.
 * @returns a description of the first; undefined when there is none.
 */
export async function codeIn(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).sort();
  const module = names.find((name) => /\.py[cdo]?$/i.test(name));
  if (module !== undefined) return printable(module);
  for (const name of names.filter((one) => /\.json$/i.test(one))) {
    if (namesCode(await readWholeText(join(folder, name)))) return `auto_map in ${printable(name)}`;
  }
  return undefined;
}

/** Not by a parser: Python accepts NaN and repeated keys. */
function namesCode(json: string): boolean {
  const plain = json.replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return /"auto_map"\s*:/.test(plain);
}

const printable = (name: string): string => name.replace(/\p{Cc}/gu, '?');
