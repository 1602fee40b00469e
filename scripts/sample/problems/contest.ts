import type { SampleProblem } from './types.ts';

const tex = String.raw;

export const CONTEST: readonly SampleProblem[] = [
  {
    id: 'contest-01',
    problem: tex`How many positive integers $n\le 2000$ are there for which $n^2+n+1$ is divisible by $21$?`,
    answer: '191',
    solution: tex`Modulo $3$ the condition means $n\equiv 1$; modulo $7$ it means $n\equiv 2$ or $n\equiv 4$. That is $n\equiv 16$ or $n\equiv 4 \pmod{21}$. The first $1995=95\cdot 21$ integers hold $190$ of them, and $2000\equiv 5$ adds one more, $n=1999\equiv 4$. In all $\boxed{191}$.`,
    level: 5,
    topic: 'number theory',
  },
  {
    id: 'contest-02',
    problem: tex`How many subsets of $\{1,2,\dots,12\}$ contain no two numbers that differ by exactly $2$? (The empty set counts.)`,
    answer: '441',
    solution: tex`Conflicts join only numbers of equal parity, in the two paths $1,3,\dots,11$ and $2,4,\dots,12$. A path of $6$ has $21$ subsets without neighbours, so there are $21^2=\boxed{441}$.`,
    level: 5,
    topic: 'combinatorics',
  },
  {
    id: 'contest-03',
    problem: tex`A triangle has sides \(10\), \(17\) and \(21\). A circle has its centre on the side of length \(21\) and touches the other two sides. Find its radius.`,
    answer: tex`\frac{56}{9}`,
    solution: tex`The area is \(84\). Joining the centre to the opposite corner gives \(84=\tfrac12 r(10+17)\), so \(r=\boxed{\frac{56}{9}}\).`,
    level: 5,
    topic: 'geometry',
  },
  {
    id: 'contest-04',
    problem: tex`A token stands on square $0$ of a strip. A biased coin shows heads with probability $\frac23$. Each flip of heads moves the token one square forward, each flip of tails puts it back on square $0$. What is the expected number of flips until it first stands on square $3$?`,
    answer: tex`\frac{57}{8}`,
    solution: tex`With $E_k$ the expected number from square $k$: $E_2=1+\frac13E_0$, $E_1=1+\frac23E_2+\frac13E_0$, $E_0=1+\frac23E_1+\frac13E_0$. So $E_0=\frac{19}{9}+\frac{19}{27}E_0$ and $E_0=\boxed{\frac{57}{8}}$.`,
    level: 5,
    topic: 'probability',
  },
  {
    id: 'contest-05',
    problem: tex`Real numbers $a$, $b$, $c$ satisfy $a+b+c=7$ and $a^2+b^2+c^2=21$. What is the largest possible value of $c$?`,
    answer: tex`\frac{7+2\sqrt{7}}{3}`,
    solution: tex`From $2(a^2+b^2)\ge(a+b)^2$ follows $2(21-c^2)\ge(7-c)^2$, that is $3c^2-14c+7\le 0$. The larger root $\boxed{\frac{7+2\sqrt7}{3}}$ is reached for $a=b=\frac{7-\sqrt7}{3}$.`,
    level: 5,
    topic: 'algebra',
  },
  {
    id: 'contest-06',
    problem: tex`A polynomial \(P\) of degree \(4\) satisfies \(P(k)=3^k\) for \(k=0,1,2,3,4\). Find \(P(6)\).`,
    answer: '473',
    solution: tex`Since \(3^x=(1+2)^x\), \(P(x)=\sum_{j=0}^{4}2^j\binom{x}{j}\). So \(P(6)=1+12+60+160+240=\boxed{473}\).`,
    level: 5,
    topic: 'algebra',
  },
  {
    id: 'contest-07',
    problem: tex`How many strings of six digits, each of them $1$, $2$ or $3$, have no two equal digits side by side and a digit sum divisible by $3$?`,
    answer: '36',
    solution: tex`Let the first digit be $s$ and the steps $e_i=\pm1$ modulo $3$. The sum is $-e_1+e_2-e_4+e_5$ modulo $3$, which is $0$ for $6$ of the $16$ sign choices; $s$ and $e_3$ are free. So $3\cdot 2\cdot 6=\boxed{36}$.`,
    level: 5,
    topic: 'combinatorics',
  },
  {
    id: 'contest-08',
    problem: tex`What is the smallest positive integer $n$ for which the decimal expansion of $7^n$ ends in $0001$?`,
    answer: '100',
    solution: tex`The last digit forces $n=4k$. Modulo $10^4$, $7^{4k}=(1+2400)^k\equiv 1+2400k$, and $2400k\equiv 0$ first for $k=25$. So $n=\boxed{100}$.`,
    level: 5,
    topic: 'number theory',
  },
  {
    id: 'contest-09',
    problem: tex`A rectangular sheet of \(24\) by \(10\) is folded flat so that two opposite corners meet. How long is the crease?`,
    answer: tex`\frac{65}{6}`,
    solution: tex`The crease lies on the perpendicular bisector of the diagonal \(26\), and its half is \(13\tan\alpha\) with \(\tan\alpha=\frac{10}{24}\). So its length is \(26\cdot\frac{10}{24}=\boxed{\frac{65}{6}}\).`,
    level: 5,
    topic: 'geometry',
  },
  {
    id: 'contest-10',
    problem: tex`Find the set of all ordered pairs $(a,b)$ of positive integers with $a\le b$ and
$$\frac1a+\frac1b+\frac1{ab}=\frac14.$$`,
    answer: tex`\{(5,24),(6,14),(8,9)\}`,
    solution: tex`Clearing denominators, $4(a+b+1)=ab$, so $(a-4)(b-4)=20$ with both factors positive: $1\cdot20$, $2\cdot10$, $4\cdot5$. The pairs are $\boxed{\{(5,24),(6,14),(8,9)\}}$.`,
    level: 5,
    topic: 'number theory',
  },
];
