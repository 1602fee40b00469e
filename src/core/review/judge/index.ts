export {
  type Compared,
  Measured,
  MeasuredClass,
  MeasuredPhases,
  measureAllPhases,
  measureBehaviours,
  measureByPhases,
  measurePhases,
} from './agreement.ts';
export { answerSchema, readAnswer } from './answer.ts';
export {
  comparePasses,
  disagreements,
  joinWindows,
  type PassCounts,
  spansWithJudgement,
  type WindowResult,
  withJudgement,
} from './judgement.ts';
export { type LabelledText, readLabelledText } from './labelled.ts';
export { judgeMessages, SECOND_PASS_PROMPT, secondPassMessages } from './messages.ts';
export {
  ANSWER_PROMPT,
  type AnswerPair,
  answerMessages,
  isOpen,
  overruledVerdict,
  readSameAnswer,
  type SameAnswer,
  sameAnswerSchema,
} from './same-answer.ts';
export { BEHAVIOUR_OF_PHASE, BEHAVIOUR_TASK, type BehaviourLabels, type JudgeTask, PHASE_TASK } from './task.ts';
export { type JudgeWindow, judgeWindows, numberSentences } from './windows.ts';
