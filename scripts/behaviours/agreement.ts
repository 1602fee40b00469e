// `node scripts/behaviours/agreement.ts`: how far the two passes of labels agree, by kind, and how far those of the people's texts agree with the
// phases that people gave them: counts and Cohen's kappa by sentence.
import { BEHAVIOURS, type Behaviour, PHASES, type Phase } from '../../src/core/schemas/index.ts';
import { hasKind, isAct, type LabelRow, PEOPLE, readDoubleRows, readRows, sharedFolder } from './labels.ts';
import { confusion, line, scoreOf } from './metrics.ts';
import { type PhaseText, readPhaseTexts } from './people.ts';

type Sentences = LabelRow['sentences'];
const PASSES = [2, 3] as const;
/** What of the labels is compared with which phase. */
const COUNTERPARTS: readonly [Behaviour, Phase][] = [
  ['verification', 'verify'],
  ['subgoal', 'plan'],
  ['backtracking', 'explore'],
];

function printAgreement(name: string, sentences: Sentences, has: typeof hasKind, kind: Behaviour): void {
  const [first = [], second = []] = PASSES.map((pass) => sentences.map((one) => Number(has(one, pass, kind))));
  const { hits, misses, falseAlarms, rejections } = confusion(second, first);
  const { kappa } = scoreOf({ hits, misses, falseAlarms, rejections });
  console.log(
    `${name.padEnd(24)} κ ${kappa.toFixed(3)}  both ${hits}, only the first ${misses}, only the second ${falseAlarms}`,
  );
}

function printPasses(title: string, rows: readonly LabelRow[]): void {
  const sentences = rows.flatMap((row) => row.sentences);
  const disputed = sentences.filter(([, , first, second]) => first.toLowerCase() !== second.toLowerCase()).length;
  console.log(
    `\n${title}: ${rows.length} documents, ${sentences.length} sentences, ${disputed} of them with a dispute about some kind`,
  );
  for (const kind of BEHAVIOURS) printAgreement(kind, sentences, hasKind, kind);
}

/** The labels of a pass against a phase of the people: precision is the share of the labelled sentences that have the phase. */
function printPeople(rows: readonly LabelRow[], texts: ReadonlyMap<string, PhaseText>): void {
  const sentences = rows.flatMap((row) => row.sentences);
  const phases = rows.flatMap(({ document, sentences: labelled }) => {
    const text = texts.get(document);
    const places = new Map(text?.sentences.map(({ start }, i) => [start, PHASES[text.phases[i] ?? 0]]));
    return labelled.map(([start]) => places.get(start));
  });
  console.log('against the phases of people');
  for (const [kind, phase] of COUNTERPARTS) {
    for (const [layer, has] of Object.entries({ episodes: hasKind, acts: isAct })) {
      for (const pass of PASSES) {
        const counts = confusion(
          sentences.map((one) => has(one, pass, kind)),
          phases.map((one) => Number(one === phase)),
        );
        console.log(`  ${kind}, ${layer}, pass ${pass - 1}, ${phase}: ${line(scoreOf(counts))}`);
      }
    }
  }
}

const ofPeople = readRows(PEOPLE);
const theirs = new Set(ofPeople.map(({ document }) => document));
printPasses(
  'traces, and our own chains',
  readDoubleRows().filter(({ document }) => !theirs.has(document)),
);
printPasses('the people’s texts', ofPeople);
const labelled = ofPeople.flatMap((row) => row.sentences);
for (const kind of BEHAVIOURS) printAgreement(`acts of ${kind}`, labelled, isAct, kind);
const shared = sharedFolder();
if (shared === undefined)
  console.log('Skipped: the phases of people, which are in ../shared/data, are not beside the project.');
else printPeople(ofPeople, new Map(readPhaseTexts(shared).map((text) => [text.id, text])));
