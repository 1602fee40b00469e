/**
 * The accuracy of a calibration: plans of 50, 100 and 200 sentences over real traces, with published labels in place of a curator's, against
 * precision and recall over all sentences. `npm run bench -- calibration`. Mapping of those labels, which a language model
 * wrote in another taxonomy: self_checking is verification, uncertainty_management backtracking, plan_generation a subgoal.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { classifierSpans } from '../../src/core/behaviours/annotate.ts';
import {
  type CalibrationAct,
  calibrationReport,
  drawPlan,
  type FrameSentence,
  frameSentences,
  type KindScore,
} from '../../src/core/review/calibration/index.ts';
import type { Behaviour } from '../../src/core/schemas/index.ts';

const RUNS = 200;
const labels = resolve(import.meta.dirname, '../../../shared/data/spans/thought_anchors_llm.jsonl');
const KINDS: Readonly<Record<string, Behaviour>> = {
  self_checking: 'verification',
  uncertainty_management: 'backtracking',
  plan_generation: 'subgoal',
};

interface Row {
  id: string;
  text: string;
  spans: { start: number; end: number; label: string }[];
}

function measure(): void {
  const rows = readFileSync(labels, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const frame = rows.flatMap(({ id, text }) =>
    frameSentences({ id, text }, 'hash', [{ detector: 'classifier', spans: classifierSpans(text) }]),
  );
  const truth = new Map(rows.flatMap((row) => truthOf(row, frame)));
  console.log(`${rows.length} traces, ${frame.length} sentences; ${RUNS} plans each; intervals of a nominal 90 %\n`);
  console.log('sentences  kind          measure    truth  mean   width  holds the truth');
  for (const size of [50, 100, 200]) {
    const scores = Array.from({ length: RUNS }, (_, seed) => scoresOf(frame, truth, size, seed + 1));
    for (const kind of Object.values(KINDS)) {
      for (const what of ['precision', 'recall'] as const) {
        const real = realScore(frame, truth, kind)[what];
        const found = scores.flatMap((kinds) => kinds.find((score) => score.kind === kind)?.[what] ?? []);
        const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        const held = found.filter(({ low, high }) => low <= real && real <= high).length / found.length;
        const cells = [real, mean(found.map(({ value }) => value)), mean(found.map(({ low, high }) => high - low))];
        console.log(
          `${String(size).padEnd(11)}${kind.padEnd(14)}${what.padEnd(11)}${cells.map((cell) => cell.toFixed(2).padEnd(7)).join('')}${(held * 100).toFixed(0)} %`,
        );
      }
    }
  }
}

const keyOf = ({ chainId, start }: { chainId: string; start: number }): string => `${chainId} ${start}`;

function truthOf({ id, spans }: Row, frame: readonly FrameSentence[]): [string, Behaviour[]][] {
  return frame
    .filter(({ chainId }) => chainId === id)
    .map((sentence) => {
      const here = spans.filter(({ start, end }) => overlap(start, end, sentence) * 2 >= sentence.end - sentence.start);
      const kinds = here.flatMap(({ label }) => KINDS[label] ?? []);
      return [keyOf(sentence), [...new Set(kinds)]];
    });
}

const overlap = (start: number, end: number, sentence: FrameSentence): number =>
  Math.min(end, sentence.end) - Math.max(start, sentence.start);

function scoresOf(
  frame: readonly FrameSentence[],
  truth: ReadonlyMap<string, Behaviour[]>,
  size: number,
  seed: number,
): readonly KindScore[] {
  const about = { id: 'plan-of-bench', reviewer: 'labels', createdAt: '', chains: 40, read: 40 };
  const plan = drawPlan(frame, { size, seed, ...about });
  const acts = plan.sentences.map((sentence, i): CalibrationAct => {
    const kinds = truth.get(keyOf(sentence)) ?? [];
    return { id: `a${i}`, at: '', reviewer: 'labels', act: 'label', sentence: i, kinds };
  });
  return calibrationReport({ name: 'bench', plan, acts }).detectors[0]?.kinds ?? [];
}

function realScore(frame: readonly FrameSentence[], truth: ReadonlyMap<string, Behaviour[]>, kind: Behaviour) {
  const marked = frame.filter(({ marks }) => marks.classifier?.includes(kind));
  const real = frame.filter((sentence) => truth.get(keyOf(sentence))?.includes(kind));
  const both = marked.filter((sentence) => real.includes(sentence)).length;
  return { precision: both / marked.length, recall: both / real.length };
}

if (existsSync(labels)) measure();
else console.log('skipped: the labels of real traces beside the project are absent');
