import { differencesOf, type Place } from '../../../src/core/review/index.ts';
import type { BlockView } from '../../rendering/block.ts';
import { firstWhere } from '../../rendering/column.ts';
import { partsWithin } from '../../rendering/places.ts';
import type { SampleColumn } from './sample-column.ts';

/**
 * Highlights what of each sample no other shown sample has: whole sentences, and words of sentences that another sample has in similar words. Does
 * not change nodes.
 */
export class Differences {
  readonly #paint = new Highlight();
  readonly #places = new Map<SampleColumn, readonly Place[]>();
  readonly #counts = new Map<SampleColumn, number>();
  #texts: readonly string[] = [];
  on = false;

  constructor() {
    CSS.highlights.set('differs', this.#paint);
  }

  /** Number of own sentences of a sample, while differences are shown. */
  count(column: SampleColumn): number {
    return this.#counts.get(column) ?? 0;
  }

  /** Paints the differences of these samples, if they are on. */
  show(columns: readonly SampleColumn[]): void {
    const texts = this.on ? columns.map(({ trace }) => trace?.content.text ?? '') : [];
    if (texts.length === this.#texts.length && texts.every((text, index) => text === this.#texts[index])) return;
    this.clear();
    this.#texts = texts;
    const { sentences, words } = differencesOf(texts);
    texts.forEach((_, index) => {
      const column = columns[index];
      if (column === undefined) return;
      this.#counts.set(column, sentences[index]?.length ?? 0);
      this.#places.set(column, words[index] ?? []);
      for (const block of column.trace?.blocks ?? []) this.rendered(column, block);
    });
  }

  /** Paints a block after it was rendered, which removes highlights. */
  rendered(column: SampleColumn, block: BlockView): void {
    const places = this.#places.get(column) ?? [];
    for (let index = firstWhere(places, ({ end }) => end > block.start); index < places.length; index += 1) {
      const { start = 0, end = 0 } = places[index] ?? {};
      if (start >= block.end) break;
      const { ranges, elements } = partsWithin(block, start, end);
      for (const range of ranges) this.#paint.add(range);
      for (const element of elements) element.classList.add('differs');
    }
  }

  clear(): void {
    this.#texts = [];
    this.#paint.clear();
    for (const { trace } of this.#places.keys()) {
      for (const formula of trace?.element.querySelectorAll('.differs') ?? []) formula.classList.remove('differs');
    }
    this.#places.clear();
    this.#counts.clear();
  }
}
