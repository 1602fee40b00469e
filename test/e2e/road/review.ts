import assert from 'node:assert/strict';
import { foldActs } from '../../../src/core/review/index.ts';
import { Chain, ReviewAct } from '../../../src/core/schemas/index.ts';
import { focusReader, openReader, readerShown, selectParagraph, shownChain } from './reader.ts';
import { REVIEWER, type Road, type RoadStep } from './road.ts';

const acts = (road: Road): ReviewAct[] => road.lines(ReviewAct, 'reviews', `${REVIEWER}.jsonl`);

/** Waits for the next act in the reviewer's file and gives it. */
async function nextAct<A extends ReviewAct['act']>(
  road: Road,
  act: A,
  count: number,
): Promise<Extract<ReviewAct, { act: A }>> {
  await road.workbench.until(`the act “${act}” in reviews/${REVIEWER}.jsonl`, async () => acts(road).length > count);
  const found = acts(road)[count];
  assert.equal(found?.act, act);
  assert.equal(found?.reviewer, REVIEWER);
  assert.equal(acts(road).length, count + 1, 'one key wrote more than one act');
  return found as Extract<ReviewAct, { act: A }>;
}

async function chainOf(road: Road, id: string): Promise<Chain> {
  for (const round of await road.list('rounds')) {
    const found = road.lines(Chain, 'rounds', round, 'chains.jsonl').findLast((chain) => chain.id === id);
    if (found) return found;
  }
  throw new Error(`no round holds the chain ${id}`);
}

export const decide: RoadStep = {
  name: 'accept, reject with a reason and undo by keys',
  async walk(road) {
    const { workbench } = road;
    const { keyboard } = workbench.page;
    const frame = await openReader(workbench);
    await workbench.screenshot('6-reader');
    await focusReader(frame);
    const first = await shownChain(frame);
    let count = acts(road).length;
    await keyboard.press('a');
    assert.equal((await nextAct(road, 'accept', count++)).chainId, first);
    await workbench.until('the next chain', async () => (await shownChain(frame)) !== first);
    const second = await shownChain(frame);
    await keyboard.press('r');
    await frame.locator('.ask').waitFor();
    await keyboard.press('1');
    await workbench.screenshot('6-reject');
    await keyboard.press('Enter');
    const reject = await nextAct(road, 'reject', count++);
    assert.equal(reject.chainId, second);
    assert.ok(reject.reason, 'the reason was not kept');
    await keyboard.press('u');
    const undo = await nextAct(road, 'undo', count++);
    assert.equal(undo.target, reject.id);
    const state = foldActs(await chainOf(road, second), acts(road));
    assert.equal(state.decision, 'pending', 'the undo did not take the rejection back');
    await workbench.until('the chain whose rejection was undone', async () => (await shownChain(frame)) === second);
    return `${first} accepted, ${second} rejected (“${reject.reason}”) and undone`;
  },
};

export const labelAndEdit: RoadStep = {
  name: 'label a selection and edit the text around it',
  async walk(road) {
    const { workbench } = road;
    const { keyboard } = workbench.page;
    const frame = await readerShown(workbench);
    const id = await shownChain(frame);
    const chain = await chainOf(road, id);
    let count = acts(road).length;
    const selected = await selectParagraph(frame);
    await keyboard.press('1');
    const label = await nextAct(road, 'label', count++);
    const labelled = chain.text.slice(label.start, label.end);
    assert.equal(label.kind, 'verification');
    assert.ok(sameWords(labelled, selected), `selected “${selected}”, labelled “${labelled}”`);
    await workbench.screenshot('6-label');
    await keyboard.press('e');
    const field = frame.locator('.edit textarea').first();
    await field.waitFor();
    await keyboard.press('Control+Home');
    await keyboard.type('First of all: ');
    // Escape keeps the draft, and the same key resumes it.
    await keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await keyboard.press('e');
    await workbench.until('the draft', async () => (await field.inputValue()).startsWith('First of all: '));
    await workbench.screenshot('6-edit');
    await keyboard.press('Control+Enter');
    const edit = await nextAct(road, 'edit', count++);
    assert.deepEqual(
      edit.changes.map(({ insert }) => insert),
      ['First of all: '],
    );
    const after = foldActs(chain, acts(road));
    const span = after.spans.find((one) => one.id === label.id);
    assert.equal(after.text.slice(span?.start, span?.end), labelled, 'the span did not stay on its text');
    return `a verification label on ${label.end - label.start} characters of ${id}; 14 characters written before it`;
  },
};

