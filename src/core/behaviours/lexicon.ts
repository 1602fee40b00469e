/** Words that indicate an act, grouped by meaning, so that few weights hold for other writers and none for a topic. Groups may overlap. */
const GROUPS = {
  wait: 'wait hold hang',
  hmm: 'hmm hm huh uh um oh ah hmmm',
  but: 'but however though although yet nevertheless',
  yes: 'yes yep yeah yup indeed exactly',
  okay: 'okay ok alright good great perfect nice fine excellent wonderful',
  correct: 'correct right true valid accurate correctly accurately properly',
  agrees:
    'matches match matched matching consistent agrees agree agreed satisfies satisfied satisfy satisfying holds works coincides coincide confirms confirmed checks verified fits fit aligns align verifies validates',
  same: 'same identical',
  equal: 'equal equals',
  wrong:
    'wrong incorrect mistake mistaken error errors mistakes contradiction contradicts contradictory contradicting impossible inconsistent invalid flawed false mismatch discrepancy conflict conflicts incorrectly contradictions',
  implausible: 'high low large small big off strange weird odd unlikely suspicious absurd unrealistic',
  not: "not no nope can't cannot doesn't isn't won't don't didn't wasn't aren't couldn't shouldn't wouldn't never neither nor hasn't haven't can’t doesn’t isn’t don’t didn’t wasn’t aren’t won’t",
  cannot: "can't cannot can’t couldn't",
  check:
    'check verify confirm test double-check validate ensure recheck re-check sanity-check cross-check reverify re-verify cross-verify doublecheck',
  checking:
    'checking verifying confirming testing verification validation sanity checked double-checking validating rechecking',
  again: 'again',
  redo: 'recalculate recompute redo recount reconsider re-examine reexamine revisit reread re-read rethink re-evaluate reevaluate re-calculate re-compute retrace reassess recheck re-check retry rework restart',
  redoing:
    'recalculating recomputing redoing recounting reconsidering re-examining revisiting rereading retracing rechecking',
  compute:
    'compute calculate find determine solve evaluate derive figure count simplify expand factor obtain express show prove establish minimize maximize',
  computing:
    'computing calculating finding solving counting adding subtracting multiplying dividing simplifying expanding factoring evaluating',
  consider: 'consider analyze analyse explore examine look study investigate list enumerate',
  think: 'think see wonder',
  try: 'try attempt trying',
  recall: 'recall remember',
  begin: 'start begin starting beginning',
  define: 'denote define set call represent denotes label',
  write: 'write rewrite use apply draw sketch model parse visualize',
  substitute: 'plug plugging substitute substituting put putting insert inserting plugged substituted substitution',
  back: 'back',
  alternatively: 'alternatively',
  other: 'another alternative different differently other instead else',
  method: 'method approach way strategy technique route path perspective angle idea',
  maybe: 'maybe perhaps might could possibly probably likely may',
  seems: 'seems seem appears looks sounds seemed',
  suppose: 'suppose assume assuming imagine supposing say',
  if: 'if',
  therefore: 'so thus therefore hence consequently',
  sequel: 'then',
  now: 'now',
  next: 'next',
  ordinal: 'first firstly second secondly third thirdly',
  finally: 'finally lastly',
  since: 'since because as',
  given: 'given original',
  need: 'need needed needs want wants require requires required',
  must: 'must',
  goal: 'goal aim objective task plan subgoal subgoals plans aims tasks',
  step: 'step steps part parts stage',
  case: 'case cases subcase scenario option',
  problem: 'problem question statement',
  condition: 'condition conditions constraint constraints equation equations requirement requirements',
  says: 'says said states stated asks asking asked mentions specifies tells',
  answer: 'answer answers',
  result: 'result results solution solutions total value final',
  miss: 'missed missing forgot forget forgotten overlooked overcounted undercounted double-counted misread misinterpreted misunderstood miscounted overcounting overcount mixed confused misapplied miscalculated',
  make: 'make makes made making',
  sure: 'sure certain confident',
  sense: 'sense reasonable plausible sensible absurd believable',
  expected: 'expected should supposed expect',
  actually: 'actually',
  aux: 'is are does do did was can could would should am will has have',
  ask: 'what how why which',
  over: 'over scratch',
  earlier: 'earlier before previous previously above already',
  initial: 'initial initially originally',
  backward: 'backward backwards reverse reversing',
  work: 'work working go going',
  remains: 'remains remaining suffices enough',
  i: "i i'm i've my",
  we: 'we our',
  me: 'me us',
  let: 'let',
  lets: "let's lets let’s",
  will: "i'll we'll i’ll we’ll i'd",
  modal: 'should will can could need want must might would have',
  past: 'thought had got found assumed used considered calculated computed did was were',
  example: 'example instance',
  formula: 'formula theorem identity rule',
  complicated:
    'complicated messy tedious difficult hard confusing tricky stuck lengthy complex cumbersome tangled speculative vague broad endless impractical overcomplicating impossible unclear hopeless',
  too: 'too overly',
  helps: 'help helps helpful useful fruitful promising relevant lead leads working work works',
  leave:
    'leave abandon abandoning drop dropping discard discarding scrap reject rejecting return returning fails failed fail give ruled revert turn undo withdraw',
  no: 'no nope',
  assumption: 'assumption assumptions hypothesis guess conjecture',
  test: 'test tests tested try special extreme boundary bound estimate magnitude size units sign',
  look: 'look looking seek find show',
  easier: 'easier simpler better smarter efficient clever cleverer quicker faster',
  to: 'to',
  be: 'be',
  both: 'both all every each',
  sides: 'sides side left-hand right-hand lhs rhs',
  interpretation: 'interpretation interpreting interpreted misinterpreting meaning means meant',
  double: 'double twice triple',
  that: 'that',
  quantity:
    'number numbers coefficient value values length area distance probability sum product expression relationship range maximum minimum many much count total pairs ways',
  operate: 'add subtract multiply divide combine sum separate convert compare simplify eliminate isolate cancel',
  split: 'split break breaking separately individually systematically',
  relate: 'relate connect link terms relation relationship',
  pattern: 'pattern patterns recurrence recursion recursive system coordinates',
  once: 'once until',
  out: 'out',
  only: 'only just simply',
} as const;

