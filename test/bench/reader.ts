/**
 * Measures the reader in Chromium on real traces and takes screenshots: `node test/bench/reader.ts [--screens FOLDER]
 * [--only-screens]`. With `--hostile [WORD]`, the longest task on hostile texts whose name holds the word instead.
 */
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildAndLaunch } from './reader/browser.ts';
import { type BenchChain, BenchSource, demoChain, episodeChain, fromTrace, realTraces } from './reader/chains.ts';
import { openReader } from './reader/host.ts';
import { measureHostile } from './reader/hostile.ts';
import { allMaths, longest, measureKeys } from './reader/keys.ts';
import { clickInto } from './reader/look.ts';
import { THEMES, type Theme } from './reader/themes.ts';
import { type Longest, longestTask, startTrace, traced } from './reader/trace.ts';

/** Openings of each trace; the minimum and the median are reported. */
const RUNS = 7;

const screens = process.argv.includes('--screens') ? process.argv[process.argv.indexOf('--screens') + 1] : undefined;

interface Times {
  snapshot: number;
  text: number;
  maths: number;
  errors: string[];
}

const browser = await buildAndLaunch();
try {
  const rows = realTraces();
  const hostile = process.argv.indexOf('--hostile');
  if (hostile >= 0) await measureHostile(browser, process.argv[hostile + 1]);
  else if (process.argv.includes('--only-screens')) console.log('Screenshots only.');
  else if (rows.length === 0)
    console.log('The real traces beside the project are absent: only the screenshots are taken.');
  else await measure(browser, rows.map(fromTrace));
  if (screens !== undefined) await takeScreens(browser, screens);
} finally {
  await browser.close();
}

async function measure(within: Browser, chains: BenchChain[]): Promise<void> {
  const formulas = ({ chain }: BenchChain): number => chain.text.split(/\\\(|\\\[|\$+[^$]+\$+/).length - 1;
  const longestChain = chains.reduce((a, b) => (b.chain.text.length > a.chain.text.length ? b : a));
  const mathsiest = chains.reduce((a, b) => (formulas(b) > formulas(a) ? b : a));
  console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
  for (const [name, chain] of [
    ['longest', longestChain],
    ['most maths', mathsiest],
  ] as const) {
    const runs: Times[] = [];
    const tasks: Longest[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { times, task } = await traced(() => opening(within, chain));
      runs.push(times);
      tasks.push(task);
    }
    const text = runs.map((times) => times.text - times.snapshot);
    const maths = runs.map((times) => times.maths - times.snapshot);
    const page = runs.map((times) => times.text);
    console.log(
      `${name} (${chain.chain.text.length} characters, about ${formulas(chain)} formulas), ${RUNS} openings:`,
      `first readable text ${spread(text)} after the snapshot, ${spread(page)} after the page began;`,
      `all maths ${spread(maths)}; longest task ${longest(tasks)}`,
      ...runs.flatMap(({ errors }) => errors),
    );
  }
  for (const pause of [400, 120]) await traced(() => measureKeys(within, new BenchSource(chains.slice(0, 60)), pause));
}

async function opening(within: Browser, chain: BenchChain): Promise<{ times: Times; task: Longest }> {
  const trace = await startTrace(within);
  const reader = await openReader(within, new BenchSource([chain]), THEMES.dark);
  try {
    await allMaths(reader.page);
    const times = await reader.page.evaluate<Times>('window.__times');
    return { times, task: await longestTask(trace) };
  } finally {
    await reader.close();
  }
}

function spread(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return `${middle.toFixed(0)} ms (${sorted[0]?.toFixed(0)}–${sorted.at(-1)?.toFixed(0)})`;
}

async function takeScreens(within: Browser, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const rows = realTraces();
  // The last chains are of one problem, for the comparison.
  const twin = rows.findIndex(
    ({ problem_id }, index) => rows.findLastIndex((row) => row.problem_id === problem_id) > index,
  );
  const twins = rows.filter(({ problem_id }) => problem_id === rows[twin]?.problem_id).slice(0, 3);
  const chains = [demoChain(), episodeChain(), ...twins.map(fromTrace)];
  const shot = async (name: string, theme: Theme, act: (page: Page) => Promise<void>, width = 1280): Promise<void> => {
    const reader = await openReader(within, new BenchSource(chains), theme, { width, height: 820 });
    await allMaths(reader.page);
    await clickInto(reader.page, '.trace h2');
    await act(reader.page);
    await reader.page.waitForTimeout(250);
    await reader.page.screenshot({ path: join(folder, `${name}.png`) });
    await reader.close();
  };
  const press = async (page: Page, ...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  for (const [name, theme] of Object.entries(THEMES)) await shot(name, theme, (page) => press(page, ']', ']'));
  for (const [name, theme] of Object.entries(THEMES)) await shot(`episode-${name}`, theme, (page) => press(page, 'n'));
  await shot('reject', THEMES.dark, (page) => press(page, 'r', '2'));
  await shot('edit', THEMES.dark, (page) => press(page, ']', ']', 'e'));
  await shot('sheet', THEMES.light, (page) => press(page, '?'));
  await shot('find', THEMES.dark, async (page) => {
    await press(page, '/');
    await page.keyboard.type('root');
  });
  await shot('source', THEMES.light, (page) => press(page, 't', '.', '1'));
  await shot('narrow', THEMES.dark, (page) => press(page, ']'), 620);
  await shot('narrow-facts', THEMES.light, (page) => press(page, 'g'), 820);
  if (rows.length === 0) return;
  await shot('trace', THEMES.dark, (page) => press(page, 'n', 'n', ']', ']', ']', '.'));
  await shot('compare', THEMES.light, (page) => press(page, 'n', 'n', 'c'));
}
