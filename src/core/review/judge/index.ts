export { answerSchema, readAnswer } from './answer.ts';
export {
  disagreements,
  joinWindows,
  spansWithJudgement,
  type WindowResult,
  withJudgement,
} from './judgement.ts';
export { JUDGE_PROMPT, judgeMessages } from './messages.ts';
export { type JudgeWindow, judgeWindows, numberSentences } from './windows.ts';
