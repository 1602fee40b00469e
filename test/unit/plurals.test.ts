import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** Nouns that texts count. A noun that is missing here is not checked. */
const NOUNS = `answers attempts boxes bytes calls candidates chains characters checkpoints classes columns digits duplicates
  entries epochs errors evaluations examples files filters gradings hosts hours levels lines masks messages minutes models
  notes outcomes packages pages pieces policies problems processes replicas replies requests results retries reviews rounds
  rows runs samples seconds sentences settings spans steps threads tokens topics traces trainings turns values verdicts
  warnings windows words`;
/** Words after a value that end its phrase: what follows is not counted by it. */
const STOPS =
  'a an and another at by can could for from has have in is no of or still such that the to trains with without';
const AFTER_VERB = String.raw`at|as|code|for|in|models|on|without|\{\d|\$\{`;

const either = (words: string): string => `(?:${words.trim().split(/\s+/).join('|')})`;
const PLACE = String.raw`(?<!million )(?:\{\d+\}|\$\{\})`;
const BETWEEN = String.raw`(?:(?!${either(STOPS)}\b)[a-z]+\s+){0,2}?`;
/** A placeholder, at most two adjectives, and a plural. Not a rate (`tokens/s`, `steps a second`) or a verb (`{0} answers at {1}`). */
const COUNTED = new RegExp(
  String.raw`${PLACE}\s+${BETWEEN}(?!(?:answers|calls|runs)\s(?:${AFTER_VERB}))${either(NOUNS)}\b(?!-|/| an? (?:second|row)\b)`,
);
/** `word${count === 1 ? '' : 's'}`: a plural made by hand. */
const ENDING = /\? ''\s*:\s*'e?s'/;

