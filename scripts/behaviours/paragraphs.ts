import { splitSentences } from '../../src/core/behaviours/sentences.ts';

interface Place {
  start: number;
  textEnd: number;
}

/**
 * The paragraph of each sentence, as a number from 0: it ends at a blank line. In a text without blank lines, such as the people's texts, whose sentences
 * were joined by spaces, it ends after `size` sentences.
 */
export function paragraphsOf(text: string, sentences: readonly Place[], size: number): number[] {
  const ends = sentences.map(({ start }, i) => {
    const before = sentences[i - 1];
    return before !== undefined && /\n[ \t]*\n/.test(text.slice(before.textEnd, start));
  });
  if (!ends.includes(true)) return sentences.map((_, i) => Math.floor(i / size));
  let paragraph = 0;
  return ends.map((isEnd) => (isEnd ? ++paragraph : paragraph));
}

/** The mean number of sentences in a paragraph of texts with blank lines. */
export function meanParagraph(texts: readonly string[]): number {
  const split = texts.map((text) => ({ text, sentences: splitSentences(text) }));
  const sentences = split.reduce((sum, one) => sum + one.sentences.length, 0);
  const paragraphs = split.reduce(
    (sum, one) => sum + 1 + (paragraphsOf(one.text, one.sentences, Infinity).at(-1) ?? 0),
    0,
  );
  return sentences / Math.max(1, paragraphs);
}

/** The paragraphs of several texts in a row. */
export function joinedParagraphs(texts: readonly (readonly number[])[]): number[] {
  let first = 0;
  return texts.flatMap((paragraphs) => {
    const from = first;
    first += (paragraphs.at(-1) ?? -1) + 1;
    return paragraphs.map((paragraph) => from + paragraph);
  });
}

/** For each paragraph the most of its sentences: a paragraph has a label if one of its sentences has it. */
export function byParagraph(values: ArrayLike<number | boolean>, paragraphs: readonly number[]): number[] {
  const most = new Array<number>((paragraphs.at(-1) ?? -1) + 1).fill(0);
  for (const [i, paragraph] of paragraphs.entries())
    most[paragraph] = Math.max(most[paragraph] ?? 0, Number(values[i] ?? 0));
  return most;
}
