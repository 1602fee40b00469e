/**
 * The one registry of the keys of pages: the reader, the chain table, Calibrate Classifier and the prompt workbench. It makes the handlers of the pages,
 * their `?` sheets, the palette commands (`longhand.review.<action>`), the setting `longhand.keys` and docs/reference/keyboard.md.
 */
export const REVIEW_KEYS = [
  { action: 'accept', keys: ['a'], title: 'Accept Chain', group: 'Decide' },
  { action: 'acceptBecause', keys: ['Shift+W'], title: 'Accept Chain with Reason…', group: 'Decide' },
  { action: 'reject', keys: ['r'], title: 'Reject Chain with Reason…', group: 'Decide' },
  { action: 'skip', keys: ['s'], title: 'Skip Chain', group: 'Decide' },
  { action: 'undo', keys: ['u', 'Ctrl+Z'], title: 'Undo Review Act', group: 'Decide' },
  { action: 'redo', keys: ['Shift+U', 'Ctrl+Shift+Z'], title: 'Redo Review Act', group: 'Decide' },
  { action: 'overrule', keys: ['w'], title: 'Overrule Verdict with Reason…', group: 'Decide' },
  { action: 'regrade', keys: ['Shift+G'], title: 'Regrade Chain', group: 'Decide' },
  { action: 'tag', keys: ['#'], title: 'Tag Chain…', group: 'Decide' },
  { action: 'assign', keys: ['@'], title: 'Assign Chain…', group: 'Decide' },
  { action: 'next', keys: ['n', 'ArrowRight'], title: 'Next Chain', group: 'Move' },
  { action: 'previous', keys: ['p', 'ArrowLeft'], title: 'Previous Chain', group: 'Move' },
  { action: 'nextSpan', keys: [']'], title: 'Next Span', group: 'Move' },
  { action: 'previousSpan', keys: ['['], title: 'Previous Span', group: 'Move' },
  { action: 'nextCandidate', keys: ['.'], title: 'Next Candidate Answer', group: 'Move' },
  { action: 'previousCandidate', keys: [','], title: 'Previous Candidate Answer', group: 'Move' },
  { action: 'nextDisagreement', keys: ['d'], title: 'Next Disagreement of Judge and Classifier', group: 'Move' },
  {
    action: 'previousDisagreement',
    keys: ['Shift+D'],
    title: 'Previous Disagreement of Judge and Classifier',
    group: 'Move',
  },
  { action: 'nextSentence', keys: ['ArrowDown'], title: 'Next Sentence', group: 'Move' },
  { action: 'previousSentence', keys: ['ArrowUp'], title: 'Previous Sentence', group: 'Move' },
  { action: 'outline', keys: ['o'], title: 'Show Outline of Trace', group: 'Move' },
  { action: 'focusProblem', keys: ['g'], title: 'Focus Problem', group: 'Move' },
  {
    action: 'labelVerification',
    keys: ['1'],
    title: 'Label Sentence, Selection or Span: Verification',
    group: 'Label',
  },
  {
    action: 'labelBacktracking',
    keys: ['2'],
    title: 'Label Sentence, Selection or Span: Backtracking',
    group: 'Label',
  },
  { action: 'labelSubgoal', keys: ['3'], title: 'Label Sentence, Selection or Span: Subgoal', group: 'Label' },
  {
    action: 'labelBackward',
    keys: ['4'],
    title: 'Label Sentence, Selection or Span: Backward Reasoning',
    group: 'Label',
  },
  { action: 'stepGood', keys: ['5'], title: 'Label Step Good, and Next Step', group: 'Label' },
  { action: 'stepNeutral', keys: ['6'], title: 'Label Step Neutral, and Next Step', group: 'Label' },
  { action: 'stepBad', keys: ['7'], title: 'Label Step Bad, and Next Step', group: 'Label' },
  { action: 'firstWrongStep', keys: ['8'], title: 'Mark First Wrong Step, or Unmark It', group: 'Label' },
  { action: 'noWrongStep', keys: ['9'], title: 'Mark That No Step Is Wrong, or Unmark It', group: 'Label' },
  { action: 'removeLabel', keys: ['x'], title: 'Remove Label', group: 'Label' },
  { action: 'endLater', keys: ['Shift+ArrowRight'], title: 'End Span One Sentence Later', group: 'Label' },
  { action: 'endEarlier', keys: ['Shift+ArrowLeft'], title: 'End Span One Sentence Earlier', group: 'Label' },
  {
    action: 'startEarlier',
    keys: ['Shift+ArrowUp'],
    title: 'Start Span One Sentence Earlier, or Extend Sentence Up',
    group: 'Label',
  },
  {
    action: 'startLater',
    keys: ['Shift+ArrowDown'],
    title: 'Start Span One Sentence Later, or Extend Sentence Down',
    group: 'Label',
  },
  { action: 'wholeSentences', keys: ['Shift+S'], title: 'Extend Span to Whole Sentences', group: 'Label' },
  { action: 'splitSpan', keys: ['|'], title: 'Split Span at Cursor or Second Sentence', group: 'Label' },
  { action: 'mergeSpans', keys: ['+'], title: 'Merge Span with Next of Its Kind', group: 'Label' },
  { action: 'edit', keys: ['e'], title: 'Edit Text', group: 'Text' },
  { action: 'continueHere', keys: ['z'], title: 'Continue from Here…', group: 'Text' },
  { action: 'stepValues', keys: ['Shift+Z'], title: 'Estimate Step Values…', group: 'Text' },
  { action: 'note', keys: ['m'], title: 'Write Note…', group: 'Text' },
  { action: 'toggleRaw', keys: ['t'], title: 'Toggle Raw Source', group: 'Text' },
  { action: 'find', keys: ['/', 'Ctrl+F'], title: 'Find in Source Text', group: 'Text' },
  { action: 'focusVerdict', keys: ['v'], title: 'Show How the Verdict Was Reached', group: 'Look' },
  { action: 'whyDropped', keys: ['f'], title: 'Show Why the Chain Was Filtered Out', group: 'Look' },
  { action: 'compare', keys: ['c'], title: 'Compare Samples of the Problem', group: 'Compare' },
  { action: 'keepSample', keys: ['k'], title: 'Keep This Sample and Reject the Others', group: 'Compare' },
  { action: 'addSample', keys: ['Shift+C'], title: 'Add a Sample', group: 'Compare' },
  { action: 'removeSample', keys: ['Shift+X'], title: 'Remove This Sample', group: 'Compare' },
  { action: 'scrollTogether', keys: ['l'], title: 'Scroll Samples Together or Freely', group: 'Compare' },
  { action: 'differences', keys: ['h'], title: 'Show or Hide Text Differences', group: 'Compare' },
  { action: 'tryProblem', keys: ['y'], title: 'Try Problem in the Prompt Workbench', group: 'Look' },
  { action: 'openJournal', keys: ['j'], title: 'Open Journal Line', group: 'Look' },
  { action: 'filter', keys: ['q'], title: 'Filter Chains…', group: 'Look' },
  { action: 'help', keys: ['?'], title: 'Show Keyboard Sheet', group: 'Look' },
] as const;

