import type { Behaviour } from '../../src/core/model/index.ts';

interface Definition {
  /** In the words of docs/annotation-guide.md; a test holds the two together. */
  is: string;
  not: string;
}

/** What each kind is, short enough to be looked up while labelling. */
export const DEFINITIONS: Readonly<Record<Behaviour, Definition>> = {
  verification: {
    is: 'Something already stated is tested.',
    not: 'Not: a first computation, a search over candidates, a restatement, doubt that tests nothing.',
  },
  backtracking: {
    is: 'The chain turns away from something it had begun or said.',
    not: 'Not: a doubt that ends in “no, it is fine”, the next case of a plan, the new work after the turn.',
  },
  subgoal: {
    is: 'The chain says what has to be reached next, as a step on the way.',
    not: 'Not: the question restated, the announcement of a check, what the same sentence computes at once.',
  },
  backward: {
    is: 'The chain starts from what is wanted or from the end and asks what must come before.',
    not: 'Not: a found answer put back to test it, a single “we need”.',
  },
};

/** How to decide, whatever the kind. */
export const RULES: readonly string[] = [
  'Label what the sentence does at this point of the chain, not which words it uses. Most sentences have none of the four; some have several.',
  'A behaviour is an episode: the sentences that carry it out and the one that says how it came out belong to it.',
  'In doubt between a kind and none, choose none; skip only what cannot be judged.',
];
