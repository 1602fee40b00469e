/** Milliseconds between the clicks of a double click: VS Code reports each click to an extension, and no double clicks. */
const DOUBLE_CLICK_MS = 500;

/** Finds double clicks on the items of trees. */
export class DoubleClicks {
  #last: { item: string; at: number } | undefined;

  /**
   * Whether a click is the second one on its item.
   * @param argument That of the item's command, with the item's id as `clicked`; a click on nothing else is one.
   * @param now In milliseconds.
   */
  isSecond(argument: unknown, now = Date.now()): boolean {
    const item = clickedItem(argument);
    const last = this.#last;
    const isSecond = item !== undefined && last?.item === item && now - last.at <= DOUBLE_CLICK_MS;
    this.#last = item === undefined || isSecond ? undefined : { item, at: now };
    return isSecond;
  }
}

function clickedItem(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('clicked' in argument)) return undefined;
  return typeof argument.clicked === 'string' ? argument.clicked : undefined;
}
