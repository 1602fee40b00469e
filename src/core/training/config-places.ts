import { yamlScalar } from '../text/yaml.ts';

/** An output path in a YAML configuration. */
export interface ConfigPlace {
  key: string;
  /** Null without a value. */
  path: string | null;
}

/** A line that is ambiguous or can't be read. */
export class UnreadablePlace extends Error {
  override readonly name = 'UnreadablePlace';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line}`);
    this.line = line;
  }
}

/** Line ends of PyYAML. */
const LINE_END = /\r\n?|[\n\u0085\u2028\u2029]/;
/** Keys that are hidden by escapes or behind an alias; a NUL or replacement character, which may be UTF-16 to Python. */
const HIDDEN = /"[^"]*\\[^"]*"\s*:|\*[^\s,[\]{}:]+\s*:(?:\s|$)|[\0\uFFFD]/;
/** Lines that may follow a value without quotes; others would continue it. */
const NEXT = /^(\s*)(?:-\s|["']?[\w.-]+["']?\s*:(?:\s|$))/;

/**
 * Finds keys at any depth. Not a YAML parser: each key must be on its own line with its value, as in the templates; any other occurrence
 * throws.
 * @throws UnreadablePlace
 */
export function placesIn(config: string, keys: readonly string[]): ConfigPlace[] {
  const lines = config.split(LINE_END);
  const hidden = HIDDEN.exec(config);
  if (hidden) throw new UnreadablePlace(config.slice(0, hidden.index).split(LINE_END).length);
  const word = `(${keys.map((key) => key.replaceAll('_', '[_-]')).join('|')})`;
  const anywhere = new RegExp(`(?<![\\w\\-/\\\\.])${word}(?![\\w\\-/.])`);
  const alone = new RegExp(`^((?:\\s|-\\s)*)(["']?)${word}\\2\\s*:(?:\\s+(.*))?$`);
  return lines.flatMap((line, index) => {
    // A comment with a quote may be the inside of a quoted text that ends there.
    if (!anywhere.test(line) || /^\s*#[^"']*$/.test(line)) return [];
    const [, indent = '', , key = '', value = ''] = alone.exec(line) ?? [];
    const path = key === '' ? undefined : pathBehind(value, indent.length, lines.slice(index + 1));
    if (path === undefined) throw new UnreadablePlace(index + 1);
    return [{ key: key.replaceAll('-', '_'), path }];
  });
}

function pathBehind(text: string, indent: number, after: readonly string[]): string | null | undefined {
  const [, quoted] = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*,?\s*(?:\s#.*)?$/.exec(text) ?? [];
  if (quoted?.startsWith("'")) return quoted.slice(1, -1).replaceAll("''", "'");
  if (quoted !== undefined) {
    try {
      return String(JSON.parse(quoted));
    } catch {
      return undefined;
    }
  }
  const next = after.find((line) => !/^\s*(?:#.*)?$/.test(line));
  const follows = next === undefined ? undefined : NEXT.exec(next);
  if (next !== undefined && (!follows || (follows[1]?.length ?? 0) > indent)) return undefined;
  const plain = text.replace(/(?:^|\s)#.*$/, '').trim();
  if (/^["'&*!|>{[%@`]/.test(plain)) return undefined;
  return plain === '' || plain === 'null' || plain === '~' ? null : plain;
}

/**
 * The configuration of a planned run for editing: with values, except paths in the run's folder, which become `${…}` because the run may get
 * another number.
 * @param places Paths of the run by variable name; a path comes before its prefixes.
 */
export function editableConfig(config: string, places: Readonly<Record<string, string>>): string {
  let text = config.replaceAll('${', () => '$${');
  for (const [name, place] of Object.entries(places)) {
    // “.” stays: a remote job has its files there.
    if (place.length < 2) continue;
    const quoted = yamlScalar(place);
    text = text.replaceAll(quoted, () => `\${${name}:json}`);
    // Within a longer value only if the path is the same with and without quotes.
    if (quoted === `"${place}"`) text = text.replaceAll(place, () => `\${${name}}`);
  }
  return text;
}
