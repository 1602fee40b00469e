// `node scripts/behaviours/phrases.ts`: writes media/behaviours/phrases.json, the words and pairs of words that most texts share. No label is
// used, and a phrase must occur in texts about many problems by writers of several kinds, so that none reveals the topic or the writer.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import { type LabelledDocument, readDocuments } from './documents.ts';
import { sharedFolder } from './labels.ts';

const TEXTS = 25;
const PROBLEMS = 12;
/** The number of texts that must not be by the checkpoints, which write most of them. */
const NOT_CHECKPOINTS = 4;
/** A word, or a mark or number, which ends a pair. */
const TOKEN = /[a-zà-ÿ]+(?:['’-][a-zà-ÿ]+)*|[^a-zà-ÿ\s]/g;

/** The words and pairs of a text; letters of formulas are not words. */
function phrasesOf({ text }: LabelledDocument): Set<string> {
  const found = new Set<string>();
  let previous = '';
  for (const [token] of text.toLowerCase().matchAll(TOKEN)) {
    const isWord = /^[a-z]/.test(token) && (token.length > 1 || token === 'a' || token === 'i');
    if (isWord) {
      found.add(token);
      if (previous !== '') found.add(`${previous} ${token}`);
    }
    previous = isWord ? token : '';
  }
  return found;
}

const shared = sharedFolder();
if (shared === undefined) console.log('Skipped: ../shared/data, which has the texts, is not beside the project.');
else {
  const texts = new Map<string, LabelledDocument[]>();
  for (const document of readDocuments(shared)) {
    for (const phrase of phrasesOf(document)) texts.set(phrase, [...(texts.get(phrase) ?? []), document]);
  }
  const kept = [...texts].filter(
    ([, found]) =>
      found.length >= TEXTS &&
      new Set(found.map(({ problem }) => problem)).size >= PROBLEMS &&
      found.filter(({ model }) => !model.startsWith('Sky')).length >= NOT_CHECKPOINTS,
  );
  const names = kept.map(([phrase]) => phrase).sort();
  writeFileSync(join(ROOT, 'media', 'behaviours', 'phrases.json'), `${JSON.stringify(names)}\n`);
  console.log(`${names.length} phrases`);
}
