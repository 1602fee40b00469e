// `npm run bench:behaviours`: how well the offline classifier finds phases, acts and episodes, by sentence and by paragraph, beside a TF-IDF baseline and public
// keyword lists, and how fast it is. Everything is measured on texts that were not trained on.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ANCHOR_LABELS, type AnchorText, anchorLabels, readAnchors } from '../../scripts/behaviours/anchors.ts';
import { anchorDocuments, skyDocuments } from '../../scripts/behaviours/documents.ts';
import { holdsKeyword, KEYWORD_LISTS } from '../../scripts/behaviours/keywords.ts';
import { type LabelledText, readLabelledTexts, sharedFolder } from '../../scripts/behaviours/labels.ts';
import { confusion, line, merged, scoreOf } from '../../scripts/behaviours/metrics.ts';
import { byParagraph, joinedParagraphs, meanParagraph, paragraphsOf } from '../../scripts/behaviours/paragraphs.ts';
import { type PhaseText, readPhaseTexts } from '../../scripts/behaviours/people.ts';
import { fitPhases } from '../../scripts/behaviours/phase-fit.ts';
import {
  crossValidatePhases,
  likeliest,
  phaseExamples,
  phaseScores,
  verifyThreshold,
} from '../../scripts/behaviours/phase-validate.ts';
import { fitWords, predictWords } from '../../scripts/behaviours/tfidf.ts';
import {
  crossValidate,
  finalScores,
  flat,
  foldsFor,
  HELD_KINDS,
  heldScores,
  labelledTwice,
  ORIGINS,
  type Prepared,
  prepare,
  preparePeople,
  settle,
} from '../../scripts/behaviours/validate.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { annotate } from '../../src/core/behaviours/annotate.ts';
import { scoreSentences } from '../../src/core/behaviours/classify.ts';
import { MARK, marksOf } from '../../src/core/behaviours/episodes.ts';
import { drawFrom, randomSource } from '../../src/core/maths/random.ts';
import { BEHAVIOURS, type Behaviour, PHASES } from '../../src/core/schemas/index.ts';

const P = PHASES.length;
const VERIFY = PHASES.indexOf('verify');
const RESAMPLES = 1_000;

/** The classifier of phrases and episodes before acts and phases existed, on the people's labels. */
const BEFORE = 'the classifier before phases: verify F1 0.36, κ 0.15; plan F1 0.13';

/** Prints scores by sentence, and by paragraph: a paragraph is marked if one of its sentences is. */
function report(
  name: string,
  decisions: ArrayLike<number | boolean>,
  labels: ArrayLike<number>,
  paragraphs: readonly number[],
): void {
  console.log(`  ${name.padEnd(44)} ${line(scoreOf(confusion(decisions, labels)))}`);
  console.log(`  ${'  by paragraph'.padEnd(44)} ${line(paragraphScore(decisions, labels, paragraphs))}`);
}

function paragraphScore(
  decisions: ArrayLike<number | boolean>,
  labels: ArrayLike<number>,
  paragraphs: readonly number[],
): ReturnType<typeof scoreOf> {
  return scoreOf(confusion(byParagraph(decisions, paragraphs), byParagraph(labels, paragraphs)));
}

/** A 95 % bootstrap interval of a score over texts. */
function interval(count: number, score: (places: readonly number[]) => number): string {
  const random = randomSource(1);
  const places = Array.from({ length: count }, (_, i) => i);
  const values = Array.from({ length: RESAMPLES }, () => score(places.map(() => drawFrom(places, 1, random)[0] ?? 0)));
  values.sort((a, b) => a - b);
  const at = (share: number): string => (values[Math.floor(share * (RESAMPLES - 1))] ?? 0).toFixed(3);
  return `${at(0.025)} to ${at(0.975)}`;
}