export type WordGroup = keyof typeof GROUPS;
const WORD_GROUPS = Object.keys(GROUPS) as WordGroup[];

/** `first` and at most `gap` words later `second`, in one sentence. A pair is also a group for later pairs. */
export interface WordPair<Name extends string = string> {
  name: Name;
  first: string;
  second: string;
  gap: number;
}

const pair = <Name extends string>(name: Name, first: string, second: string, gap: number): WordPair<Name> => ({
  name,
  first,
  second,
  gap,
});

/** Acts that two words indicate together. `intend` is “let me”, “let's”, “I should”, “we can”. */
export const WORD_PAIRS = [
  pair('intend', 'let', 'me', 0),
  pair('intend', 'lets', 'lets', 0),
  pair('intend', 'will', 'will', 0),
  pair('intend', 'i', 'modal', 1),
  pair('intend', 'we', 'modal', 1),
  pair('make sure', 'make', 'sure', 1),
  pair('double check', 'double', 'check', 0),
  pair('intend check', 'intend', 'check', 4),
  pair('intend check', 'intend', 'make sure', 4),
  pair('intend check', 'intend', 'checking', 4),
  pair('to check', 'to', 'check', 1),
  pair('to check', 'to', 'make sure', 2),
  pair('check again', 'check', 'again', 5),
  pair('check if', 'check', 'if', 4),
  pair('intend redo', 'intend', 'redo', 4),
  pair('intend compute', 'intend', 'compute', 4),
  pair('intend consider', 'intend', 'consider', 4),
  pair('intend think', 'intend', 'think', 3),
  pair('intend try', 'intend', 'try', 3),
  pair('intend recall', 'intend', 'recall', 3),
  pair('intend define', 'intend', 'define', 3),
  pair('intend write', 'intend', 'write', 3),
  pair('intend begin', 'intend', 'begin', 3),
  pair('intend substitute', 'intend', 'substitute', 4),
  pair('intend back', 'intend', 'back', 4),
  pair('compute again', 'compute', 'again', 5),
  pair('think again', 'think', 'again', 4),
  pair('try again', 'try', 'again', 4),
  pair('substitute back', 'substitute', 'back', 6),
  pair('not agrees', 'not', 'agrees', 4),
  pair('not correct', 'not', 'correct', 4),
  pair('not work', 'not', 'work', 3),
  pair('not sense', 'not', 'sense', 3),
  pair('not sure', 'not', 'sure', 2),
  pair('not equal', 'not', 'equal', 3),
  pair('cannot be', 'cannot', 'be', 1),
  pair('seems correct', 'seems', 'correct', 4),
  pair('seems implausible', 'seems', 'implausible', 4),
  pair('seems complicated', 'seems', 'complicated', 4),
  pair('is correct', 'aux', 'correct', 2),
  pair('is wrong', 'aux', 'wrong', 3),
  pair('made mistake', 'make', 'wrong', 4),
  pair('go back', 'work', 'back', 2),
  pair('start over', 'begin', 'over', 2),
  pair('start over', 'begin', 'again', 2),
  pair('other method', 'other', 'method', 3),
  pair('try other', 'try', 'other', 5),
  pair('makes sense', 'make', 'sense', 2),
  pair('need compute', 'need', 'compute', 3),
  pair('ordinal need', 'ordinal', 'need', 5),
  pair('ordinal compute', 'ordinal', 'compute', 5),
  pair('next compute', 'next', 'compute', 6),
  pair('now compute', 'now', 'compute', 6),
  pair('goal to', 'goal', 'to', 4),
  pair('problem says', 'problem', 'says', 3),
  pair('work backward', 'work', 'backward', 3),
  pair('to need', 'to', 'need', 8),
  pair('must have', 'must', 'aux', 2),
  pair('ask compute', 'ask', 'compute', 4),
  pair('past wrong', 'past', 'wrong', 5),
  pair('should be', 'expected', 'be', 1),
  pair('wait not', 'wait', 'not', 4),
  pair('but not', 'but', 'not', 6),
  pair('wait no', 'wait', 'no', 1),
  pair('too complicated', 'too', 'complicated', 2),
  pair('too implausible', 'too', 'implausible', 1),
  pair('not helps', 'not', 'helps', 5),
  pair('not seems', 'not', 'seems', 2),
  pair('better method', 'easier', 'method', 2),
  pair('intend correct', 'intend', 'correct', 2),
  pair('assumption wrong', 'assumption', 'wrong', 6),
  pair('method wrong', 'method', 'wrong', 6),
  pair('method not', 'method', 'not', 4),
  pair('leave method', 'leave', 'method', 5),
  pair('leave back', 'leave', 'back', 3),
  pair('intend leave', 'intend', 'leave', 4),
  pair('cannot correct', 'cannot', 'correct', 3),
  pair('intend look', 'intend', 'look', 3),
  pair('need look', 'need', 'look', 3),
  pair('then compute', 'sequel', 'compute', 5),
  pair('but problem', 'but', 'problem', 4),
  pair('wait problem', 'wait', 'problem', 5),
  pair('same as', 'same', 'earlier', 4),
  pair('as expected', 'since', 'expected', 3),
  pair('consider that', 'consider', 'that', 0),
  pair('must do', 'need', 'to', 0),
  pair('must do', 'modal', 'to', 0),
  pair('how many', 'ask', 'quantity', 0),
  pair('compute quantity', 'compute', 'quantity', 3),
  pair('must compute', 'must do', 'compute', 2),
  pair('to compute', 'to', 'compute', 0),
  pair('to operate', 'to', 'operate', 0),
  pair('intend operate', 'intend', 'operate', 3),
  pair('step by step', 'step', 'step', 1),
  pair('first then', 'ordinal', 'sequel', 20),
  pair('so need', 'therefore', 'need', 4),
  pair('maybe intend', 'maybe', 'intend', 3),
  pair('intend relate', 'intend', 'relate', 6),
  pair('intend split', 'intend', 'split', 3),
  pair('intend need', 'intend', 'must do', 2),
  pair('not how', 'not', 'ask', 3),
  pair('think other', 'think', 'other', 2),
  pair('think relate', 'think', 'relate', 2),
  pair('wait past', 'wait', 'past', 5),
  pair('wait actually', 'wait', 'actually', 2),
  pair('earlier past', 'earlier', 'past', 5),
];

