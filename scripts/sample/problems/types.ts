/** A problem as it is written here; the build adds what all of them share (source and licence). */
export interface SampleProblem {
  id: string;
  /** Markdown with LaTeX, money with a plain dollar sign. */
  problem: string;
  /** The gold answer, LaTeX without `\boxed{}`. */
  answer: string;
  level: number;
  topic: string;
  solution?: string;
}