/** TF-IDF of the sentence and its neighbours, one fold held out. */
function wordFolds(texts: readonly PhaseText[], fold: 'model' | 'problem'): Float64Array[] {
  const runs = texts.map(({ text, sentences, phases }) => ({
    sentences: sentences.map(({ start, end }) => text.slice(start, end)),
    labels: phases,
  }));
  const held: Float64Array[] = runs.map(() => new Float64Array());
  for (const one of new Set(texts.map((text) => text[fold]))) {
    const model = fitWords(
      runs.filter((_, i) => texts[i]?.[fold] !== one),
      P,
    );
    for (const [i, { sentences }] of runs.entries()) {
      if (texts[i]?.[fold] === one) held[i] = predictWords(model, sentences);
    }
  }
  return held;
}

function phases(texts: readonly PhaseText[], size: number): Record<'byModel' | 'byProblem', Float64Array[]> {
  const examples = phaseExamples(texts);
  const labels = texts.flatMap((text) => [...text.phases]);
  const paragraphs = texts.map(({ text, sentences }) => paragraphsOf(text, sentences, size));
  const byModel = crossValidatePhases(texts, examples, 'model');
  const byProblem = crossValidatePhases(texts, examples, 'problem');
  const threshold = verifyThreshold([flat(byModel), flat(byProblem)], labels);
  for (const [fold, held] of [
    ['model', byModel],
    ['problem', byProblem],
  ] as const) {
    console.log(`\nphases, people's labels, one ${fold} held out (${texts.length} texts, ${labels.length} sentences)`);
    printPhases(texts, 'classifier', held, paragraphs);
    const verify = held.map((p) => p.filter((_, k) => k % P === VERIFY));
    report(
      `acts of verification (verify from ${threshold})`,
      Array.from(flat(verify), (p) => p >= threshold),
      labels.map((phase) => Number(phase === VERIFY)),
      joinedParagraphs(paragraphs),
    );
    printPhases(texts, 'TF-IDF of the sentence and its neighbours', wordFolds(texts, fold), paragraphs);
  }
  console.log(`  ${BEFORE}`);
  ceiling(texts);
  return { byModel, byProblem };
}

function printPhases(
  texts: readonly PhaseText[],
  name: string,
  held: readonly Float64Array[],
  paragraphs: readonly (readonly number[])[],
): void {
  const joined = joinedParagraphs(paragraphs);
  const decided = held.map(likeliest);
  const of = (places: readonly number[]): ReturnType<typeof phaseScores> =>
    phaseScores(
      places.flatMap((i) => [...(decided[i] ?? [])]),
      places.flatMap((i) => [...(texts[i]?.phases ?? [])]),
    );
  const all = of(texts.map((_, i) => i));
  console.log(
    `  ${name}: accuracy ${all.accuracy.toFixed(3)} (${interval(texts.length, (places) => of(places).accuracy)}), κ ${all.kappa.toFixed(3)}`,
  );
  for (const phase of PHASES) {
    const range = interval(texts.length, (places) => of(places).phases[phase].f1);
    const is = (one: number): boolean => PHASES[one] === phase;
    const whole = paragraphScore(
      decided.flatMap((list) => Array.from(list, is)),
      texts.flatMap((text) => Array.from(text.phases, (one) => Number(is(one)))),
      joined,
    );
    console.log(`    ${phase.padEnd(10)} ${line(all.phases[phase])}  F1 ${range}`);
    console.log(`    ${''.padEnd(10)} by paragraph F1 ${whole.f1.toFixed(3)}  κ ${whole.kappa.toFixed(3)}`);
  }
}

/** How often the same sentence (digits aside) between the same phases has its most frequent label: more than any reader of it can reach. */
function ceiling(texts: readonly PhaseText[]): void {
  const groups = new Map<string, number[]>();
  for (const { text, sentences, phases: labels } of texts) {
    for (const [i, { start, end }] of sentences.entries()) {
      const words = text.slice(start, end).toLowerCase().replaceAll(/\d+/g, '#').replaceAll(/\s+/g, ' ').trim();
      const key = [words, labels[i - 1], labels[i + 1]].join('|');
      groups.set(key, [...(groups.get(key) ?? []), labels[i] ?? 0]);
    }
  }
  const repeated = [...groups.values()].filter((list) => list.length > 1);
  // A pair of equal sentences has the same label with probability Σ p², the best guess is right with probability max p.
  let [pairs, same] = [0, 0];
  for (const list of repeated) {
    pairs += list.length * (list.length - 1);
    for (const label of new Set(list)) {
      const count = list.filter((one) => one === label).length;
      same += count * (count - 1);
    }
  }
  const sentences = repeated.reduce((sum, list) => sum + list.length, 0);
  console.log(
    `  the same sentence between the same phases has the same label in ${((100 * same) / Math.max(1, pairs)).toFixed(1)} % of pairs (${sentences} sentences)`,
  );
}

