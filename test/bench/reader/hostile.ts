import type { Browser } from 'playwright-core';
import { BenchSource, fromText } from './chains.ts';
import { openReader } from './host.ts';
import { until } from './look.ts';
import { THEMES } from './themes.ts';
import { longestTask, startTrace, traced } from './trace.ts';

const LENGTH = 2_000_000;
const filled = (unit: string): string => unit.repeat(Math.floor(LENGTH / unit.length));
const nested = (open: string, close: string, levels: number): string =>
  `\\[${open.repeat(levels)}x${close.repeat(levels)}\\]`;

/** Texts that froze or crashed a reader, or that cost a parser or a layout most. */
const TEXTS: Record<string, string> = {
  'phantom nested 500': nested('\\phantom{', '}', 500),
  'phantom, 500 in a row': `\\[${'\\phantom{x}'.repeat(500)}\\]`,
  'boxed nested 18': nested('\\boxed{', '}', 18),
  'boxed nested 140': nested('\\boxed{', '}', 140),
  'sqrt nested 24': nested('\\sqrt{', '}', 24),
  'frac nested 500': nested('\\frac1{', '}', 500),
  'a formula of 1,000 signs': `\\[${'x+y='.repeat(249)}z\\]`,
  '20,000 boxed': '\\boxed{5}'.repeat(20_000),
  '20,000 boxed with spaces': '\\boxed{5} '.repeat(20_000),
  '50,000 paragraphs': Array.from({ length: 50_000 }, (_, index) => `Paragraph ${index} of the text.`).join('\n\n'),
  '50,000 formulas': '$x$ '.repeat(50_000),
  '50,000 formulas in paragraphs': '$x$\n\n'.repeat(50_000),
  'one line of 2 MB': filled('a word and '),
  'one word of 2 MB': filled('a'),
  'nested lists': filled('- '),
  'lists inside lists': `${Array.from({ length: 900 }, (_, level) => `${' '.repeat(level * 2)}- a`).join('\n')}`,
  'a table of 2 MB': `| a | b |\n| - | - |\n${filled('| 1 | 2 |\n')}`,
  ...Object.fromEntries(
    ['$', '[', '*', '\\(', '\\[', '`', '\n', '> ', '_*', 'a\n\n', '\\begin{align}'].map((unit) => [
      `2 MB of ${JSON.stringify(unit)}`,
      filled(unit),
    ]),
  ),
};

/** Longest task that docs/architecture.md promises, in milliseconds of CPU time. */
const LIMIT_MS = 50;
/** A busy machine stretches CPU time too: a text above the limit is opened again, this many times at most, and the least counts. */
const MOST_RUNS = 4;

/**
 * Opens each text, reads to its end by keys, and prints the longest task from the snapshot on. `words` chooses texts by parts of their names:
 * `boxed|table`. Sets the exit code to 1 when a text exceeds the limit.
 */
export async function measureHostile(browser: Browser, words: string | undefined): Promise<void> {
  for (const [name, text] of Object.entries(TEXTS)) {
    if (words !== undefined && !words.split('|').some((word) => name.includes(word))) continue;
    const runs: Measured[] = [];
    while (runs.length < MOST_RUNS && runs.every(({ cpu }) => cpu > LIMIT_MS))
      runs.push(await traced(() => measureText(browser, text)));
    const least = runs.reduce((a, b) => (b.cpu < a.cpu ? b : a));
    if (least.cpu > LIMIT_MS) process.exitCode = 1;
    const all = runs.map(({ cpu }) => cpu.toFixed(0)).join(', ');
    console.log(`${name}: longest task ${all} ms of CPU time; ${least.words}`);
  }
}

interface Measured {
  cpu: number;
  words: string;
}

async function measureText(browser: Browser, text: string): Promise<Measured> {
  const trace = await startTrace(browser);
  const reader = await openReader(browser, new BenchSource([fromText('hostile', text)]), THEMES.dark);
  try {
    const { page } = reader;
    // A locator looks for shadow roots in all elements of the page: its own task would be the longest.
    await until(page, 'document.querySelector(".trace") !== null', 60_000);
    await page.evaluate('document.querySelector("main").focus()');
    for (const key of ['PageDown', 'PageDown', 'PageDown', 'End', 'PageUp', 'Home']) {
      await page.keyboard.press(key);
      await page.waitForTimeout(150);
    }
    await until(page, 'window.__times.maths !== undefined', 60_000);
    const times = await page.evaluate<{ text: number; maths: number; snapshot: number; errors: string[] }>(
      'window.__times',
    );
    const { wall, cpu, steps } = await longestTask(trace);
    const nodes = await page.evaluate<number>('document.querySelectorAll("*").length');
    const after = (time: number): string => `${(time - times.snapshot).toFixed(0)} ms`;
    const words = `${wall.toFixed(0)} ms by the clock; text after ${after(times.text)}, all after ${after(times.maths)}; ${nodes} elements (${steps})`;
    return { cpu, words: [words, ...times.errors].join(' ') };
  } finally {
    await reader.close();
  }
}
