/** Where a configuration in YAML says that its trainer writes. */
export interface ConfigPlace {
  key: string;
  /** Null where nothing is written behind the key. */
  path: string | null;
}

/** A line that could be read in more than one way, or not at all. */
export class UnreadablePlace extends Error {
  override readonly name = 'UnreadablePlace';
  readonly line: number;

  constructor(line: number) {
    super(`line ${line}`);
    this.line = line;
  }
}

/** As PyYAML ends lines. */
const LINE_END = /\r\n?|[\n\u0085\u2028\u2029]/;
/** Keys whose letters are hidden: by escapes, or behind an alias. Broken text may be UTF-16 to Python. */
const HIDDEN = /"[^"]*\\[^"]*"\s*:|\*[^\s,[\]{}:]+\s*:(?:\s|$)|[\0\uFFFD]/;
/** What may follow a value without quotes, which else could go on there. */
const NEXT = /^(\s*)(?:-\s|["']?[\w.-]+["']?\s*:(?:\s|$))/;

/**
 * Finds keys at any depth. This is no reader of YAML but a strict one of few lines: each key must stand on a line of its own with its value behind it, as
 * the templates have it, and wherever else its letters are, nothing is guessed.
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
