// The folders and files of an experiment of one seed; see docs/design/closed-loop.md.
import { join } from 'node:path';

export interface Places {
  root: string;
  /** The dataset of problems, rounds, exports, trainings and all evaluations. */
  dataset: string;
  /** The dataset of the control arm: the same problems, no filters. */
  control: string;
  train: string;
  heldOut: string;
  heldOutFamilies: string;
  corpus: string;
  words: string;
  untrained: string;
  base: string;
  controlRows: string;
  /** The dataset of the arm without filters on right responses. */
  ablation: string;
  ablationRows: string;
  /** A dataset for each prompt variant, shared by all seeds. */
  development: string;
  results: string;
}

/** @param baseRoot where the pretrained model is, which the seeds share. */
export function placesOf(root: string, baseRoot: string): Places {
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    dataset: at('dataset'),
    control: at('control'),
    train: at('problems', 'train.jsonl'),
    heldOut: at('problems', 'held-out.jsonl'),
    heldOutFamilies: at('problems', 'held-out-families.jsonl'),
    corpus: join(baseRoot, 'corpus.jsonl'),
    words: join(baseRoot, 'words.txt'),
    untrained: join(baseRoot, 'untrained'),
    base: join(baseRoot, 'model'),
    controlRows: at('control-responses.jsonl'),
    ablation: at('ablation'),
    ablationRows: at('ablation-responses.jsonl'),
    development: join(baseRoot, 'development'),
    results: at('results.json'),
  };
}
