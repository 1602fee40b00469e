/** The part of a keyboard event that decides. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  getModifierState(key: string): boolean;
}

/**
 * Finds the action of a key press in a registry. Letters are told apart by Shift alone, whatever Caps Lock says; for signs Shift is part of
 * the keyboard's layout (`?` needs it here and not there) and does not count, nor does AltGr, which is Ctrl and Alt. Cmd is Ctrl.
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
    const name = [held ? 'ctrl+' : '', shiftKey && !sign ? 'shift+' : '', key.toLowerCase()].join('');
    return actions.get(name);
  };
}
