import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownDocuments, textHash } from '../../../scripts/behaviours/documents.ts';
import { readGuide } from '../../../scripts/behaviours/guide.ts';
import {
  dataHash,
  hasKind,
  isAct,
  type LabelRow,
  PEOPLE,
  readLabelledTexts,
  readLabelRows,
  readRows,
  sharedFolder,
} from '../../../scripts/behaviours/labels.ts';
import { confusion, kappaOf, scoreOf } from '../../../scripts/behaviours/metrics.ts';
import { peopleHash, readPhaseTexts } from '../../../scripts/behaviours/people.ts';
import { foldsFor } from '../../../scripts/behaviours/validate.ts';
import { FEATURE_NAMES } from '../../../src/core/behaviours/features.ts';
import { hashOf } from '../../../src/core/behaviours/hashes.ts';
import { ClassifierScores, ClassifierWeights, PhaseWeights } from '../../../src/core/behaviours/weights.ts';
import { BEHAVIOURS } from '../../../src/core/schemas/index.ts';

const FOLDER = resolve(import.meta.dirname, '..', '..', '..', 'media', 'behaviours');
const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const rows = readLabelRows();
const shared = sharedFolder();

describe('weights.json and scores.json', () => {
  const weights = ClassifierWeights.parse(read('weights.json'));
  const scores = ClassifierScores.parse(read('scores.json'));
  const phases = PhaseWeights.parse(read('phases.json'));

  it('were trained for the current features', () => {
    expect(weights.features).toBe(hashOf(FEATURE_NAMES.join()));
  });

  it('were trained on the current labels and guide (if not: npm run train:behaviours)', () => {
    expect(weights.dataHash).toBe(dataHash(rows, readGuide()));
    expect(scores.dataHash).toBe(weights.dataHash);
  });

  it.skipIf(shared === undefined)('were trained on the current labels of people', () => {
    expect(phases.dataHash).toBe(peopleHash(readPhaseTexts(shared ?? '')));
  });

  it('are small', () => {
    const sizes = ['weights.json', 'phases.json', 'phrases.json'].map((name) => statSync(join(FOLDER, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
  });
});

describe('labels', () => {
  it('are in order and do not overlap, at least 3,000 sentences of them', () => {
    for (const { sentences } of rows) {
      for (const [i, [start, end]] of sentences.entries()) {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThanOrEqual(sentences[i - 1]?.[1] ?? 0);
      }
    }
    expect(rows.flatMap(({ sentences }) => sentences).length).toBeGreaterThanOrEqual(3_000);
  });

  it('of our own chains belong to the texts of the sample', () => {
    const texts = new Map(ownDocuments().map(({ id, text }) => [id, text]));
    const own = rows.filter(({ document }) => texts.has(document));
    expect(own.length).toBeGreaterThan(10);
    for (const { document, textHash: hash } of own) expect(textHash(texts.get(document) ?? '')).toBe(hash);
  });
});

describe('labels of the people’s texts', () => {
  it('show acts by capital letters, and every act is in an episode', () => {
    const sentence = [0, 1, 'vB', 's'] as LabelRow['sentences'][number];
    expect(BEHAVIOURS.filter((kind) => hasKind(sentence, 2, kind))).toEqual(['verification', 'backtracking']);
    expect(BEHAVIOURS.filter((kind) => isAct(sentence, 2, kind))).toEqual(['backtracking']);
    expect(BEHAVIOURS.filter((kind) => hasKind(sentence, 3, kind))).toEqual(['subgoal']);
  });

  it.skipIf(shared === undefined)('are labels of the sentences of people, at most 110 of a text', () => {
    const texts = new Map(readPhaseTexts(shared ?? '').map((text) => [text.id, text.sentences]));
    const theirs = readRows(PEOPLE);
    expect(theirs.map(({ document }) => document).sort()).toEqual([...texts.keys()].sort());
    for (const { document, sentences } of theirs) {
      const places = new Set(texts.get(document)?.map(({ start, end }) => `${start} ${end}`));
      expect(sentences.filter(([start, end]) => !places.has(`${start} ${end}`))).toEqual([]);
      expect(sentences.length).toBeLessThanOrEqual(110);
    }
  });

  it.skipIf(shared === undefined)('are held out together with labels of models of the same family', () => {
    const folds = new Map(
      readLabelledTexts(shared ?? '').map((text) => [text.document.model, foldsFor('verification')(text)]),
    );
    const [r1, qwen] = [folds.get('deepseekR1'), folds.get('Qwen3_32B')];
    const distillations = [...folds].filter(([model]) => model.startsWith('deepseek-'));
    expect(distillations.length).toBe(2);
    for (const [, fold] of distillations) expect(fold).toBe(r1);
    expect(folds.get('Qwen3_32BNR')).toBe(qwen);
    expect(new Set(folds.values()).size).toBe(6);
  });
});

describe('the guide', () => {
  it('has ten examples and ten near misses of each kind', () => {
    for (const kind of BEHAVIOURS) {
      for (const carries of [true, false]) {
        const found = readGuide().filter((example) => example.kind === kind && example.carries === carries);
        expect(found).toHaveLength(10);
      }
    }
  });
});

describe('scores', () => {
  it('match a textbook example', () => {
    // 20 both, 5 and 10 one of the two, 15 none: the example of Cohen's kappa in Wikipedia, κ = 0.4.
    const decisions = [...Array(20).fill(1), ...Array(5).fill(1), ...Array(10).fill(0), ...Array(15).fill(0)];
    const labels = [...Array(20).fill(1), ...Array(5).fill(0), ...Array(10).fill(1), ...Array(15).fill(0)];
    const { precision, recall, kappa } = scoreOf(confusion(decisions, labels));
    expect([precision, recall]).toEqual([0.8, 20 / 30]);
    expect(kappa).toBeCloseTo(0.4, 10);
    const pairs = labels.map((label, i) => [label, decisions[i] ?? 0] as const);
    expect(kappaOf(pairs)).toBeCloseTo(0.4, 10);
  });

  it('count a disputed sentence as half of each', () => {
    expect(confusion([1, 0], [0.5, 0.5])).toEqual({ hits: 0.5, falseAlarms: 0.5, misses: 0.5, rejections: 0.5 });
  });
});
