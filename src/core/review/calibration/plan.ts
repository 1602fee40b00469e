import { UserError } from '../../errors.ts';
import { drawFrom, randomSource } from '../../maths/random.ts';
import { BEHAVIOURS, type Behaviour } from '../../schemas/index.ts';
import { allocate, type Part } from './allocate.ts';
import { type FrameSentence, isMarked } from './frame.ts';
import { learningOrder, type Readable } from './learning.ts';
import { AutomaticSource, type CalibrationPlan, type Marks, type SourcePopulation } from './model.ts';

/**
 * Shares of the sample: the same for each marked behaviour, which determines its precision; a fifth for sentences near a marked one, which
 * include most missed ones; the rest uniform over all other sentences.
 */
const KIND_SHARE = 0.12;
const NEAR_SHARE = 0.2;

export interface DrawOptions {
  /** Maximum number of sentences. */
  size: number;
  seed: number;
  id: string;
  reviewer: string;
  createdAt: string;
  /** Chains of the dataset, and how many of them were drawn uniformly for `sentences`. */
  chains: number;
  read: number;
}

/**
 * Draws the sentences of a calibration: stratified by marks, without replacement within a stratum, in random order. Deterministic. The
 * probability of a sentence is that of its chain times that within its stratum.
 * @throws UserError `nothing-to-draw` without sentences.
 */
export function drawPlan(sentences: readonly FrameSentence[], options: DrawOptions): CalibrationPlan {
  if (sentences.length === 0) throw nothingToDraw();
  const random = randomSource(options.seed);
  const strata = stratify(sentences);
  const drawn = allocateStrata(strata, options.size);
  const chosen = strata.flatMap(({ name, members }, i) => {
    const count = drawn[i] ?? 0;
    const probability = (count / members.length) * (options.read / options.chains);
    return drawFrom(members, count, random).map(({ near: _near, ...sentence }) => ({
      ...sentence,
      stratum: name,
      probability,
    }));
  });
  return {
    ...planOf(sentences, options),
    strata: strata.map(({ name, members }, i) => ({ name, size: members.length, drawn: drawn[i] ?? 0 })),
    sentences: drawFrom(chosen, chosen.length, random),
  };
}

/**
 * Draws the sentences whose labels teach the classifier most, in that order; see `learningOrder`. Deterministic. Nothing can be estimated from them.
 * @throws UserError `nothing-to-draw` without sentences.
 */
export function drawLearningPlan(
  sentences: readonly (FrameSentence & Readable)[],
  options: DrawOptions,
): CalibrationPlan {
  if (sentences.length === 0) throw nothingToDraw();
  const chosen = learningOrder(sentences, options.size, randomSource(options.seed));
  return {
    ...planOf(sentences, options),
    purpose: 'learning',
    strata: [{ name: 'learning', size: sentences.length, drawn: chosen.length }],
    sentences: chosen.map(({ near: _near, phase: _phase, phaseScore: _score, ...sentence }) => ({
      ...sentence,
      stratum: 'learning',
      probability: 1,
    })),
  };
}

const nothingToDraw = (): UserError => new UserError('nothing-to-draw', 'There is no sentence to label.', '');

/** What all plans have. */
function planOf(
  sentences: readonly FrameSentence[],
  { id, reviewer, createdAt, seed, chains, read }: DrawOptions,
): Omit<CalibrationPlan, 'strata' | 'sentences'> {
  const population = { chains, read, sentences: sentences.length };
  return { version: 1, id, reviewer, createdAt, seed, population, detectors: populationsOf(sentences) };
}

interface Stratum {
  name: string;
  /** Undefined for unmarked sentences. */
  kind: Behaviour | undefined;
  members: FrameSentence[];
}

/**
 * Puts every sentence in one stratum: by the rarest behaviour marked there and the sources that mark it, or `near`, or `rest`. Each
 * combination of sources has its own stratum, so that a source with few marks is represented.
 */
function stratify(sentences: readonly FrameSentence[]): Stratum[] {
  const frequency = new Map(BEHAVIOURS.map((kind) => [kind, frequencyOf(sentences, kind)]));
  const rarest = [...BEHAVIOURS].sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0));
  const strata = new Map<string, Stratum>();
  for (const sentence of sentences) {
    const kind = isMarked(sentence.marks) ? rarest.find((one) => markers(sentence.marks, one).length > 0) : undefined;
    const unmarked = sentence.near ? 'near' : 'rest';
    const name = kind === undefined ? unmarked : `${kind}: ${markers(sentence.marks, kind).join(' + ')}`;
    const stratum = strata.get(name) ?? { name, kind, members: [] };
    stratum.members.push(sentence);
    strata.set(name, stratum);
  }
  return [...strata.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function allocateStrata(strata: readonly Stratum[], size: number): number[] {
  const patterns = (kind: Behaviour): number => strata.filter((one) => one.kind === kind).length;
  const kinds = BEHAVIOURS.filter((kind) => patterns(kind) > 0).length;
  const parts = strata.map(({ name, kind, members }): Part => {
    const unmarked = name === 'near' ? NEAR_SHARE : 1 - NEAR_SHARE - kinds * KIND_SHARE;
    return { size: members.length, share: kind === undefined ? unmarked : KIND_SHARE / patterns(kind) };
  });
  return allocate(parts, size);
}

function populationsOf(sentences: readonly FrameSentence[]): SourcePopulation[] {
  return AutomaticSource.options.flatMap((detector) => {
    const covered = sentences.filter(({ marks }) => marks[detector] !== undefined);
    if (covered.length === 0) return [];
    const marked = (kind: Behaviour): number => covered.filter(({ marks }) => marks[detector]?.includes(kind)).length;
    return [
      {
        detector,
        sentences: covered.length,
        marked: Object.fromEntries(BEHAVIOURS.map((kind) => [kind, marked(kind)])) as Record<Behaviour, number>,
      },
    ];
  });
}

function frequencyOf(sentences: readonly FrameSentence[], kind: Behaviour): number {
  return sentences.filter(({ marks }) => markers(marks, kind).length > 0).length;
}

function markers(marks: Marks, kind: Behaviour): AutomaticSource[] {
  return AutomaticSource.options.filter((detector) => marks[detector]?.includes(kind));
}
