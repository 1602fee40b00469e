/**
 * The one registry of review keys. It makes the webview's handlers, the `?` sheet, the palette commands
 * (`longhand.review.<action>`) and docs/reference/keyboard.md.
 */
export const REVIEW_KEYS = [
  { action: 'accept', keys: ['a'], title: 'Accept Chain', group: 'Decide' },
  { action: 'reject', keys: ['r'], title: 'Reject Chain with Reason…', group: 'Decide' },
  { action: 'skip', keys: ['s'], title: 'Skip Chain', group: 'Decide' },
  { action: 'undo', keys: ['u', 'Ctrl+Z'], title: 'Undo Review Act', group: 'Decide' },
  { action: 'redo', keys: ['Shift+U', 'Ctrl+Shift+Z'], title: 'Redo Review Act', group: 'Decide' },
  { action: 'overrule', keys: ['w'], title: 'Overrule Verdict with Reason…', group: 'Decide' },
  { action: 'regrade', keys: ['Shift+G'], title: 'Regrade Chain', group: 'Decide' },
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
  { action: 'outline', keys: ['o'], title: 'Show Outline of Trace', group: 'Move' },
  { action: 'focusProblem', keys: ['g'], title: 'Focus Problem', group: 'Move' },
  { action: 'labelVerification', keys: ['1'], title: 'Label Selection or Span: Verification', group: 'Label' },
  { action: 'labelBacktracking', keys: ['2'], title: 'Label Selection or Span: Backtracking', group: 'Label' },
  { action: 'labelSubgoal', keys: ['3'], title: 'Label Selection or Span: Subgoal', group: 'Label' },
  { action: 'labelBackward', keys: ['4'], title: 'Label Selection or Span: Backward Reasoning', group: 'Label' },
  { action: 'removeLabel', keys: ['x'], title: 'Remove Label', group: 'Label' },
  { action: 'endLater', keys: ['Shift+ArrowRight'], title: 'End Span One Sentence Later', group: 'Label' },
  { action: 'endEarlier', keys: ['Shift+ArrowLeft'], title: 'End Span One Sentence Earlier', group: 'Label' },
  { action: 'startEarlier', keys: ['Shift+ArrowUp'], title: 'Start Span One Sentence Earlier', group: 'Label' },
  { action: 'startLater', keys: ['Shift+ArrowDown'], title: 'Start Span One Sentence Later', group: 'Label' },
  { action: 'wholeSentences', keys: ['Shift+S'], title: 'Extend Span to Whole Sentences', group: 'Label' },
  { action: 'splitSpan', keys: ['|'], title: 'Split Span at Cursor or Second Sentence', group: 'Label' },
  { action: 'mergeSpans', keys: ['+'], title: 'Merge Span with Next of Its Kind', group: 'Label' },
  { action: 'edit', keys: ['e'], title: 'Edit Text', group: 'Text' },
  { action: 'note', keys: ['m'], title: 'Write Note…', group: 'Text' },
  { action: 'toggleRaw', keys: ['t'], title: 'Toggle Raw Source', group: 'Text' },
  { action: 'find', keys: ['/', 'Ctrl+F'], title: 'Find in Source Text', group: 'Text' },
  { action: 'focusVerdict', keys: ['v'], title: 'Show How the Verdict Was Reached', group: 'Look' },
  { action: 'whyDropped', keys: ['f'], title: 'Show Why the Chain Was Filtered Out', group: 'Look' },
  { action: 'compare', keys: ['c'], title: 'Compare with Another Sample of the Problem', group: 'Look' },
  { action: 'tryProblem', keys: ['y'], title: 'Try Problem in the Prompt Workbench', group: 'Look' },
  { action: 'openJournal', keys: ['j'], title: 'Open Journal Line', group: 'Look' },
  { action: 'filter', keys: ['q'], title: 'Filter Chains…', group: 'Look' },
  { action: 'help', keys: ['?'], title: 'Show Keyboard Sheet', group: 'Look' },
] as const;

export type ReviewAction = (typeof REVIEW_KEYS)[number]['action'];

/** A key as it is printed on a keyboard: `Shift+ArrowRight` is `Shift+→`; letters and signs are as typed. */
export function keyLabel(key: string): string {
  return key.replace('ArrowRight', '→').replace('ArrowLeft', '←').replace('ArrowUp', '↑').replace('ArrowDown', '↓');
}
