/** Milliseconds after the page got the focus in which keys are ignored: they may be meant for a quick input. */
const GUARD_MS = 500;

/**
 * Passes the key presses of the page to `handle`, except in text controls. Keys that could decide something are ignored for half a second
 * after the page got the focus, unless the pointer is pressed in the page: the page itself, its forms and buttons get them with their default
 * prevented. @param decides Whether a key decides something on this page, such as an arrow or Ctrl+Y in `longhand.keys`.
 *
 * Handles keys at the document, since VS Code's listener on the window prevents the default of Ctrl+Z and Ctrl+F.
 */
export function listenForKeys(
  handle: (event: KeyboardEvent) => void,
  decides: (event: KeyboardEvent) => boolean = () => false,
): void {
  let focused = performance.now();
  let pressed = Number.NEGATIVE_INFINITY;
  window.addEventListener('focus', () => (focused = performance.now()));
  window.addEventListener('pointerdown', () => (pressed = performance.now()), true);
  window.addEventListener(
    'keydown',
    (event) => {
      // The focus may arrive before or after the press.
      const isGiven = pressed >= focused - GUARD_MS;
      if (
        !isGiven &&
        performance.now() < focused + GUARD_MS &&
        (isGuarded(event) || (!isTyping(event) && decides(event)))
      )
        event.preventDefault();
    },
    true,
  );
  document.addEventListener('keydown', (event) => {
    if (!event.defaultPrevented && !isTyping(event)) handle(event);
  });
}

/** Letters, digits, signs, Space and Enter without Ctrl or Cmd; in a text control only Enter, which may confirm a form. */
function isGuarded(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  return event.key === 'Enter' || (event.key.length === 1 && !isTyping(event));
}

/** The used part of a keyboard event. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  getModifierState(key: string): boolean;
}

/**
 * Finds the action of a key press in a registry. For letters, Shift counts and Caps Lock does not. For signs, Shift and AltGr (Ctrl and Alt)
 * depend on the keyboard layout and do not count. Cmd is Ctrl.
 */
export function actionsOf<A extends string>(
  registry: readonly { action: A; keys: readonly string[] }[],
): (press: Press) => A | undefined {
  const actions = new Map(
    registry.flatMap(({ action, keys }) => keys.map((key) => [key.toLowerCase(), action] as const)),
  );
  return (press) => {
    const { key, metaKey, shiftKey } = press;
    const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
    const isAltGr = sign && press.getModifierState('AltGraph');
    if (press.altKey && !isAltGr) return undefined;
    const held = metaKey || (press.ctrlKey && !isAltGr);
    const name = [
      held ? 'ctrl+' : '',
      shiftKey && !sign ? 'shift+' : '',
      key === ' ' ? 'space' : key.toLowerCase(),
    ].join('');
    return actions.get(name);
  };
}

/** Whether a key press is Enter or Space on a control, which it presses. */
export function pressesControl({ key, target }: KeyboardEvent): boolean {
  return (key === 'Enter' || key === ' ') && target instanceof Element && target.matches('button, a[href], summary');
}

/** Whether a key press belongs to a text control. */
export function isTyping(event: KeyboardEvent): boolean {
  const [inner] = event.composedPath();
  return inner instanceof HTMLElement && inner.matches('input, textarea, select, [contenteditable]');
}
