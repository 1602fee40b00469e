// The folders and files of an experiment of one seed; see docs/design/closed-loop.md.
import { join } from 'node:path';

export interface Places {
  root: string;
  /** The dataset of problems, rounds, exports, trainings and the comparison. */
  dataset: string;
  train: string;
  heldOut: string;
  heldOutFamilies: string;
  corpus: string;
  words: string;
  untrained: string;
  base: string;
  /** The base model's responses to the training problems. */
  responses: string;
  /** The prompt that suits the base model best. */
  bestPrompt: string;
  /** A dataset for each prompt variant, shared by all seeds. */
  development: string;
  results: string;
  /** Of the arms asked as they were trained. */
  asTrained: string;
}

/** @param baseRoot where the pretrained model is, which the seeds share. */
export function placesOf(root: string, baseRoot: string): Places {
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    dataset: at('dataset'),
    train: at('problems', 'train.jsonl'),
    heldOut: at('problems', 'held-out.jsonl'),
    heldOutFamilies: at('problems', 'held-out-families.jsonl'),
    corpus: join(baseRoot, 'corpus.jsonl'),
    words: join(baseRoot, 'words.txt'),
    untrained: join(baseRoot, 'untrained'),
    base: join(baseRoot, 'model'),
    responses: at('base-responses.jsonl'),
    bestPrompt: at('best-prompt.md'),
    development: join(baseRoot, 'development'),
    results: at('results.json'),
    asTrained: at('as-trained.json'),
  };
}
