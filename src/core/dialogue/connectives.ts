import { CONNECTIVE_PLACES, type ConnectivePlace, type Connectives } from './connect.ts';
import { PromptError } from './prompts.ts';

/** The file of a prompt set that holds connecting sentences of one's own, without `.md`. It need not be there. */
export const CONNECTIVES_FILE = 'connectives';

/**
 * Reads `connectives.md` of a prompt set: a level-2 heading for each place (`## FT check`), and below it a list of sentences of which each
 * chain takes one. Places that are not named keep the built-in sentences.
 * @throws PromptError for a heading that is no place, or one without a sentence.
 */
export function connectivesOf(prompts: Readonly<Record<string, string>>): Connectives {
  const text = prompts[CONNECTIVES_FILE];
  if (text === undefined) return {};
  const found: Partial<Record<ConnectivePlace, string[]>> = {};
  let list: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^## +(.*?) *$/.exec(line)?.[1];
    if (heading !== undefined) {
      const place = CONNECTIVE_PLACES.find((each) => each === heading);
      if (!place)
        throw new PromptError(CONNECTIVES_FILE, `“${heading}” is not one of ${CONNECTIVE_PLACES.join(', ')}.`);
      list = [];
      found[place] = list;
    }
    const sentence = /^[-*] +(.*\S)/.exec(line)?.[1];
    if (sentence !== undefined) list?.push(sentence);
  }
  for (const [place, sentences] of Object.entries(found)) {
    if (sentences.length === 0) throw new PromptError(CONNECTIVES_FILE, `“${place}” has no sentence below it.`);
  }
  return found;
}