export const reopenReader: RoadStep = {
  name: 'reload the window and find the reader as it was',
  async walk(road) {
    const { workbench } = road;
    const before = await shownChain(await readerShown(workbench));
    const written = acts(road).length;
    await workbench.stored(before);
    await workbench.open();
    const frame = await readerShown(workbench);
    assert.equal(await shownChain(frame), before, 'the reader came back with another chain');
    await frame.getByText('First of all:').first().waitFor();
    assert.equal(acts(road).length, written, 'reopening wrote acts');
    await focusReader(frame);
    await workbench.page.keyboard.press('?');
    await frame.getByText('Label Sentence, Selection or Span: Verification').waitFor();
    await workbench.screenshot('6-keys');
    await workbench.page.keyboard.press('Escape');
    return `${before} is open again with its edit, ${written} acts kept`;
  },
};

export const keepQuickPick: RoadStep = {
  name: 'a quick pick gets the focus back that the reader was given late',
  async walk(road) {
    const { workbench } = road;
    const frame = await readerShown(workbench);
    const written = acts(road).length;
    await workbench.command('Longhand: Show Round');
    await workbench.asks('Show which round?');
    // What VS Code does some time after its palette has closed.
    await frame.locator('body').evaluate('window.focus()');
    await workbench.page.keyboard.press('a');
    await workbench.until('the focus in the quick pick', () =>
      // Its box, or its list, from which the arrow keys and Enter work as well.
      workbench.page.evaluate<boolean>('document.activeElement?.closest(".quick-input-widget") != null'),
    );
    await workbench.asks('Show which round?');
    assert.equal(acts(road).length, written, 'a letter that was typed for the quick pick became an act');
    await workbench.page.keyboard.press('Escape');
    return 'the pick stayed open, and no act was written';
  },
};

export const acceptGenerated: RoadStep = {
  name: 'accept a chain that the model wrote',
  async walk(road) {
    const { workbench } = road;
    await workbench.command('Longhand: Show Round');
    await workbench.pick(road.round);
    await workbench.pick('Open Review Queue');
    const frame = await readerShown(workbench);
    const ids = new Set(road.lines(Chain, 'rounds', road.round, 'chains.jsonl').map(({ id }) => id));
    await workbench.until('a chain of the generated round', async () => ids.has(await shownChain(frame)));
    await focusReader(frame);
    await workbench.screenshot('6-generated');
    const count = acts(road).length;
    await workbench.page.keyboard.press('a');
    // What a small model writes may be wrong: then the key asks first.
    const question = frame.locator('.question:not(:empty)');
    await workbench.until(
      'an act or a question',
      async () => acts(road).length > count || (await question.count()) > 0,
    );
    if (acts(road).length === count) {
      // Within half a second of the question the key does not confirm.
      await workbench.page.waitForTimeout(600);
      await workbench.page.keyboard.press('a');
    }
    const act = await nextAct(road, 'accept', count);
    assert.ok(ids.has(act.chainId));
    const decisions = acts(road).map(({ act }) => act);
    return `${decisions.length} acts in all: ${decisions.join(', ')}`;
  },
};

export const removeFilter: RoadStep = {
  name: 'see the filter of the reader and remove it',
  async walk(road) {
    const { workbench } = road;
    const frame = await readerShown(workbench);
    await workbench.tab(/^Longhand Review: Round: \d+-dialogue · \d+ of \d+/);
    const before = await shownChain(frame);
    const chip = frame.locator('.filter-chip').filter({ hasText: road.round });
    await workbench.screenshot('6-filtered');
    await chip.getByRole('button').click();
    await chip.waitFor({ state: 'detached' });
    await workbench.until('the plain title', async () => (await workbench.tabs()).includes('Longhand Review'));
    assert.equal(await shownChain(frame), before, 'the place was lost with the filter');
    return `${before} is still open, now among all chains`;
  },
};

/** The source has Markdown signs and line breaks that the page does not show. */
function sameWords(source: string, shown: string): boolean {
  const plain = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  return plain(shown) !== '' && plain(source) === plain(shown);
}
