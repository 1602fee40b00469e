import { describe, expect, it } from 'vitest';
import { countBuckets, difficultyPicture, type PictureRow } from '../../../src/core/sampling/index.ts';

const EDGES = [0, 0.5, 1];
/** Counts of the buckets from “never solved” to the end; the three before are empty. */
const row = (title: string, before: number[], after: number[]): PictureRow => {
  const buckets = countBuckets(EDGES, []);
  const counted = (counts: number[]) => buckets.map((bucket, i) => ({ ...bucket, problems: counts[i - 3] ?? 0 }));
  return { title, covered: { before: 1, after: 4 }, before: counted(before), after: counted(after) };
};

/** Position and height of the drawn bars of a kind. */
function bars(svg: string, kind: 'before' | 'after'): { y: number; height: number }[] {
  const pattern = new RegExp(`<rect class="${kind}" x="[\\d.]+" y="([\\d.]+)" width="[\\d.]+" height="([\\d.]+)"`, 'g');
  return [...svg.matchAll(pattern)].map(([, y, height]) => ({ y: Number(y), height: Number(height) }));
}

describe('the picture of difficulty', () => {
  it('draws bars before and after for each bucket on one axis, with the count as height', () => {
    const svg = difficultyPicture('set', [row('1-first', [10, 0, 0], [2, 5, 3])]);
    expect(bars(svg, 'before').map(({ height }) => height)).toEqual([0, 0, 0, 110, 0, 0]);
    expect(bars(svg, 'after').map(({ height }) => height)).toEqual([0, 0, 0, 22, 55, 33]);
    const feet = [...bars(svg, 'before'), ...bars(svg, 'after')].map(({ y, height }) => y + height);
    expect(new Set(feet).size).toBe(1);
    const line = Number(/<line class="axis" x1="16" y1="([\d.]+)"/.exec(svg)?.[1]);
    expect(feet[0]).toBe(line);
    for (const count of [10, 2, 5, 3]) expect(svg).toContain(`class="middle">${count}</text>`);
    for (const name of ['not sampled', 'not graded', 'only truncated', 'never solved', '0 – 0.5', '0.5 – 1'])
      expect(svg).toContain(`>${name}</text>`);
    expect(svg).toContain('1 before (dashed), 4 after (filled)');
  });

  it('scales each round separately, and grows with the number of rounds', () => {
    const svg = difficultyPicture('set', [
      row('1-first', [10, 0, 0], [0, 10, 0]),
      row('2-second', [0, 2, 0], [0, 1, 1]),
    ]);
    expect(bars(svg, 'before').map(({ height }) => height)).toEqual([0, 0, 0, 110, 0, 0, 0, 0, 0, 0, 110, 0]);
    expect(bars(svg, 'after').map(({ height }) => height)).toEqual([0, 0, 0, 0, 110, 0, 0, 0, 0, 0, 55, 55]);
    const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1]);
    expect(Math.max(...bars(svg, 'after').map((bar) => bar.y + bar.height))).toBeLessThan(height);
  });

  it('escapes markup in names, and describes the picture in its label', () => {
    const svg = difficultyPicture('<script>&"', [row('a<b', [1, 0, 0], [0, 1, 0])]);
    expect(svg).not.toMatch(/<script|a<b/);
    expect(svg).toMatch(/role="img" aria-label="&#60;script&#62;&#38;&#34;\. a&#60;b: covered 1, then 4"/);
  });

  it('takes its colours from the theme', () => {
    const svg = difficultyPicture('set', [row('1-first', [1, 0, 0], [0, 1, 0])]);
    const colours = [...svg.matchAll(/(?:fill|stroke|color):([^;}]+)/g)].map(([, value]) => value ?? '');
    expect(colours.length).toBeGreaterThan(4);
    expect(colours.every((value) => /^(?:currentColor|none|var\(--vscode-[\w-]+,#[\da-f]{6}\))$/.test(value))).toBe(
      true,
    );
  });

  it('draws a valid picture without rounds or problems', () => {
    expect(difficultyPicture('set', [])).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(bars(difficultyPicture('set', [row('1-first', [], [])]), 'after').every(({ height }) => height === 0)).toBe(
      true,
    );
  });
});
