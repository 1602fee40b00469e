import { BEHAVIOURS, type Behaviour, ChainClass, PieceName } from '../../src/core/schemas/index.ts';

/** A behaviour on `[start, end)` of its piece's text, in UTF-16 code units. */
export interface SourceSpan {
  kind: Behaviour;
  start: number;
  end: number;
}

export interface SourcePiece {
  name: PieceName;
  /** Without the span tags, trimmed. */
  text: string;
  spans: SourceSpan[];
}

export interface SourceChain {
  problemId: string;
  class: ChainClass;
  /** The verdict of the check on answer[1]. */
  verdict: 'right' | 'wrong';
  pieces: SourcePiece[];
}

/** A chain source that cannot be read, with the file and the error. */
export class ChainSourceError extends Error {
  override readonly name = 'ChainSourceError';
  constructor(file: string, what: string) {
    super(`${file}: ${what}`);
  }
}

const FRONT_MATTER = /^---\n([\s\S]*?)\n---\n/;
const HEADING = /^# ((?:answer|check)\[[1-9]\d*\]|summary)[ \t]*$/gm;
const TAG = new RegExp(`<(/?)(${BEHAVIOURS.join('|')})>`, 'g');

/**
 * Reads a handwritten chain: front matter (`problem`, `class`, `verdict`), then one heading for each piece (`# answer[1]`).
 * Behaviours are tagged in the text, `<subgoal>First …</subgoal>`; tags of different kinds may overlap.
 * @throws ChainSourceError
 */
export function parseChain(source: string, file: string): SourceChain {
  const head = FRONT_MATTER.exec(source);
  if (!head) throw new ChainSourceError(file, 'no front matter between two lines of ---');
  const fields = new Map((head[1] ?? '').split('\n').map((line) => line.split(': ', 2) as [string, string]));
  const problemId = fields.get('problem');
  const chainClass = ChainClass.safeParse(fields.get('class'));
  const verdict = fields.get('verdict');
  if (!problemId) throw new ChainSourceError(file, 'no problem in the front matter');
  if (!chainClass.success) throw new ChainSourceError(file, 'class must be FT, TT, TF or FF');
  if (verdict !== 'right' && verdict !== 'wrong') throw new ChainSourceError(file, 'verdict must be right or wrong');
  return { problemId, class: chainClass.data, verdict, pieces: parsePieces(source.slice(head[0].length), file) };
}

function parsePieces(body: string, file: string): SourcePiece[] {
  const headings = [...body.matchAll(HEADING)];
  if (headings.length === 0) throw new ChainSourceError(file, 'no piece headings');
  return headings.map((heading, index) => {
    const from = heading.index + heading[0].length;
    const tagged = body.slice(from, headings[index + 1]?.index).trim();
    return { name: PieceName.parse(heading[1]), ...takeTags(tagged, `${file}, ${heading[1]}`) };
  });
}

/** Removes the tags from a text. @returns also the ranges that they enclosed, without white space at either end. */
export function takeTags(tagged: string, where: string): { text: string; spans: SourceSpan[] } {
  const open = new Map<Behaviour, number>();
  const spans: SourceSpan[] = [];
  let text = '';
  let from = 0;
  for (const tag of tagged.matchAll(TAG)) {
    text += tagged.slice(from, tag.index);
    from = tag.index + tag[0].length;
    const kind = tag[2] as Behaviour;
    const start = open.get(kind);
    if (tag[1] === '') {
      if (start !== undefined) throw new ChainSourceError(where, `<${kind}> inside <${kind}>`);
      open.set(kind, text.length);
    } else {
      if (start === undefined) throw new ChainSourceError(where, `</${kind}> without <${kind}>`);
      open.delete(kind);
      spans.push({ kind, ...trimmed(text, start, text.length) });
    }
  }
  const [unclosed] = open.keys();
  if (unclosed) throw new ChainSourceError(where, `<${unclosed}> is never closed`);
  text += tagged.slice(from);
  if (text !== text.trim()) throw new ChainSourceError(where, 'white space beside the outermost tag');
  const empty = spans.find((span) => span.start >= span.end);
  if (empty) throw new ChainSourceError(where, `<${empty.kind}> holds no text`);
  return { text, spans: spans.sort((a, b) => a.start - b.start || b.end - a.end) };
}

function trimmed(text: string, start: number, end: number): { start: number; end: number } {
  const inner = text.slice(start, end);
  return { start: end - inner.trimStart().length, end: start + inner.trimEnd().length };
}
