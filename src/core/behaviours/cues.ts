import type { Behaviour } from '../model/index.ts';

/**
 * Phrases that open an episode. They are few and long on purpose: measured on human labels, single words such as “wait” and “actually”
 * are right in a third of the cases or never (method.md, "Behaviours").
 */
export const CUES: Readonly<Record<Behaviour, RegExp>> = {
  verification:
    /\b(?:let(?:'s| me| us)|i(?:'ll| will| should| can| want to)|we (?:can|should)|to) (?:just |also |now |quickly )?(?:double[- ]?check|verify|check|confirm|test|make sure)\b|\b(?:plug(?:ging)?|substitut(?:e|ing)|put(?:ting)?)\b.{0,60}\bback (?:in|into)\b|\bsanity check\b|\bdoes (?:this|that|it) (?:hold|satisfy|work|make sense|agree)\b|\b(?:checking|verifying)\b.{0,40}[:,]/i,
  backtracking:
    /\b(?:wait|hmm|oh|no)\b[,.—– ]+(?:no\b|that(?:'s| is| can(?:'t|not)| does(?:n't| not))|this (?:is|can(?:'t|not)|does(?:n't| not))|i (?:made|was|forgot|missed|think i)|maybe i)|\bi (?:made|must have made) (?:a|an) (?:mistake|error)\b|\b(?:that|this) (?:is not|isn't|can't be|cannot be|is) (?:right|wrong|correct|possible|impossible)\b(?<!is right|is correct|is possible)|\blet(?:'s| me) (?:start (?:over|again)|go back|back up|redo|reconsider|try (?:again|another|a different))\b|\b(?:this|that) (?:approach|method|way|path) (?:does(?:n't| not)|won't|will not|is not|isn't) work/i,
  subgoal:
    /\b(?:first|next|then|now|second(?:ly)?|finally)\b,? (?:i|we) (?:need|have|want|must|should|will)(?: to)? (?:find|compute|determine|figure|calculate|work out|express|show|count|solve|get)\b|\bthe plan\b|\bmy (?:plan|goal|strategy) is\b|\bbreak (?:this|it|the problem) (?:down|into|up)\b|^(?:\*\*)?step \d|\bthe (?:first|next) step is\b|\bto (?:do|find|get|solve) (?:this|that|it), (?:i|we)(?:'ll| will| need| can| must)/i,
  backward:
    /\b(?:work(?:ing)?|go(?:ing)?|reason(?:ing)?) (?:back(?:ward)?s?|in reverse)\b(?: (?:from|to))?|\bstart(?:ing)? (?:from|with) the (?:answer|result|end|final|target|goal|desired)|\bto (?:end up with|arrive at|reach) .{1,40}, (?:i|we) (?:must|need|would)/i,
};
