/** Embeddings, overrides and isolates of Unicode's bidirectional algorithm: they turn around the text after them. */
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/;
/** Of the same length, so that places in the text stay the same. */
const SHOWN = '\ufffd';

/**
 * Shows the characters that change the direction of text as �, now and in all text that comes later. Texts of models and files may have them, and
 * what is beside such a text must stay readable. The texts themselves, and those in fields, stay as they are.
 */
export function showDirections(root: Node): void {
  const watch = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') showIn(target);
      else for (const node of addedNodes) showIn(node);
    }
  });
  watch.observe(root, { childList: true, characterData: true, subtree: true });
  showIn(root);
}

function showIn(node: Node): void {
  // Most texts have none, and a block of text is tested in one step.
  if (!CONTROLS.test(node.textContent ?? '')) return;
  if (node instanceof Text) {
    for (let at = node.data.search(CONTROLS); at >= 0; at = node.data.search(CONTROLS)) node.replaceData(at, 1, SHOWN);
    return;
  }
  for (const child of node.childNodes) showIn(child);
}
