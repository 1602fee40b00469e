/**
 * Drives the built reader in Chromium under the extension's content policy, with a real session behind it, and checks what it
 * must do: `node test/bench/reader-check.ts`. Prints the results; exits 1 if a check fails.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildAndLaunch } from './reader/browser.ts';
import { BenchSource, demoChain, fromText, fromTrace, realTraces } from './reader/chains.ts';
import { clickInto, opener, select, text, until } from './reader/look.ts';
import { spanChecks } from './reader/span-checks.ts';

const ugly = resolve(import.meta.dirname, '../../../shared/data/ugly');

const browser = await buildAndLaunch();
const open = opener(browser);

const CHECKS: Record<string, () => Promise<string>> = {
  'decisions, undo and redo': decisions,
  'labels from a selection, with formulas taken whole': labels,
  ...spanChecks(open),
  'an edit keeps spans, and a draft survives a reload': editing,
  'find reaches text that was never on the screen': finding,
  'dead ends are announced': deadEnds,
  'hostile chains stay text': hostile,
};

let failed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    console.log(`ok      ${name}: ${await check()}`);
  } catch (error) {
    failed += 1;
    console.log(`BROKEN  ${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
await browser.close();
console.log(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function decisions(): Promise<string> {
  const source = new BenchSource([demoChain(), fromText('second', 'Two.'), fromText('third', 'Three.')]);
  const { page, close } = await open(source);
  await page.keyboard.press('a');
  await until(page, 'document.querySelector(".problem-id").textContent === "second"');
  await page.keyboard.press('r');
  await page.keyboard.press('2');
  await page.keyboard.press('Enter');
  await until(page, 'document.querySelector(".problem-id").textContent === "third"');
  assert.match(await text(page, '.counts'), /1 accepted · 1 rejected/);
  await page.keyboard.press('u');
  await until(page, 'document.querySelector(".problem-id").textContent === "second"');
  await page.keyboard.press('u');
  await until(page, 'document.querySelector(".problem-id").textContent === "algebra-031"');
  assert.match(await text(page, '.counts'), /0 accepted · 0 rejected/);
  await page.keyboard.press('Shift+U');
  await until(page, 'document.querySelector(".decision-accepted") !== null');
  const kinds = source.acts.map(({ act }) => act).join(' ');
  assert.equal(kinds, 'accept reject undo undo redo');
  assert.equal(source.acts[1]?.reason, 'wrong or missing final answer');
  // Keys faster than any round trip: each must apply to the chain it was pressed for.
  await page.keyboard.press('n');
  for (const key of ['a', 's']) await page.keyboard.press(key);
  await until(page, 'document.querySelector(".counts").textContent.includes("1 skipped")');
  assert.deepEqual(
    source.acts.slice(-2).map(({ act, chainId }) => `${act} ${chainId}`),
    ['accept second', 'skip third'],
  );
  await close();
  return kinds;
}

async function labels(): Promise<string> {
  const source = new BenchSource([demoChain()]);
  const { page, close } = await open(source);
  await select(page, 'hence', 'Both roots');
  await page.keyboard.press('4');
  await until(page, 'document.querySelectorAll(".span.backward").length === 2');
  const label = source.acts.at(-1);
  assert.equal(label?.act, 'label');
  const whole = demoChain().chain.text;
  const labelled = label?.act === 'label' ? whole.slice(label.start, label.end) : '';
  assert.equal(labelled, 'hence $x^2-2x-15=0$ and $(x-5)(x+3)=0$. Both roots');
  // A selection that ends within a formula includes the whole formula.
  await select(page, 'Only', 'u');
  await page.keyboard.press('1');
  await until(page, 'document.querySelector("[data-label]") !== null');
  await page.waitForTimeout(150);
  const cut = source.acts.at(-1);
  const snapped = cut?.act === 'label' ? whole.slice(cut.start, cut.end) : '';
  assert.equal(snapped, 'Only $u=5$');
  const before = await page.evaluate<number>('document.querySelectorAll(".label:not(.continued)").length');
  await page.keyboard.press(']');
  await page.keyboard.press('x');
  await until(page, `document.querySelectorAll(".label:not(.continued)").length === ${before - 1}`);
  assert.equal(source.acts.at(-1)?.act, 'unlabel');
  await close();
  return `${JSON.stringify(labelled)}, ${JSON.stringify(snapped)}`;
}

async function editing(): Promise<string> {
  const source = new BenchSource([demoChain()]);
  const { page, close } = await open(source);
  for (const key of [']', ']', 'e']) await page.keyboard.press(key);
  await page.keyboard.press('End');
  await page.keyboard.type(' Added words.');
  await page.waitForTimeout(400);
  await page.reload();
  await until(
    page,
    'document.querySelector(".piece.editing vscode-text-area")?.value.includes("Added words.") === true',
  );
  await clickInto(page, '.piece.editing vscode-text-area');
  await page.keyboard.press('Control+Enter');
  await until(page, 'document.querySelector(".trace").textContent.includes("Added words.")');
  const state = (await source.item('algebra-031-1'))?.state;
  const spans = state?.spans.map(({ start, end }) => state.text.slice(start, end)) ?? [];
  const was = demoChain().chain.spans.map(({ start, end }) => demoChain().chain.text.slice(start, end));
  assert.deepEqual(
    spans.map((words) => words.replace(' Added words.', '')),
    was,
  );
  assert.ok(state?.edited);
  await page.keyboard.press('u');
  await until(page, '!document.querySelector(".trace").textContent.includes("Added words.")');
  // Esc keeps the draft, and e resumes it.
  for (const key of [']', ']', 'e']) await page.keyboard.press(key);
  await page.keyboard.type('Half a thought. ');
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  await until(
    page,
    'document.querySelector(".piece.editing vscode-text-area")?.value.includes("Half a thought.") === true',
  );
  await close();
  return `${spans.length} spans kept`;
}

async function finding(): Promise<string> {
  const rows = realTraces();
  if (rows.length === 0) return 'skipped: the real traces beside the project are absent';
  const chain = rows.map(fromTrace).reduce((a, b) => (b.chain.text.length > a.chain.text.length ? b : a));
  const last = chain.chain.text.trimEnd().split('\n').at(-1)?.slice(-24).trim() ?? '';
  const { page, close } = await open(new BenchSource([chain]));
  await page.keyboard.press('/');
  await page.keyboard.insertText(last);
  await until(page, '/^\\d+ of \\d+/.test(document.querySelector(".find .dim").textContent)');
  // Back over the beginning to the last match, at the very end of the trace.
  await page.keyboard.press('Shift+Enter');
  const [, at, of] = /^(\d+) of (\d+)$/.exec(await text(page, '.find .dim')) ?? [];
  assert.equal(at, of);
  await page.waitForTimeout(200);
  const seen = await page.evaluate<boolean>(`(() => {
    const [range] = CSS.highlights.get('find-current');
    const box = range.getBoundingClientRect();
    const view = document.querySelector('main').getBoundingClientRect();
    return box.top >= view.top && box.bottom <= view.bottom;
  })()`);
  assert.ok(seen, 'the match is on the screen');
  const count = await text(page, '.find .dim');
  await page.keyboard.press('Escape');
  assert.ok(await page.evaluate<boolean>('document.querySelector(".find").hidden'));
  await close();
  return `${JSON.stringify(last)} ${count}`;
}

async function deadEnds(): Promise<string> {
  const { page, close } = await open(new BenchSource([fromText('alone', 'No span and no answer.')]));
  const heard: string[] = [];
  for (const key of ['1', 'x', ']', '.', 'c', 'u', 'n', 'p']) {
    await page.keyboard.press('Escape');
    await page.keyboard.press(key);
    await until(page, 'document.querySelector(".toast[role=alert]").textContent !== ""');
    heard.push(await text(page, '.toast'));
  }
  await close();
  return `${new Set(heard).size} different words for 8 keys`;
}

async function hostile(): Promise<string> {
  if (!existsSync(ugly)) return 'skipped: the third-party data beside the project is absent';
  const read = (name: string, field: string): string[] =>
    readFileSync(resolve(ugly, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => String((JSON.parse(line) as Record<string, unknown>)[field]));
  const payloads = [...read('dompurify_payloads.jsonl', 'payload'), ...read('blns.jsonl', 'text')];
  const chains = Array.from({ length: Math.ceil(payloads.length / 25) }, (_, index) =>
    fromText(`hostile-${index}`, payloads.slice(index * 25, index * 25 + 25).join('\n\n')),
  );
  const { page, foreign, close } = await open(new BenchSource(chains));
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  for (let index = 0; index < chains.length; index += 1) {
    await until(page, `document.querySelector(".problem-id").textContent === "hostile-${index}"`);
    await until(page, 'document.querySelector(".trace").getAttribute("aria-busy") === "false"');
    const strange = await page.evaluate<
      string[]
    >(`[...document.querySelectorAll('.trace *, .facts *')].flatMap((node) => [
      ...(/^(?:script|img|iframe|object|embed|style|link|form|input|a|audio|video|base|meta)$/i.test(node.localName) ? [node.localName] : []),
      ...node.getAttributeNames().filter((name) => /^on|^(?:href|src|srcdoc|action)$/i.test(name)),
    ])`);
    assert.deepEqual(strange, [], `hostile-${index}`);
    await page.keyboard.press('n');
  }
  await page.waitForTimeout(300);
  assert.deepEqual(foreign, [], 'no request left the page');
  assert.deepEqual(dialogs, [], 'no script spoke');
  assert.deepEqual(await page.evaluate('window.__times.errors'), [], 'the policy had nothing to refuse');
  await close();
  return `${payloads.length} payloads in ${chains.length} chains, no request, no dialog, nothing for the policy to refuse`;
}
