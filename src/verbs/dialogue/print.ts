import { present } from '../../core/defined.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { code } from '../../core/text/markdown.ts';
import type { RebuildResult, RebuiltChain } from '../../protocol/rework.ts';

const SHOWN = 20;

/** The result for a person at a terminal: counts, and the first chains that change. */
export function formatRebuild(result: RebuildResult): string {
  const lines = result.listed.slice(0, SHOWN).map((chain) => `  ${chain.id}: ${changesOf(chain).join('; ')}`);
  const more = result.changed - lines.length;
  const fate = result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.';
  return present(countsOf(result), ...lines, more > 0 && `  … and ${formatCount(more)} more`, fate).join('\n');
}

/** The result as a Markdown page, with excerpts at the first difference of texts. */
export function rebuildPage(result: RebuildResult): string {
  const { settings, listed, changed } = result;
  const untrained = settings.untrained.length === 0 ? 'none' : settings.untrained.map(code).join(', ');
  const sections = listed.map((chain) => {
    const { text } = chain;
    const diff = text ? ['', '```diff', `- ${oneLine(text.before)}`, `+ ${oneLine(text.after)}`, '```'] : [];
    return [`### ${code(chain.id)}`, '', ...changesOf(chain).map((change) => `- ${change}`), ...diff].join('\n');
  });
  const more = changed - listed.length;
  return present(
    '# What changes when the chains are rebuilt',
    countsOf(result),
    `Not trained: ${untrained}. Kept per problem: at most ${settings.keepPerProblem}. First answers wrong: ${settings.firstWrongShare} %.`,
    ...sections,
    more > 0 && `… and ${formatCount(more)} more.`,
    '',
  ).join('\n\n');
}

/** One paragraph of counts. */
export function countsOf(result: RebuildResult): string {
  const { chains, changed, texts, masks, passedBefore, passedAfter, keptBefore, keptAfter, reviewed, missing } = result;
  const kept = (of: Readonly<Record<string, number>>): string =>
    ['FT', 'TF', 'TT'].map((name) => `${formatCount(of[name] ?? 0)} ${name}`).join(', ');
  return present(
    `Dialogue chains that change: ${formatCount(changed)} of ${formatCount(chains)} (text: ${formatCount(texts)}, loss mask: ${formatCount(masks)}).`,
    `Passed: ${formatCount(passedBefore)} → ${formatCount(passedAfter)}. Kept: ${kept(keptBefore)} → ${kept(keptAfter)}.`,
    reviewed > 0 &&
      `${plural(reviewed, 'chain keeps its', 'chains keep their')} text, because a reviewer edited or labelled it.`,
    missing > 0 &&
      `${plural(missing, 'chain is not changed: its problem is', 'chains are not changed: their problems are')} missing.`,
  ).join(' ');
}

function changesOf({ text, mask, joinedAs, passed, kept }: RebuiltChain): string[] {
  return present(
    joinedAs && `joined as ${joinedAs.after}, not ${joinedAs.before}`,
    text && 'another text',
    ...(mask ?? []).map(({ piece, train }) => `${piece} is ${train ? 'trained' : 'not trained'}`),
    passed && (passed.after ? 'passes the filters, did not before' : 'does not pass the filters, did before'),
    kept && (kept.after ? 'is kept' : 'is no longer kept'),
  );
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
