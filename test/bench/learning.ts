/**
 * What labels of one unseen model's texts gain: `npm run bench -- learning`. The texts are read by weights without the texts of that model, and
 * people's labels take the place of a reviewer's: verify is verification, plan a subgoal, and explore, a loose match, backtracking.
 * κ on the sentences without a label. The order of the tool and the same number of labels at random, over several seeds.
 */
import { readLabelledTexts, sharedFolder } from '../../scripts/behaviours/labels.ts';
import { confusion, scoreOf } from '../../scripts/behaviours/metrics.ts';
import { type PhaseText, readPhaseTexts } from '../../scripts/behaviours/people.ts';
import { fitPhases } from '../../scripts/behaviours/phase-fit.ts';
import { crossValidatePhases, phaseExamples } from '../../scripts/behaviours/phase-validate.ts';
import { foldsFor, heldScores, prepare, preparePeople } from '../../scripts/behaviours/validate.ts';
import type { SentenceScores } from '../../src/core/behaviours/classify.ts';
import { MARK, marksOf } from '../../src/core/behaviours/episodes.ts';
import { withHead } from '../../src/core/behaviours/head/inputs.ts';
import { type LabelledChain, refitHead } from '../../src/core/behaviours/head/refit.ts';
import { drawFrom, randomSource } from '../../src/core/maths/random.ts';
import { learningOrder, type Readable } from '../../src/core/review/calibration/learning.ts';
import { type Behaviour, PHASES, type Phase } from '../../src/core/schemas/index.ts';

const SEEDS = 8;
const SIZES = [25, 50, 100, 200];
/** A model with fewer sentences has too few left to measure on. */
const LEAST_SENTENCES = 400;
const MEANT: readonly [Behaviour, Phase][] = [
  ['verification', 'verify'],
  ['subgoal', 'plan'],
  ['backtracking', 'explore'],
];
type Order = (places: readonly Place[], count: number, random: () => number) => Place[];
const ORDERS: Readonly<Record<string, Order>> = { 'of the tool': learningOrder, random: drawFrom };

interface Text {
  id: string;
  scores: SentenceScores;
  phases: Uint8Array;
}

interface Place extends Readable {
  text: Text;
  sentence: number;
}

/** The texts that people labelled, read by weights of phases without their model and by weights of behaviours without its family. */
function unseen(shared: string, all: readonly PhaseText[]): (Text & Pick<PhaseText, 'model'>)[] {
  const examples = phaseExamples(all);
  const planned = preparePeople(all, crossValidatePhases(all, examples, 'model'));
  const prepared = prepare(readLabelledTexts(shared), fitPhases(examples), planned);
  const scores = heldScores(prepared, planned, foldsFor('verification'));
  return all.flatMap(({ id, model, phases }, i) => {
    const of = scores[i];
    return of === undefined ? [] : [{ id, model, phases, scores: of }];
  });
}

function placesOf(texts: readonly Text[]): Place[] {
  return texts.flatMap((text) =>
    Array.from(text.phases, (_, sentence) => {
      const of = text.scores.phases.subarray(sentence * PHASES.length, (sentence + 1) * PHASES.length);
      const phaseScore = Math.max(...of);
      return { text, sentence, phase: PHASES[of.indexOf(phaseScore)] ?? 'implement', phaseScore };
    }),
  );
}

const has = ({ text, sentence }: Place, phase: Phase): boolean => text.phases[sentence] === PHASES.indexOf(phase);

function labelled(texts: readonly Text[], chosen: readonly Place[]): LabelledChain[] {
  return texts.map((text) => ({
    id: text.id,
    scores: text.scores,
    labels: chosen
      .filter((place) => place.text === text)
      .map((place) => ({
        sentence: place.sentence,
        known: Object.fromEntries(MEANT.map(([kind, phase]) => [kind, has(place, phase)])),
        weight: 1,
        decides: true,
      })),
  }));
}