export type ReviewAction = (typeof REVIEW_KEYS)[number]['action'];

/** A key of another page with the meaning of a key of the reader: the same keys, also when they are remapped. */
function like<A extends string>(
  as: ReviewAction,
  entry: { action: A; title: string; group: string },
): { action: A; keys: readonly string[]; title: string; group: string; as: ReviewAction } {
  return { ...entry, keys: REVIEW_KEYS.find(({ action }) => action === as)?.keys ?? [], as };
}

export const CALIBRATE_KEYS = [
  like('labelVerification', { action: 'verification', title: 'Verification', group: 'Label' }),
  like('labelBacktracking', { action: 'backtracking', title: 'Backtracking', group: 'Label' }),
  like('labelSubgoal', { action: 'subgoal', title: 'Subgoal', group: 'Label' }),
  like('labelBackward', { action: 'backward', title: 'Backward Reasoning', group: 'Label' }),
  { action: 'none', keys: ['0'], title: 'None, and Next', group: 'Label' },
  { action: 'confirm', keys: ['Enter'], title: 'Done, and Next', group: 'Label' },
  like('skip', { action: 'skip', title: 'Skip, Unsure', group: 'Label' }),
  like('undo', { action: 'undo', title: 'Undo', group: 'Label' }),
  like('redo', { action: 'redo', title: 'Redo', group: 'Label' }),
  like('next', { action: 'next', title: 'Next Sentence', group: 'Move' }),
  like('previous', { action: 'back', title: 'Previous Sentence, Back from the Result', group: 'Move' }),
  { action: 'context', keys: ['i'], title: 'More or Less Text Before', group: 'Look' },
  { action: 'definitions', keys: ['b'], title: 'Definitions of the Guide', group: 'Look' },
  like('help', { action: 'help', title: 'Keyboard Sheet', group: 'Look' }),
  { action: 'result', keys: ['Shift+R'], title: 'Result So Far', group: 'Result' },
  { action: 'copyMarkdown', keys: ['Shift+M'], title: 'Copy Result as Markdown', group: 'Result' },
  { action: 'copyCsv', keys: ['Shift+V'], title: 'Copy Result as CSV', group: 'Result' },
] as const;

