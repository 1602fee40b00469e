import assert from 'node:assert/strict';
import { BenchSource, demoChain, episodeChain } from './chains.ts';
import { type Open, select, text, until } from './look.ts';

/** Checks of spans and verdicts in the reader, by name. */
export function spanChecks(open: Open): Record<string, () => Promise<string>> {
  return {
    'a selected span is moved, split and merged by keys, each undone with one key': () => moves(open),
    'a selected span is extended with the mouse, and x removes the new label': () => drawing(open),
    'a span of several screens has one label on each': () => longSpan(open),
    'a verdict shows how it was reached, and a reviewer overrules it': () => verdicts(open),
  };
}

/** Texts of the spans as the acts leave them, by kind. */
async function spansOf(source: BenchSource, kind: string): Promise<string[]> {
  const state = (await source.item('algebra-031-1'))?.state;
  return (state?.spans ?? [])
    .filter((span) => span.kind === kind)
    .sort((a, b) => a.start - b.start)
    .map(({ start, end }) => state?.text.slice(start, end) ?? '');
}

const checked = [
  'Squaring can let values in that the equation itself refuses, so let me put both back.',
  'For $x=5$: $\\sqrt{25}=5$, good.',
  'For $x=-3$: $\\sqrt{9}=3$, but the right side is $-3$.',
];

async function moves(open: Open): Promise<string> {
  const source = new BenchSource([demoChain()]);
  const { page, close } = await open(source);
  const after = async (key: string): Promise<string[]> => {
    const count = source.acts.length;
    await page.keyboard.press(key);
    for (let look = 0; look < 100 && source.acts.length === count; look += 1) await page.waitForTimeout(20);
    await page.waitForTimeout(60);
    return spansOf(source, 'verification');
  };
  assert.deepEqual(await spansOf(source, 'verification'), checked);
  for (const key of [']', ']']) await page.keyboard.press(key);
  const [one, two, three] = checked;
  assert.deepEqual(await after('+'), [`${one} ${two}`, three]);
  assert.deepEqual(await after('+'), [`${one} ${two} ${three}`]);
  assert.deepEqual(await after('Shift+ArrowLeft'), [`${one} ${two}`]);
  assert.deepEqual(await after('Shift+ArrowDown'), [two]);
  assert.deepEqual(await after('Shift+ArrowRight'), [`${two} ${three}`]);
  assert.deepEqual(await after('|'), [two, three]);
  // After a split the first part stays selected.
  assert.deepEqual(await after('3'), [three]);
  assert.ok((await spansOf(source, 'subgoal')).includes(two ?? ''));
  for (let back = 0; back < 7; back += 1) await after('u');
  assert.deepEqual(await spansOf(source, 'verification'), checked);
  const kinds = source.acts.map(({ act }) => act).join(' ');
  await close();
  return kinds;
}

async function drawing(open: Open): Promise<string> {
  const source = new BenchSource([demoChain()]);
  const { page, close } = await open(source);
  for (const key of [']', ']', ']']) await page.keyboard.press(key);
  await until(page, 'document.querySelector(".span-handle.end") !== null');
  const at = (selector: string): Promise<{ x: number; y: number }> =>
    page.evaluate<{ x: number; y: number }>(`(() => {
      const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    })()`);
  const word = await page.evaluate<{ x: number; y: number }>(`(() => {
    const walk = document.createTreeWalker(document.querySelector('.trace'), NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const found = node.data.indexOf('right side');
      if (found < 0) continue;
      const range = document.createRange();
      range.setStart(node, found + 2);
      range.setEnd(node, found + 3);
      const box = range.getBoundingClientRect();
      return { x: box.left, y: box.top + box.height / 2 };
    }
  })()`);
  const handle = await at('.span-handle.end');
  await page.mouse.move(handle.x, handle.y);
  await page.mouse.down();
  await page.mouse.move(word.x, word.y, { steps: 6 });
  assert.equal(await page.evaluate('[...CSS.highlights.get("pointed")].length > 0'), true);
  await page.mouse.up();
  for (let look = 0; look < 100 && source.acts.length === 0; look += 1) await page.waitForTimeout(20);
  const drawn = (await spansOf(source, 'verification'))[1];
  // Extended into the next span of its kind, it merges with it.
  assert.equal(drawn, `${checked[1]} ${checked[2]}`);
  // The extended span is still selected, with its tools.
  await until(page, 'document.querySelectorAll(".span.focused").length > 0');
  await page.locator('.span-tools [data-kind="backward"]').click();
  for (let look = 0; look < 100 && source.acts.length === 1; look += 1) await page.waitForTimeout(20);
  assert.ok((await spansOf(source, 'backward')).includes(drawn ?? ''));
  await page.keyboard.press('Escape');
  await select(page, 'Both roots', 'real');
  await page.keyboard.press('1');
  await page.keyboard.press('x');
  for (let look = 0; look < 100 && source.acts.length < 4; look += 1) await page.waitForTimeout(20);
  const [label, unlabel] = source.acts.slice(-2);
  assert.ok(label?.act === 'label' && unlabel?.act === 'unlabel' && unlabel.spanId === label.id);
  await close();
  return JSON.stringify(drawn);
}

