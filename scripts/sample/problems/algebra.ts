import type { SampleProblem } from './types.ts';

const tex = String.raw;

/** Together the gold answers have every shape that the grader compares: fraction, root, interval, union, tuple, set, matrix, expression, percent, equation. */
export const ALGEBRA: readonly SampleProblem[] = [
  {
    id: 'alg-01',
    problem: tex`Solve $\frac{x}{3}+\frac{x-1}{4}=\frac{5}{2}$ for $x$.`,
    answer: tex`\frac{33}{7}`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-02',
    problem: tex`Write \(\frac{6}{\sqrt{5}-\sqrt{2}}\) without a root in the denominator.`,
    answer: tex`2\sqrt{5}+2\sqrt{2}`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-03',
    problem: tex`Find all real numbers $x$ with $|2x-3| \le 7$. Give the answer as an interval.`,
    answer: tex`[-2,5]`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-04',
    problem: tex`Solve the inequality \(x^2-x-12>0\) over the real numbers. Give the answer in interval notation.`,
    answer: tex`(-\infty,-3)\cup(4,\infty)`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-05',
    problem: tex`Find the ordered pair $(x,y)$ that satisfies
$$\begin{cases} 3x+2y=4\\ 5x-4y=25. \end{cases}$$`,
    answer: tex`\left(3,-\frac{5}{2}\right)`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-06',
    problem: tex`Find the set of all real solutions of \(x^4-13x^2+36=0\).`,
    answer: tex`\{-3,-2,2,3\}`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-07',
    problem: tex`Let $A=\begin{pmatrix}1&2\\0&3\end{pmatrix}$. Find $A^3$.`,
    answer: tex`\begin{pmatrix}1&26\\0&27\end{pmatrix}`,
    level: 3,
    topic: 'precalculus',
  },
  {
    id: 'alg-08',
    problem: tex`Reduce \(\frac{x^3-8}{x^2-4}\) to lowest terms.`,
    answer: tex`\frac{x^2+2x+4}{x+2}`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-09',
    problem: tex`Each side of a square is made $30\%$ longer. By what percent does its area grow?`,
    answer: tex`69\%`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-10',
    problem: tex`Find the equation of the line through \((2,-1)\) and \((6,5)\), in the form \(y=mx+b\).`,
    answer: tex`y=\frac{3}{2}x-4`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-11',
    problem:
      'A saver puts $200 into an account that pays 5% interest at the end of each year, and leaves the interest in it. How many dollars are in the account after 2 years?',
    answer: '220.50',
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-12',
    problem:
      'A choir has 6 altos and 5 tenors. In how many ways can 5 of the singers be picked for a concert so that at least 3 of them are altos?',
    answer: '281',
    level: 4,
    topic: 'combinatorics',
  },
  {
    id: 'alg-13',
    problem: tex`Three fair six-sided dice are rolled. What is the probability that the largest number shown is exactly $4$?`,
    answer: tex`\frac{37}{216}`,
    level: 4,
    topic: 'combinatorics',
  },
  {
    id: 'alg-14',
    problem: tex`Write \(\dfrac{(2-3i)^2}{1+i}\) in the form \(a+bi\) with real \(a\) and \(b\).`,
    answer: tex`-\frac{17}{2}-\frac{7}{2}i`,
    level: 4,
    topic: 'precalculus',
  },
  {
    id: 'alg-15',
    problem: tex`A ship lies at the point $(-3,3\sqrt{3})$ of a chart with its lighthouse at the origin. Give its position as a pair $(r,\theta)$ of polar coordinates, where $r$ is positive and $\theta\in[0,2\pi)$.`,
    answer: tex`\left(6,\frac{2\pi}{3}\right)`,
    level: 4,
    topic: 'precalculus',
  },
  {
    id: 'alg-16',
    problem: tex`Find all real solutions of \(\log_2(x+1)+\log_2(x-6)=3\).`,
    answer: '7',
    level: 4,
    topic: 'precalculus',
  },
  {
    id: 'alg-17',
    problem:
      'A parking meter takes $1 coins, $2 coins and $5 notes. In how many ways can a fee of $12 be paid exactly, if the order of payment does not matter?',
    answer: '13',
    level: 4,
    topic: 'combinatorics',
  },
  {
    id: 'alg-18',
    problem: tex`Find the set of all solutions of $x^2-6x+4=0$.`,
    answer: tex`\left\{3-\sqrt{5},3+\sqrt{5}\right\}`,
    level: 3,
    topic: 'algebra',
  },
  {
    id: 'alg-19',
    problem: tex`Let \(f(x)=\frac{2x+1}{x-3}\) for \(x\ne 3\). Find an expression for \(f^{-1}(x)\).`,
    answer: tex`\frac{3x+1}{x-2}`,
    level: 4,
    topic: 'precalculus',
  },
  {
    id: 'alg-20',
    problem: tex`Find the value of $\displaystyle\sum_{n=1}^{\infty}\frac{2^n+1}{5^n}$.`,
    answer: tex`\frac{11}{12}`,
    level: 4,
    topic: 'precalculus',
  },
];
