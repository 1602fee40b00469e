import { type PhaseRun, phaseRuns } from '../../core/review/phase-runs.ts';
import type { ReviewItem } from '../../protocol/review.ts';

/** Texts whose phases are kept: a reviewer goes back and forth. */
const KEPT = 8;

/** Reads the phases of reviewed texts, at 3 to 4 MB/s. */
export class PhaseReader {
  readonly #known = new Map<string, PhaseRun[]>();

  /** The runs of one phase in the reviewed text of a chain. */
  async of({ state: { text, segments }, problem }: ReviewItem): Promise<PhaseRun[]> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // The weights of the classifier are loaded with the first text.
    const { annotate } = await import('../../core/behaviours/annotate.ts');
    const runs = phaseRuns(annotate(text, { problem: problem.problem, pieces: segments }).sentences);
    this.#known.set(text, runs);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(oldest);
    }
    return runs;
  }
}