function keywords(sentences: readonly string[], labels: ArrayLike<number>, paragraphs: readonly number[]): void {
  for (const list of KEYWORD_LISTS) {
    report(
      `keywords ${list.name}`,
      sentences.map((sentence) => holdsKeyword(sentence, list)),
      labels,
      paragraphs,
    );
  }
}

function ownLabels(all: readonly Prepared[], planned: readonly Prepared[], kind: Behaviour, size: number): void {
  const prepared = labelledTwice(all, all);
  const plans = kind === 'subgoal' ? planned : [];
  const found = crossValidate(all, kind, foldsFor(kind), [...all, ...plans]);
  const held = labelledTwice(all, found.slice(0, all.length));
  const chain = found.slice(all.length);
  const { calibration, threshold } = settle(prepared, kind, held, { prepared: planned, chain });
  const show = (name: string, of: readonly Prepared[], probabilities: readonly Float64Array[]): void => {
    const scores = of.map((one, i) => finalScores(kind, probabilities[i] ?? new Float64Array(), one, calibration));
    report(
      name,
      Array.from(flat(scores), (p) => p >= threshold),
      flat(of.map(({ text }) => merged(text.passes[kind]))),
      joinedParagraphs(of.map((one) => labelledParagraphs(one, size))),
    );
  };
  console.log(`\nepisodes of ${kind}, our labels (${prepared.length} texts that were labelled twice), held out`);
  show('classifier', prepared, held);
  for (const [name, belongs] of ORIGINS) {
    const places = prepared.flatMap(({ text }, i) => (belongs(text.document) ? [i] : []));
    show(
      `  of it, texts of ${name}`,
      places.flatMap((i) => prepared[i] ?? []),
      places.flatMap((i) => held[i] ?? []),
    );
  }
  if (kind === 'subgoal') show('plans of the people’s texts', planned, chain);
  const sentences = prepared.flatMap(({ text }) =>
    text.sentences.slice(text.from, text.to).map(({ start, textEnd }) => text.document.text.slice(start, textEnd)),
  );
  keywords(
    sentences,
    flat(prepared.map(({ text }) => merged(text.passes[kind]))),
    joinedParagraphs(prepared.map((one) => labelledParagraphs(one, size))),
  );
}

/** The marks as they are shown, on the people's texts with our labels: weights of phases and of behaviours had not seen the fold of the text. */
function peopleMarks(people: readonly PhaseText[], held: Record<'byModel' | 'byProblem', Float64Array[]>): void {
  const texts = readLabelledTexts(sharedFolder() ?? '');
  const problems = new Map(people.map(({ id, problem }) => [id, problem]));
  const folds = {
    byModel: foldsFor('verification'),
    // Three problems at a time take a third of the time.
    byProblem: ({ document }: LabelledText) => String(Number(problems.get(document.id)) % 3),
  };
  for (const name of ['byModel', 'byProblem'] as const) {
    const planned = preparePeople(people, held[name]);
    const prepared = prepare(texts, fitPhases(phaseExamples(people)), planned);
    const marks = heldScores(prepared, planned, folds[name]).map(marksOf);
    const labelled = prepared.flatMap(({ text }) => {
      const at = people.findIndex(({ id }) => id === text.document.id);
      return at < 0 ? [] : [{ text, marks: marks[at] }];
    });
    console.log(
      `\nmarks of the people's texts, our labels, ${name === 'byModel' ? 'a family of models' : 'three problems'} held out`,
    );
    for (const kind of HELD_KINDS) {
      for (const layer of ['episodes', 'acts'] as const) {
        const least = layer === 'acts' ? MARK.act : MARK.working;
        const decided = labelled.flatMap((one) =>
          Array.from(one.marks?.[kind].subarray(one.text.from, one.text.to) ?? [], (mark) => mark >= least),
        );
        const truth = flat(labelled.map(({ text }) => merged(text[layer === 'acts' ? 'acts' : 'passes'][kind])));
        console.log(`  ${`${layer} of ${kind}`.padEnd(28)} ${line(scoreOf(confusion(decided, truth)))}`);
      }
    }
  }
}

