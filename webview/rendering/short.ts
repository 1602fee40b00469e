import { type Reach, TextColumn } from './column.ts';
import { Marks } from './marks.ts';
import { Slices } from './slices.ts';

/** Texts up to this size are rendered before they are shown: UTF-16 code units and formulas. */
const AT_ONCE = { units: 2_000, formulas: 60 };
/** The part of longer texts that is rendered in the background. */
const REACH: Reach = { places: true, rendered: 8_000 };

const slices = new Slices();
/** Texts with work left, unless their element was removed. */
const waiting = new Set<WeakRef<TextColumn>>();
slices.add(0, () => {
  for (const held of waiting) {
    const work = held.deref()?.work(REACH);
    if (work !== undefined) return work;
    waiting.delete(held);
  }
  return undefined;
});

/**
 * A text as Markdown with maths. A short text is rendered immediately; a longer one is shown as source and rendered in slices near the
 * screen. Model text becomes text nodes only.
 */
export function markdown(text: string): HTMLElement {
  const element = document.createElement('div');
  // The listener of the element keeps the column alive.
  const column = new TextColumn(text, element, [{ element, start: 0, end: text.length }], new Marks([]));
  const held = new WeakRef(column);
  column.onWork = () => {
    waiting.add(held);
    slices.wake();
  };
  if (text.length <= AT_ONCE.units && column.maths.length <= AT_ONCE.formulas)
    for (const block of column.blocks) column.renderNow(block);
  column.onWork();
  return element;
}