export type CalibrateAction = (typeof CALIBRATE_KEYS)[number]['action'];

export const WORKBENCH_KEYS = [
  { action: 'runAll', keys: ['Shift+A'], title: 'Run All Pieces', group: 'Run' },
  { action: 'runFrom', keys: ['Shift+R'], title: 'Run from This Piece On, Earlier Ones Kept', group: 'Run' },
  { action: 'runOne', keys: ['Shift+O'], title: 'Run This Piece Only', group: 'Run' },
  like('continueHere', { action: 'otherSeed', title: 'Run from This Piece On with Another Seed', group: 'Run' }),
  { action: 'stop', keys: ['Shift+Q'], title: 'Stop', group: 'Run' },
  { action: 'model', keys: ['b'], title: 'Other Model: Base or Fine-Tuned', group: 'Run' },
  like('nextSpan', { action: 'next', title: 'Next Piece', group: 'Move' }),
  like('previousSpan', { action: 'previous', title: 'Previous Piece', group: 'Move' }),
  like('edit', { action: 'edit', title: 'Edit the Prompt of This Piece', group: 'Look' }),
  { action: 'messages', keys: ['i'], title: 'Show or Hide the Messages Sent', group: 'Look' },
  { action: 'reasoning', keys: ['Shift+T'], title: 'Show or Hide the Reasoning', group: 'Look' },
  like('compare', { action: 'compare', title: 'Compare the Last Two Runs of This Piece', group: 'Look' }),
  like('openJournal', { action: 'journal', title: 'Open the Call in the Journal', group: 'Look' }),
  like('help', { action: 'help', title: 'Keyboard Sheet', group: 'Look' }),
  like('focusProblem', { action: 'choose', title: 'Choose Problem…', group: 'Problem' }),
  like('next', { action: 'nextProblem', title: 'Next Problem', group: 'Problem' }),
  like('previous', { action: 'previousProblem', title: 'Previous Problem', group: 'Problem' }),
  { action: 'random', keys: ['Shift+N'], title: 'Random Problem', group: 'Problem' },
] as const;

export type WorkbenchAction = (typeof WORKBENCH_KEYS)[number]['action'];

/** Keys that move in the table are those of the grid pattern of WAI-ARIA. */
export const CHAINS_KEYS = [
  like('accept', { action: 'accept', title: 'Accept Selected Chains…', group: 'Decide' }),
  like('reject', { action: 'reject', title: 'Reject Selected Chains…', group: 'Decide' }),
  like('tag', { action: 'tag', title: 'Tag Selected Chains…', group: 'Decide' }),
  { action: 'untag', keys: ['-'], title: 'Remove Tag of Selected Chains…', group: 'Decide' },
  like('note', { action: 'note', title: 'Write Note on Selected Chains…', group: 'Decide' }),
  like('assign', { action: 'assign', title: 'Assign Selected Chains…', group: 'Decide' }),
  like('undo', { action: 'undo', title: 'Undo Last Act of the Table', group: 'Decide' }),
  like('redo', { action: 'redo', title: 'Redo Act of the Table', group: 'Decide' }),
  { action: 'open', keys: ['Enter'], title: 'Open Chain in the Reader', group: 'Move' },
  like('find', { action: 'find', title: 'Go to the Query', group: 'Move' }),
  { action: 'toggle', keys: ['Space'], title: 'Select Row, or Deselect It', group: 'Select' },
  { action: 'selectAll', keys: ['Ctrl+A'], title: 'Select All Chains of the Query', group: 'Select' },
  { action: 'selectNone', keys: ['Escape'], title: 'Deselect All', group: 'Select' },
  like('help', { action: 'help', title: 'Show Keyboard Sheet', group: 'Look' }),
] as const;

export type ChainsAction = (typeof CHAINS_KEYS)[number]['action'];

/** The pages with keys, by their name in the setting. */
export const KEY_PAGES = {
  review: REVIEW_KEYS,
  chains: CHAINS_KEYS,
  calibrate: CALIBRATE_KEYS,
  workbench: WORKBENCH_KEYS,
} as const;

export type KeyPage = keyof typeof KEY_PAGES;

/** A key as it is printed on a keyboard: `Shift+ArrowRight` is `Shift+→`; letters and signs are as typed. */
export function keyLabel(key: string): string {
  return key.replace('ArrowRight', '→').replace('ArrowLeft', '←').replace('ArrowUp', '↑').replace('ArrowDown', '↓');
}

/** A key of a page with its action. */
export interface KeyEntry<A extends string = string> {
  readonly action: A;
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: string;
  /** The action of the reader with the same meaning. */
  readonly as?: ReviewAction;
}