async function longSpan(open: Open): Promise<string> {
  const source = new BenchSource([episodeChain()]);
  const { page, close } = await open(source);
  const shown = (): Promise<string[]> =>
    page.evaluate<string[]>(`(() => {
      const view = document.querySelector('.scroller').getBoundingClientRect();
      return [...document.querySelectorAll('.label.verification')]
        .filter((label) => getComputedStyle(label).visibility === 'visible')
        .filter((label) => label.getBoundingClientRect().bottom > view.top + 8 && label.getBoundingClientRect().top < view.bottom - 8)
        .map(({ title }) => title);
    })()`);
  const from = 'classifier 09c9b385, confidence 0.84';
  assert.deepEqual(await shown(), [`verification, ${from}`]);
  const places: number[] = [];
  for (let top = 200; top < 1_150; top += 83) {
    await page.evaluate(`document.querySelector('.scroller').scrollTop = ${top}`);
    await page.waitForTimeout(150);
    assert.deepEqual(await shown(), [`verification, continued, ${from}`], `at ${top} pixels`);
    places.push(top);
  }
  await close();
  return `${places.length} places`;
}

async function verdicts(open: Open): Promise<string> {
  const source = new BenchSource([demoChain()]);
  const { page, close } = await open(source);
  await page.keyboard.press('v');
  await until(page, 'document.activeElement?.id === "verdict" && document.activeElement.closest("details").open');
  const how = await text(page, '.verdict .how');
  assert.match(how, /found\s*5[\s\S]*normal form\s*5[\s\S]*gold normal form\s*5[\s\S]*Both are the number 5/);
  await page.locator('.verdict .to-place').click();
  const pointed = await page.evaluate<string>(
    '[...CSS.highlights.get("pointed")].join("") || document.querySelector(".formula.pointed annotation").textContent',
  );
  assert.equal(pointed, '\\boxed{5}');
  await page.keyboard.press('w');
  await page.keyboard.press('Enter');
  assert.match(await text(page, '.ask .dim'), /Choose/);
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  assert.match(await text(page, '.ask .dim'), /reason/);
  await page.keyboard.type('both roots are asked for');
  await page.keyboard.press('Enter');
  await until(page, 'document.querySelector(".verdict .overruled") !== null');
  const act = source.acts.at(-1);
  assert.ok(act?.act === 'override' && act.outcome === 'incorrect' && act.reason === 'both roots are asked for');
  assert.match(await text(page, '.verdict'), /your override\s*incorrect/);
  await page.keyboard.press('u');
  await until(page, 'document.querySelector(".verdict .overruled") === null');
  assert.match(await text(page, '.quiet'), /Undone/);
  const heard: string[] = [];
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press('.');
    heard.push(await text(page, '.quiet'));
  }
  // The walk starts at the scroll position.
  const [first, second, third] = heard.sort();
  assert.equal(first, 'answer 1 of 3: 2, wrong, at 19 %');
  assert.match(second ?? '', /^answer 2 of 3: 5, right, at \d+ %, from wrong to right$/);
  assert.match(third ?? '', /^answer 3 of 3: 5, right, at \d+ %$/);
  await close();
  return second ?? '';
}
