import { type ChainReview, foldReview } from '../decisions.ts';
import type { IndexCache } from './cache.ts';
import type { ActRow } from './rows.ts';
import type { Scan } from './scan.ts';

const PENDING: ChainReview = { decision: 'pending', reviewers: new Map() };

/** The acts of reviewers by chain, as far as the files of reviews were read. */
export class ActIndex {
  readonly #scan: Scan<ActRow>;
  #files: readonly string[] = [];
  /** By chain and act; made when it is first asked for. */
  #byChain: Map<string, Map<string, ActRow>> | undefined;
  /** Batches of acts whose last line was read. */
  readonly #wholeBatches = new Set<string>();
  readonly #reviews = new Map<string, ChainReview>();

  constructor(scan: Scan<ActRow>) {
    this.#scan = scan;
  }

  /** Reads new lines of the files of reviews. @returns whether there are any */
  async refresh(root: string, files: readonly string[], cache: IndexCache): Promise<boolean> {
    this.#files = files;
    const changes = await this.#scan.refresh(root, files, cache);
    for (const { file, from, replaced } of changes) {
      if (replaced || !this.#byChain) {
        this.#byChain = undefined;
        this.#reviews.clear();
        continue;
      }
      const rows = this.#scan.files.get(file)?.rows;
      for (let at = from; at < (rows?.length ?? 0); at++) {
        const row = rows?.row(at) as ActRow;
        this.#add(this.#byChain, row);
        // Earlier lines of such a batch, from an earlier refresh, count from now on.
        if (row.batch?.last) this.#reviews.clear();
        this.#reviews.delete(row.chainId);
      }
    }
    return changes.length > 0;
  }

  /** Ids of the chains that have acts; some may be gone. */
  ids(): Iterable<string> {
    return this.#acts.keys();
  }

  /**
   * Acts on a chain in file order, each once, since a union merge of git may repeat lines. Acts of a batch without its last line are ignored: a process
   * was killed while it wrote them.
   */
  of(chainId: string): ActRow[] {
    const acts = [...(this.#acts.get(chainId)?.values() ?? [])];
    return acts.filter(({ batch }) => batch === undefined || this.#wholeBatches.has(batch.id));
  }

  /** The acts of one reviewer's batch; none if it is unknown or incomplete. */
  ofBatch(batch: string, reviewer: string): ActRow[] {
    return [...this.ids()]
      .flatMap((chainId) => this.of(chainId))
      .filter((act) => act.batch?.id === batch && act.reviewer === reviewer);
  }

  /** What the acts on a chain amount to. */
  review(chainId: string): ChainReview {
    const known = this.#reviews.get(chainId);
    if (known) return known;
    const acts = this.of(chainId);
    if (acts.length === 0) return PENDING;
    const review = foldReview(acts);
    this.#reviews.set(chainId, review);
    return review;
  }

  get #acts(): Map<string, Map<string, ActRow>> {
    if (!this.#byChain) {
      this.#byChain = new Map();
      this.#wholeBatches.clear();
      for (const segment of this.#scan.segments(this.#files)) for (const row of segment) this.#add(this.#byChain, row);
    }
    return this.#byChain;
  }

  #add(byChain: Map<string, Map<string, ActRow>>, row: ActRow): void {
    const acts = byChain.get(row.chainId);
    if (!acts) byChain.set(row.chainId, new Map([[row.id, row]]));
    else if (!acts.has(row.id)) acts.set(row.id, row);
    if (row.batch?.last) this.#wholeBatches.add(row.batch.id);
  }
}