export type GroupName = WordGroup | (typeof WORD_PAIRS)[number]['name'];

/** Names of all groups, words first, then pairs; the index is the number of the group. */
export const GROUP_NAMES = [...new Set<GroupName>([...WORD_GROUPS, ...WORD_PAIRS.map(({ name }) => name)])];

export const GROUP = Object.fromEntries(GROUP_NAMES.map((name, number) => [name, number])) as Record<GroupName, number>;

/** Groups of a word in lower case. */
export const GROUPS_OF_WORD: ReadonlyMap<string, readonly number[]> = groupsOfWords();

function groupsOfWords(): Map<string, number[]> {
  const byWord = new Map<string, number[]>();
  for (const group of WORD_GROUPS) {
    for (const word of GROUPS[group].split(' ')) byWord.set(word, [...(byWord.get(word) ?? []), GROUP[group]]);
  }
  return byWord;
}

/** For each group the pairs that end with it: number of the first group, gap, number of the pair. */
export const PAIRS_BY_END: readonly (readonly (readonly [first: number, gap: number, pair: number])[])[] =
  GROUP_NAMES.map((end) =>
    WORD_PAIRS.filter(({ second }) => second === end).map(
      ({ first, gap, name }) => [GROUP[first as GroupName], gap, GROUP[name]] as const,
    ),
  );