/** A value that no function formats: a name, a member, a sum. */
const RAW = /^[\w.?#\s+-]*[A-Za-z][\w.?#\s+-]*$/;
/** The same, where its name says that it is a number. */
const RAW_COUNT =
  /(?:^|[.#])(?:length|size|count|done|total|flipped|labelled|skipped|missing|kept|step|position|place)(?=$|\s)/;
/** Words that follow a count: `${n} more`. */
const AFTER_COUNT =
  /^ (?:more|labelled|skipped|failed|passed|flipped|listed|shown|hidden|times|not shown|of|are|were|is)\b/;

/** Words before a value that is not a count: `line ${n} of ${file}`, `for ${problem} of ${round}`. */
const NAMED = /(?:\b(?:line|letter|for) |@)$/i;

/** Functions that choose between their messages by the count. */
const HELPERS = ['counted', 'plural', 'pluralAmount'];

interface Text {
  /** The text, with `${}` for each value. */
  text: string;
  /** The expressions of its values, in their order. */
  values: string[];
  line: number;
  /** The function whose argument the text is, without its object. */
  callee: string;
}

/** All strings and template literals of a source, without its comments. */
function textsOf(source: string): Text[] {
  const found: Text[] = [];
  const calls: string[] = [];
  let at = 0;
  const code = (closer: string): void => {
    const depth = calls.length;
    while (at < source.length) {
      const rest = source.slice(at, at + 2);
      const char = source.charAt(at);
      if (rest === '//') at = endOf('\n');
      else if (rest === '/*') at = endOf('*/');
      else if (char === "'" || char === '"' || char === '`') literal(char);
      else if (char === '/' && /[(,=:[!&|?{};]\s*$/.test(source.slice(Math.max(0, at - 20), at))) regex();
      else {
        at++;
        if (char === closer && calls.length === depth) return;
        if ('([{'.includes(char)) calls.push(char === '(' ? calleeBefore(source, at - 1) : '');
        if (')]}'.includes(char)) calls.pop();
      }
    }
  };
  const endOf = (mark: string): number => {
    const end = source.indexOf(mark, at + 2);
    return end < 0 ? source.length : end + mark.length;
  };
  const regex = (): void => {
    let inClass = false;
    for (at++; at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/'); at++) {
      if (source[at] === '\\') at++;
      else if (source[at] === '[') inClass = true;
      else if (source[at] === ']') inClass = false;
    }
    at++;
  };
  const literal = (quote: string): void => {
    const line = source.slice(0, at).split('\n').length;
    const callee = calls.at(-1) ?? '';
    const values: string[] = [];
    let text = '';
    for (at++; at < source.length && source[at] !== quote; ) {
      if (source[at] === '\\') {
        text += source.slice(at, at + 2);
        at += 2;
      } else if (quote === '`' && source.startsWith('${', at)) {
        at += 2;
        const from = at;
        code('}');
        values.push(source.slice(from, at - 1).trim());
        text += `\${}`;
      } else text += source[at++];
    }
    at++;
    found.push({ text, values, line, callee });
  };
  code('');
  return found;
}

const calleeBefore = (source: string, paren: number): string =>
  /(\w+)\s*$/.exec(source.slice(Math.max(0, paren - 60), paren))?.[1] ?? '';

const isBare = ({ text, callee }: Text): boolean => COUNTED.test(text) && !HELPERS.includes(callee);

/** Whether a value of the text is an unformatted number: `${n} of ${m}`, `${list.length - 3} more`, `step ${step}`. */
function hasRawCount({ text, values }: Text): boolean {
  const parts = text.split(`\${}`);
  return values.some((value, i) => {
    if (!RAW.test(value)) return false;
    const [before = '', after = ''] = [parts[i], parts[i + 1]];
    if (/\bstep $/.test(before)) return true;
    if (after === ' of ' && i + 1 < values.length) return !NAMED.test(before);
    return RAW_COUNT.test(value) && (AFTER_COUNT.test(after) || / of $/.test(before)) && !/^[/.]/.test(after);
  });
}

/** The texts of a source that count a noun by hand, as `line: text`. */
function bareCounts(source: string): string[] {
  const texts = textsOf(source).filter((text) => isBare(text) || hasRawCount(text));
  const endings = source
    .split('\n')
    .flatMap((text, i) => (ENDING.test(text) ? [{ text: text.trim(), line: i + 1 }] : []));
  return [...texts, ...endings].map(({ text, line }) => `${line}: ${text.replace(/\s+/g, ' ').trim().slice(0, 300)}`);
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .sort();
}

describe('counts with a noun', () => {
  it('are formatted by plural or counted in every source', () => {
    const files = [...sources('src'), ...sources('webview')];
    const bare = files.flatMap((file) =>
      bareCounts(readFileSync(join(ROOT, file), 'utf8')).map((one) => `${file}:${one}`),
    );
    expect(bare).toEqual([]);
  });

  // `§` is a dollar sign, because Biome reports `${` in a plain string.
  it.each([
    ["l10n.t('{0} chains', count(n))", 1],
    ["l10n.t('{0} of {1} chains pass', a, b)", 1],
    ['`§{n} new chains`', 1],
    ['`§{formatCount(n)} chains`', 1],
    ['html`<p>§{n}\n  problems</p>`', 1],
    ["`§{n} line§{n === 1 ? '' : 's'}`", 1],
    ['`§{list.map((one) => `§{one} rows`)}`', 1],
    ['`§{a} of §{formatCount(b)}`', 1],
    ['`and §{list.length - LISTED} more`', 1],
    ['html`<p>§{this.labelled} labelled</p>`', 1],
    ['`at step §{last.step}`', 1],
    ['`§{formatCount(a)} of §{formatCount(b)} · §{name} more`', 0],
    ['`Line §{n} of §{file}`', 0],
    ["counted(n, '{0} chain', '{0} chains')", 0],
    ["l10n.t('{0} of {1}', a, l10n.counted(n, '{0} chain', '{0} chains'))", 0],
    ["`§{plural(n, 'chain')} of §{plural(m, 'problem')}`", 0],
    ['`§{formatRate(n)} tokens/s`', 0],
    ['`§{host} sends an endless response`', 0],
    ['// `§{n} chains`', 0],
    ['/[`"]/.test(text); `§{name} is a chain`', 0],
  ])('are found when they are formatted by hand: %s', (source, count) => {
    expect(bareCounts(source.replaceAll('§', '$'))).toHaveLength(count);
  });
});
