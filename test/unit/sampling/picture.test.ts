import { describe, expect, it } from 'vitest';
import { countBuckets, difficultyPicture, type PictureRow } from '../../../src/core/sampling/index.ts';

const EDGES = [0, 0.5, 1];
const row = (title: string, before: number[], after: number[]): PictureRow => {
  const buckets = countBuckets(EDGES, []);
  const counted = (counts: number[]) => buckets.map((bucket, i) => ({ ...bucket, problems: counts[i] ?? 0 }));
  return { title, covered: { before: 1, after: 4 }, before: counted(before), after: counted(after) };
};

/** Bars of a kind as drawn: where they stand and how high they are. */
function bars(svg: string, kind: 'before' | 'after'): { y: number; height: number }[] {
  const pattern = new RegExp(`<rect class="${kind}" x="[\\d.]+" y="([\\d.]+)" width="[\\d.]+" height="([\\d.]+)"`, 'g');
  return [...svg.matchAll(pattern)].map(([, y, height]) => ({ y: Number(y), height: Number(height) }));
}

describe('the picture of difficulty', () => {
  it('has a bar before and after for each bucket, as high as it has problems, on one line', () => {
    const svg = difficultyPicture('set', [row('1-first', [10, 0, 0], [2, 5, 3])]);
    expect(bars(svg, 'before').map(({ height }) => height)).toEqual([110, 0, 0]);
    expect(bars(svg, 'after').map(({ height }) => height)).toEqual([22, 55, 33]);
    const feet = [...bars(svg, 'before'), ...bars(svg, 'after')].map(({ y, height }) => y + height);
    expect(new Set(feet).size).toBe(1);
    const line = Number(/<line class="axis" x1="16" y1="([\d.]+)"/.exec(svg)?.[1]);
    expect(feet[0]).toBe(line);
    for (const count of [10, 2, 5, 3]) expect(svg).toContain(`class="middle">${count}</text>`);
    for (const name of ['never', '0 – 0.5', '0.5 – 1']) expect(svg).toContain(`>${name}</text>`);
    expect(svg).toContain('1 before (dashed), 4 after (filled)');
  });

  it('scales each round for itself, and grows with the rounds', () => {
    const svg = difficultyPicture('set', [
      row('1-first', [10, 0, 0], [0, 10, 0]),
      row('2-second', [0, 2, 0], [0, 1, 1]),
    ]);
    expect(bars(svg, 'before').map(({ height }) => height)).toEqual([110, 0, 0, 0, 110, 0]);
    expect(bars(svg, 'after').map(({ height }) => height)).toEqual([0, 110, 0, 0, 55, 55]);
    const height = Number(/viewBox="0 0 640 (\d+)"/.exec(svg)?.[1]);
    expect(Math.max(...bars(svg, 'after').map((bar) => bar.y + bar.height))).toBeLessThan(height);
  });

  it('names nothing that a title could break out of, and says in words what it shows', () => {
    const svg = difficultyPicture('<script>&"', [row('a<b', [1, 0, 0], [0, 1, 0])]);
    expect(svg).not.toMatch(/<script|a<b/);
    expect(svg).toMatch(/role="img" aria-label="&#60;script&#62;&#38;&#34;\. a&#60;b: covered 1, then 4"/);
  });

  it('takes its colours from where it stands', () => {
    const svg = difficultyPicture('set', [row('1-first', [1, 0, 0], [0, 1, 0])]);
    const colours = [...svg.matchAll(/(?:fill|stroke|color):([^;}]+)/g)].map(([, value]) => value ?? '');
    expect(colours.length).toBeGreaterThan(4);
    expect(colours.every((value) => /^(?:currentColor|none|var\(--vscode-[\w-]+,#[\da-f]{6}\))$/.test(value))).toBe(
      true,
    );
  });

  it('of no round and of no problem is a picture still', () => {
    expect(difficultyPicture('set', [])).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(bars(difficultyPicture('set', [row('1-first', [], [])]), 'after').every(({ height }) => height === 0)).toBe(
      true,
    );
  });
});
