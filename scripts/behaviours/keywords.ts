/** A public list of words that is counted as reflection: a sentence “reflects” when it holds one of them. Matching ignores case. */
export interface KeywordList {
  name: string;
  source: string;
  words: readonly string[];
}

export const KEYWORD_LISTS: readonly KeywordList[] = [
  {
    name: 'Open-Reasoner-Zero',
    source: 'arXiv 2503.24290, section 3.1: five reflection patterns',
    words: ['wait,', 'recheck', 'retry', 'alternatively,', 'however,'],
  },
  {
    name: 'SimpleRL-Zoo',
    source:
      'reflection keywords of the SimpleRL-Zoo line of work, as the analysis scripts of its authors and followers count them',
    words: ['recheck', 'rethink', 'try again', 'wait', 'alternatively', 'retry', 'however'],
  },
  {
    name: '“wait”',
    source: 'the single word that most counts lean on',
    words: ['wait'],
  },
];

/** Whether a sentence holds a word of the list. */
export function holdsKeyword(sentence: string, { words }: KeywordList): boolean {
  const low = sentence.toLowerCase();
  return words.some((word) => low.includes(word));
}
