export { answerSchema, type ReadAnswer, readAnswer } from './answer.ts';
export {
  type Disagreement,
  disagreements,
  joinWindows,
  spansWithJudgement,
  type WindowResult,
  withJudgement,
} from './judgement.ts';
export { again, JUDGE_PROMPT, judgeMessages } from './messages.ts';
export { type JudgeWindow, judgeWindows, type NumberedSentence, numberSentences } from './windows.ts';