function kappas(texts: readonly Text[], places: readonly Place[], chosen: readonly Place[], seed: number) {
  const { weights, outcomes } = refitHead(labelled(texts, chosen), seed);
  const taken = new Set(chosen);
  const rest = places.filter((place) => !taken.has(place));
  return MEANT.map(([kind, phase]) => {
    const labels = rest.map((place) => Number(has(place, phase)));
    const score = (head: boolean): number => {
      const marks = new Map(
        texts.map((text) => [text, marksOf(withHead(text.scores, head ? { number: 1, weights } : undefined))[kind]]),
      );
      return scoreOf(
        confusion(
          rest.map(({ text, sentence }) => marks.get(text)?.[sentence] !== MARK.none),
          labels,
        ),
      ).kappa;
    };
    const used = outcomes.some((one) => one.kind === kind && one.verdict === 'better');
    return { kind, before: score(false), after: score(true), used };
  });
}

const shared = sharedFolder();
if (shared === undefined)
  console.log('Skipped: ../shared/data, which has the labelled texts, is not beside the project.');
else {
  const all = readPhaseTexts(shared);
  const models = [...new Set(all.map(({ model }) => model))];
  const sizeOf = (model: string): number =>
    all.filter((one) => one.model === model).reduce((sum, { sentences }) => sum + sentences.length, 0);
  const measured = models.filter((model) => sizeOf(model) >= LEAST_SENTENCES);
  for (const model of models) {
    if (!measured.includes(model)) console.log(`${model}: ${sizeOf(model)} sentences, too few to measure on`);
  }
  const rows: {
    model: string;
    order: string;
    size: number;
    kind: Behaviour;
    before: number;
    after: number;
    used: number;
  }[] = [];
  let slowest = 0;
  const read = unseen(shared, all);
  for (const model of measured) {
    const texts = read.filter((one) => one.model === model);
    const places = placesOf(texts);
    for (const [order, draw] of Object.entries(ORDERS)) {
      for (const size of SIZES) {
        const found = Array.from({ length: SEEDS }, (_, seed) => {
          const chosen = draw(places, size, randomSource(seed + 1));
          const began = performance.now();
          const scores = kappas(texts, places, chosen, seed + 1);
          slowest = Math.max(slowest, performance.now() - began);
          return scores;
        });
        for (const [k, [kind]] of MEANT.entries()) {
          const mean = (of: (one: { before: number; after: number; used: boolean }) => number): number =>
            found.reduce((sum, scores) => sum + of(scores[k] ?? { before: 0, after: 0, used: false }), 0) / SEEDS;
          const [before, after] = [mean((one) => one.before), mean((one) => one.after)];
          rows.push({ model, order, size, kind, before, after, used: mean((one) => Number(one.used)) });
        }
      }
    }
    console.log(`${model}: ${places.length} sentences`);
  }
  const two = (value: number): string => value.toFixed(2);
  for (const [kind, phase] of MEANT) {
    console.log(
      `\n${kind} (${phase}): κ on the rest before and after, gain: mean and range over ${measured.length} models`,
    );
    for (const order of Object.keys(ORDERS)) {
      for (const size of SIZES) {
        const these = rows.filter((row) => row.kind === kind && row.order === order && row.size === size);
        const mean = (of: (row: (typeof rows)[number]) => number): number =>
          these.reduce((sum, row) => sum + of(row), 0) / these.length;
        const gains = these.map(({ before, after }) => after - before);
        console.log(
          `  ${order.padEnd(12)} ${String(size).padStart(3)} labels  ${two(mean((row) => row.before))} → ${two(mean((row) => row.after))}  gain ${two(mean((row) => row.after - row.before))} (${two(Math.min(...gains))} to ${two(Math.max(...gains))})  used in ${Math.round(mean((row) => row.used) * 100)} %`,
        );
      }
    }
  }
  console.log(`\nslowest refit with its measurement: ${Math.round(slowest)} ms`);
}