const registryOf = (page: KeyPage): readonly KeyEntry[] => KEY_PAGES[page];
const PAGES = Object.keys(KEY_PAGES) as KeyPage[];
const PAGE_NAMES: Readonly<Record<KeyPage, string>> = {
  review: 'the reader',
  chains: 'the chain table',
  calibrate: 'Calibrate Classifier',
  workbench: 'the prompt workbench',
};

/** The name of an action in the setting: `review.accept`, also for an action of another page with that meaning. */
export function keyName(page: KeyPage, { action, as }: Pick<KeyEntry, 'action' | 'as'>): string {
  return as === undefined ? `${page}.${action}` : `review.${as}`;
}

/** All actions that can have other keys, by their name in the setting. */
export const REMAPPABLE: ReadonlyMap<string, KeyEntry> = new Map(
  PAGES.flatMap((page) =>
    registryOf(page)
      .filter(({ as }) => as === undefined)
      .map((entry) => [keyName(page, entry), entry] as const),
  ),
);

/** Keys by the name of their action. */
export type KeyOverrides = Readonly<Record<string, readonly string[]>>;

/** The registry of a page with other keys. */
export function withKeys<E extends KeyEntry>(page: KeyPage, registry: readonly E[], overrides: KeyOverrides): E[] {
  return registry.map((entry) => ({ ...entry, keys: overrides[keyName(page, entry)] ?? entry.keys }));
}

/** A character, or the name of a key, with Ctrl or Shift. Esc and Tab keep their meaning. */
const KEY = /^(?:Ctrl\+)?(Shift\+)?(\S|Arrow(?:Up|Down|Left|Right)|Enter|Space|Home|End|PageUp|PageDown|F\d{1,2})$/u;

/** With signs and Space, Shift depends on the keyboard layout and does not count. */
function isKey(key: unknown): key is string {
  const [, shift, name = ''] = (typeof key === 'string' && KEY.exec(key)) || [];
  const isSign = name === 'Space' || (name.length === 1 && name.toLowerCase() === name.toUpperCase());
  return name !== '' && !(shift !== undefined && isSign);
}

const IN_GRID = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'];
/** Keys that move in the chain table or extend the selection there, in lower case. */
const GRID_KEYS: ReadonlySet<string> = new Set(
  [...IN_GRID, 'Ctrl+Home', 'Ctrl+End']
    .flatMap((key) => [key, key.replace(/(\w+)$/, 'Shift+$1')])
    .map((key) => key.toLowerCase()),
);

/**
 * Checks the value of the setting `longhand.keys`. @returns The keys that apply, and a sentence for each problem found. An unknown action or
 * key is ignored. Where two actions of a page have one key, both keep their default keys.
 */
export function readKeys(setting: Readonly<Record<string, unknown>>): { overrides: KeyOverrides; problems: string[] } {
  const problems: string[] = [];
  const overrides: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(setting)) {
    const keys = [value].flat();
    const wrong = keys.find((key) => !isKey(key));
    if (!REMAPPABLE.has(name)) {
      problems.push(`“${name}” is not an action. The keyboard reference lists the names.`);
    } else if (wrong !== undefined) {
      const names = 'a character, or a name such as ArrowDown or Enter, with Ctrl+ or Shift+ before it';
      const shift = 'A digit, a sign and Space have no Shift+';
      problems.push(`${JSON.stringify(wrong)} is not a key for “${name}”. Write ${names}. ${shift}.`);
    } else {
      overrides[name] = keys as string[];
    }
  }
  // A removed key can be the default of an action that moved away, so that pages are checked again.
  for (let clash = firstClash(overrides); clash !== undefined; clash = firstClash(overrides)) {
    problems.push(clash.problem);
    for (const name of clash.names) delete overrides[name];
  }
  return { overrides, problems };
}

function firstClash(overrides: KeyOverrides): { names: string[]; problem: string } | undefined {
  for (const page of PAGES) {
    const owners = new Map<string, KeyEntry>();
    for (const entry of withKeys(page, registryOf(page), overrides)) {
      for (const key of entry.keys) {
        if (page === 'chains' && GRID_KEYS.has(key.toLowerCase())) {
          const problem = `“${key}” moves in the chain table. Give “${entry.title}” another key.`;
          return { names: [keyName(page, entry)], problem };
        }
        const other = owners.get(key.toLowerCase());
        if (other !== undefined && other !== entry) {
          const problem = `“${key}” is a key of both “${other.title}” and “${entry.title}” in ${PAGE_NAMES[page]}. Give one of them another key.`;
          return { names: [keyName(page, other), keyName(page, entry)], problem };
        }
        owners.set(key.toLowerCase(), entry);
      }
    }
  }
  return undefined;
}