/** The paragraphs of the labelled stretch. */
function labelledParagraphs({ text }: Prepared, size: number): number[] {
  return paragraphsOf(text.document.text, text.sentences.slice(text.from, text.to), size);
}

/** A rough check of transfer: the shipped classifier against another taxonomy, labelled by a language model. */
function anchors(texts: readonly AnchorText[], kind: Behaviour, size: number): void {
  const paragraphs = joinedParagraphs(texts.map(({ text, sentences }) => paragraphsOf(text, sentences, size)));
  const decided = texts.map(({ text, sentences }) => {
    const marks = marksOf(scoreSentences(text, sentences))[kind];
    return { acts: marks.map((mark) => Number(mark === MARK.act)), episodes: marks.map((mark) => Math.min(1, mark)) };
  });
  const labels = texts.flatMap((one) => [...anchorLabels(one, kind)]);
  console.log(`\n${kind} against ${ANCHOR_LABELS[kind]} of thought_anchors_llm (another taxonomy)`);
  for (const layer of ['acts', 'episodes'] as const) {
    report(
      `shipped classifier, ${layer}`,
      decided.flatMap((one) => [...one[layer]]),
      labels,
      paragraphs,
    );
  }
  keywords(
    texts.flatMap(({ text, sentences }) => sentences.map(({ start, end }) => text.slice(start, end))),
    labels,
    paragraphs,
  );
}

function throughput(texts: readonly string[]): void {
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  for (const round of ['first', 'second']) {
    const began = process.cpuUsage();
    for (const text of texts) annotate(text);
    const { user, system } = process.cpuUsage(began);
    const seconds = (user + system) / 1e6;
    console.log(
      `annotate, ${round} round: ${(megabytes / seconds).toFixed(1)} MB/s of CPU time (${megabytes.toFixed(1)} MB)`,
    );
  }
  let longest = 0;
  for (const text of texts) {
    const { sentences } = annotate(text);
    for (const kind of BEHAVIOURS) {
      let since = 0;
      for (const { labels, acts } of sentences) {
        since = labels.includes(kind) && !acts.includes(kind) ? since + 1 : 0;
        longest = Math.max(longest, since);
      }
    }
  }
  console.log(`most sentences of an episode without an act: ${longest}`);
}

const files = ['weights.json', 'phases.json', 'phrases.json', 'scores.json'];
const bytes = files.reduce((sum, name) => sum + statSync(join(ROOT, 'media', 'behaviours', name)).size, 0);
console.log(`weights: ${(bytes / 1000).toFixed(0)} kB`);
const shared = sharedFolder();
if (shared === undefined) {
  console.log('Skipped: ../shared/data, which has the labelled texts, is not beside the project.');
} else {
  throughput(skyDocuments(shared).map(({ text }) => text));
  const people = readPhaseTexts(shared);
  // Sky-T1 has a blank line after nearly every sentence.
  const broken = anchorDocuments(shared).map(({ text }) => text);
  const mean = meanParagraph(broken);
  const size = Math.round(mean);
  console.log(
    `paragraphs end at blank lines; the people's texts have none, so ${size} sentences in a row are one (the mean of ${broken.length} traces of R1 distillations is ${mean.toFixed(2)})`,
  );
  const held = phases(people, size);
  const planned = preparePeople(people, held.byModel);
  const prepared = prepare(readLabelledTexts(shared), fitPhases(phaseExamples(people)), planned);
  for (const kind of BEHAVIOURS) ownLabels(prepared, planned, kind, size);
  peopleMarks(people, held);
  const texts = readAnchors(shared);
  for (const kind of BEHAVIOURS) if (ANCHOR_LABELS[kind] !== undefined) anchors(texts, kind, size);
}
