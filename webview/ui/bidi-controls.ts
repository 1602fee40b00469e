/** Embeddings, overrides and isolates of Unicode's bidirectional algorithm. They can reorder the text after them. */
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/;
const EACH_CONTROL = new RegExp(CONTROLS, 'g');
/** Of the same length, so that places in the text stay the same. */
const SHOWN = '\ufffd';

/**
 * Shows bidirectional control characters as �, now and in all text that comes later. Texts of models and files may have them, and the text beside
 * them must stay readable. The texts themselves, and those in fields, stay as they are.
 */
export function replaceBidiControls(root: Node): void {
  const watch = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') replaceIn(target);
      else for (const node of addedNodes) replaceIn(node);
    }
  });
  watch.observe(root, { childList: true, characterData: true, subtree: true });
  replaceIn(root);
}

function replaceIn(node: Node): void {
  // Most texts have none, and a block of text is tested in one step.
  if (!CONTROLS.test(node.textContent ?? '')) return;
  // All at once: a text may consist of nothing else, and each change of a node is observed.
  if (node instanceof Text) node.data = node.data.replace(EACH_CONTROL, SHOWN);
  else for (const child of node.childNodes) replaceIn(child);
}
