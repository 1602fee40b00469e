/** Maximum time from a pointer press to the focus of the page, and the other way round, in milliseconds. */
const PRESS_BEFORE_MS = 500;
const PRESS_AFTER_MS = 100;

/**
 * Calls `taken` when the page gets the focus without a pointer press: VS Code may focus it while a quick input is open.
 */
export function onFocusTaken(taken: () => void): void {
  let pressed = Number.NEGATIVE_INFINITY;
  window.addEventListener('pointerdown', () => (pressed = performance.now()), true);
  window.addEventListener('focus', () => {
    const focused = performance.now();
    // In a separate process, the focus may arrive before the press.
    window.setTimeout(() => {
      if (pressed < focused - PRESS_BEFORE_MS) taken();
    }, PRESS_AFTER_MS);
  });
}

let waiting: HTMLElement | undefined;

/**
 * Moves the focus to an element of the page. If the page does not have the focus, it does not take it, for example from a quick input; the
 * element is focused when the page is.
 */
export function moveFocus(element: HTMLElement | null | undefined): void {
  if (element === null || element === undefined) return;
  if (document.hasFocus()) {
    waiting = undefined;
    element.focus({ preventScroll: true });
    return;
  }
  if (waiting === undefined) window.addEventListener('focus', arrive, { once: true });
  waiting = element;
}

function arrive(): void {
  const element = waiting;
  waiting = undefined;
  if (element?.isConnected) element.focus({ preventScroll: true });
}

/** Calls `leaving` when the page is hidden or closed: the last chance to save its state. */
export function onLeave(leaving: () => void): void {
  window.addEventListener('pagehide', leaving);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leaving();
  });
}
