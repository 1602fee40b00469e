import { formatOutcome, type Problem } from '../schemas/index.ts';
import { formatCount, plural, shortened } from '../text/format.ts';
import { averageAtK } from './at-k.ts';
import { code } from './format.ts';
import { byProblem, type EvaluatedSample, evaluatedOutcome, isCorrect, type ProblemSamples } from './sample.ts';

/** Maximum number of problems in a report; the other files list all. */
export const MOST_NAMED = 200;
/** Samples per problem and characters per sample in `answers.md`, so that every viewer can open it. */
const MOST_SAMPLES = 8;
const MOST_CHARACTERS = 6000;

/** A problem with its share of correct samples. */
export interface RatedProblem extends ProblemSamples {
  share: number;
}

/** The problems of a report, hardest first, and the number of further ones. */
export function namedProblems(samples: readonly EvaluatedSample[]): { named: RatedProblem[]; more: number } {
  const rated = byProblem(samples)
    .problems.map((problem) => ({ ...problem, share: averageAtK(problem) }))
    .sort((a, b) => a.share - b.share);
  return { named: rated.slice(0, MOST_NAMED), more: Math.max(0, rated.length - MOST_NAMED) };
}

/** Link target of the nth problem, from 1, in `answers.md`. */
export const answerAnchor = (n: number): string => `#problem-${n}`;

/** The part of a reply that `answers.md` shows; undefined for later samples. */
export function shownAnswer(index: number, text: string): string | undefined {
  return index < MOST_SAMPLES ? shortened(text, MOST_CHARACTERS) : undefined;
}

/**
 * `answers.md` of an evaluation: the problems of the report in its order, with the model's answers as code blocks, so that nothing in them is
 * read as Markdown.
 * @param textOf The answer of a sample; undefined if it is not shown.
 */
export function answersDocument(
  evaluation: string,
  named: readonly RatedProblem[],
  problemOf: (id: string) => Pick<Problem, 'problem' | 'answer'> | undefined,
  textOf: (problemId: string, index: number) => string | undefined,
): string {
  const parts = named.map(({ problemId, samples }, i) => {
    const problem = problemOf(problemId);
    const shown = samples.flatMap((sample) => {
      const text = textOf(problemId, sample.index);
      return text === undefined ? [] : [sampleText(sample, text)];
    });
    const more = samples.length - shown.length;
    return [
      `## Problem ${i + 1}`,
      `${code(problemId)}: ${formatCount(samples.filter(isCorrect).length)} of ${plural(samples.length, 'sample')} correct. Gold answer: ${code(problem?.answer ?? '')}`,
      ...(problem === undefined ? [] : [fenced(problem.problem)]),
      ...shown,
      ...(more > 0 ? [`${plural(more, 'more sample is', 'more samples are')} in \`journal.jsonl\`.`] : []),
    ].join('\n\n');
  });
  return `${[`# Answers of evaluation ${code(evaluation)}`, ...parts].join('\n\n')}\n`;
}

function sampleText(sample: EvaluatedSample, text: string): string {
  const outcome = formatOutcome(evaluatedOutcome(sample));
  const answer = sample.answer === null ? 'no final answer' : `final answer ${code(sample.answer)}`;
  return `**Sample ${sample.index + 1}: ${outcome}**, ${answer}, ${plural(sample.tokens, 'token')}\n\n${fenced(text)}`;
}

/** A code block whose fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.replace(/\r\n?/g, '\n')}\n${fence}`;
}
