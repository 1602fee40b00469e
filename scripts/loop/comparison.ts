// The arms of an experiment as arguments of the verb `compare-selections`.
import type { CompareSelectionsArgs } from '../../src/protocol/selections.ts';
import type { Experiment } from './experiments.ts';
import type { Places } from './places.ts';
import { type ServingOptions, servingFlags } from './serving.ts';
import type { VariantYield } from './variants.ts';

export interface ComparisonFacts {
  places: Pick<Places, 'bestPrompt' | 'heldOut' | 'heldOutFamilies'>;
  seed: number;
  /** Names of the rounds; `control`: the imported responses of the direct round. */
  rounds: { direct: string; cascade: string; control: string };
  /** Folder or file of the model that is trained. */
  base: string;
  /** Of the prompt of all arms, where prompts were chosen. */
  asked?: VariantYield | undefined;
}

type Comparison = Omit<CompareSelectionsArgs, 'dataset'>;

/** What a resume reads again. */
export function programsOf(options: ServingOptions): Pick<Comparison, 'program' | 'serving'> {
  const { server: _server, ...serving } = servingFlags(options);
  return { program: { python: options.python }, serving };
}

/**
 * A: what an export of both rounds has. B, where the experiment ablates the filters: as many of all right responses. Control: as many responses of the base
 * model, right or wrong. Its right ones are chains of the direct round, which the import does not repeat.
 */
export function comparisonOf(
  experiment: Experiment,
  { places, seed, rounds, base, asked }: ComparisonFacts,
  server: ServingOptions,
): Comparison {
  const both = `round = ${rounds.direct}, ${rounds.cascade}`;
  // A truncated reply with the right answer has no warning. An imported one, which ended, is not measured by this filter.
  const ended = 'not failed = finished';
  return {
    ...{ a: both, selected: ['a'], keepAll: 'a', tolerance: 1 },
    control: `round = ${rounds.direct}, ${rounds.control} and ${ended}`,
    ...(experiment.ablates ? { b: `${both} and verdict = correct and ${ended}` } : {}),
    ...{ base: true, against: 'base', marker: 'sampling', server: servingFlags(server).server },
    ...(asked ? { basePrompt: places.bestPrompt, passRate: asked.right / Math.max(1, asked.replies) } : {}),
    ...{ problems: [places.heldOut, places.heldOutFamilies], k: experiment.k, seeds: [seed] },
    ...{ concurrency: experiment.concurrency, model: base, settings: experiment.training },
  };
}
