/**
 * The one registry of review keys. It makes the webview's handlers, the `?` sheet, the palette commands
 * (`longhand.review.<action>`) and docs/keyboard.md.
 */
export const REVIEW_KEYS = [
  { action: 'accept', keys: ['a'], title: 'Accept Chain', group: 'Decide' },
  { action: 'reject', keys: ['r'], title: 'Reject Chain with Reason…', group: 'Decide' },
  { action: 'skip', keys: ['s'], title: 'Skip Chain', group: 'Decide' },
  { action: 'undo', keys: ['u', 'Ctrl+Z'], title: 'Undo Review Act', group: 'Decide' },
  { action: 'redo', keys: ['Shift+U', 'Ctrl+Shift+Z'], title: 'Redo Review Act', group: 'Decide' },
  { action: 'next', keys: ['n', 'ArrowRight'], title: 'Next Chain', group: 'Move' },
  { action: 'previous', keys: ['p', 'ArrowLeft'], title: 'Previous Chain', group: 'Move' },
  { action: 'nextSpan', keys: [']'], title: 'Next Span', group: 'Move' },
  { action: 'previousSpan', keys: ['['], title: 'Previous Span', group: 'Move' },
  { action: 'nextCandidate', keys: ['.'], title: 'Next Candidate Answer', group: 'Move' },
  { action: 'previousCandidate', keys: [','], title: 'Previous Candidate Answer', group: 'Move' },
  { action: 'focusProblem', keys: ['g'], title: 'Focus Problem', group: 'Move' },
  { action: 'labelVerification', keys: ['1'], title: 'Label Selection: Verification', group: 'Label' },
  { action: 'labelBacktracking', keys: ['2'], title: 'Label Selection: Backtracking', group: 'Label' },
  { action: 'labelSubgoal', keys: ['3'], title: 'Label Selection: Subgoal', group: 'Label' },
  { action: 'labelBackward', keys: ['4'], title: 'Label Selection: Backward Reasoning', group: 'Label' },
  { action: 'removeLabel', keys: ['x'], title: 'Remove Label', group: 'Label' },
  { action: 'edit', keys: ['e'], title: 'Edit Text', group: 'Text' },
  { action: 'note', keys: ['m'], title: 'Write Note…', group: 'Text' },
  { action: 'toggleRaw', keys: ['t'], title: 'Toggle Raw Source', group: 'Text' },
  { action: 'find', keys: ['/', 'Ctrl+F'], title: 'Find in Source Text', group: 'Text' },
  { action: 'compare', keys: ['c'], title: 'Compare with Another Sample of the Problem', group: 'Look' },
  { action: 'openJournal', keys: ['j'], title: 'Open Journal Line', group: 'Look' },
  { action: 'help', keys: ['?'], title: 'Show Keyboard Sheet', group: 'Look' },
] as const;

export type ReviewAction = (typeof REVIEW_KEYS)[number]['action'];

/** A key as it is printed on a keyboard: `Shift+ArrowRight` is `Shift+→`; letters and signs are as typed. */
export function keyLabel(key: string): string {
  return key.replace('ArrowRight', '→').replace('ArrowLeft', '←').replace('ArrowUp', '↑').replace('ArrowDown', '↓');
}
