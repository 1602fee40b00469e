// `node scripts/behaviours/phrases.ts`: writes media/behaviours/phrases.json, the phrases of one to three tokens that texts share. No label is
// used, and a phrase must occur in texts about several problems by writers of several kinds, so that none reveals the topic or the writer.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitSentences } from '../../src/core/behaviours/index.ts';
import { phrasesIn } from '../../src/core/behaviours/scan.ts';
import { ROOT } from '../lib/paths.ts';
import { readDocuments } from './documents.ts';
import { sharedFolder } from './labels.ts';
import { readPhaseTexts } from './people.ts';

interface Source {
  problem: string;
  phrases: Set<string>;
}

/** A phrase must occur in this many texts and problems of each of the two collections. */
const LEAST = { people: { texts: 5, problems: 3 }, ours: { texts: 10, problems: 6 } };

/** The phrases that occur often enough in a collection. */
function common(sources: readonly Source[], { texts, problems }: { texts: number; problems: number }): Set<string> {
  const found = new Map<string, string[]>();
  for (const { problem, phrases } of sources) {
    for (const phrase of phrases) {
      const list = found.get(phrase);
      if (list === undefined) found.set(phrase, [problem]);
      else list.push(problem);
    }
  }
  const kept = [...found].filter(([, list]) => list.length >= texts && new Set(list).size >= problems);
  return new Set(kept.map(([phrase]) => phrase));
}

function sourceOf(problem: string, text: string, sentences: readonly { start: number; textEnd: number }[]): Source {
  const phrases = sentences.flatMap(({ start, textEnd }) => [...phrasesIn(text.slice(start, textEnd))]);
  return { problem, phrases: new Set(phrases) };
}

const shared = sharedFolder();
if (shared === undefined) console.log('Skipped: ../shared/data, which has the texts, is not beside the project.');
else {
  const people = readPhaseTexts(shared).map(({ problem, text, sentences }) => sourceOf(problem, text, sentences));
  // The Sky-T1 checkpoints wrote most of the texts: of them every fourth is enough.
  const ours = readDocuments(shared)
    .filter(({ model }, i) => !model.startsWith('Sky') || i % 4 === 0)
    .map(({ problem, text }) => sourceOf(problem ?? '', text, splitSentences(text)));
  const inOurs = common(ours, LEAST.ours);
  const names = [...common(people, LEAST.people)].filter((phrase) => inOurs.has(phrase)).sort();
  writeFileSync(join(ROOT, 'media', 'behaviours', 'phrases.json'), `${JSON.stringify(names)}\n`);
  console.log(`${names.length} phrases`);
}
