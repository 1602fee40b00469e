import type { ReassembledChain, ReassembleResult } from '../protocol/dialogue-verbs.ts';
import { code } from './comparison-text.ts';

const SHOWN = 20;

/** The result for a person at a terminal: counts, and the first chains that change. */
export function reassembledInWords(result: ReassembleResult): string {
  const lines = result.listed.slice(0, SHOWN).map((chain) => `  ${chain.id}: ${changesOf(chain).join('; ')}`);
  const more = result.changed - lines.length;
  const fate = result.applied ? 'Written into the rounds.' : 'Nothing was changed; --apply writes it into the rounds.';
  return [countsOf(result), ...lines, ...(more > 0 ? [`  … and ${more} more`] : []), fate].join('\n');
}

/** The same as a Markdown page, with the words at which texts begin to differ. */
export function reassemblyPage(result: ReassembleResult): string {
  const { settings, listed, changed } = result;
  const untrained = settings.untrained.length === 0 ? 'none' : settings.untrained.map(code).join(', ');
  const sections = listed.map((chain) => {
    const { text } = chain;
    const diff = text ? ['', '```diff', `- ${oneLine(text.before)}`, `+ ${oneLine(text.after)}`, '```'] : [];
    return [`### ${code(chain.id)}`, '', ...changesOf(chain).map((change) => `- ${change}`), ...diff].join('\n');
  });
  const more = changed - listed.length;
  return [
    '# What changes when the chains are assembled again',
    countsOf(result),
    `Not trained: ${untrained}. Kept per problem: at most ${settings.keepPerProblem}. First answers wrong: ${settings.firstWrongShare} %.`,
    ...sections,
    ...(more > 0 ? [`… and ${more} more.`] : []),
    '',
  ].join('\n\n');
}

/** One paragraph of counts. */
export function countsOf(result: ReassembleResult): string {
  const { chains, changed, texts, masks, passedBefore, passedAfter, keptBefore, keptAfter, reviewed, missing } = result;
  const kept = (of: Readonly<Record<string, number>>): string =>
    ['FT', 'TF', 'TT'].map((name) => `${of[name] ?? 0} ${name}`).join(', ');
  return [
    `${changed} of ${chains} dialogue chains change: ${texts} in their text, ${masks} in their loss mask.`,
    `Passed: ${passedBefore} → ${passedAfter}. Kept: ${kept(keptBefore)} → ${kept(keptAfter)}.`,
    ...(reviewed > 0 ? [`${reviewed} keep their text, since a reviewer has edited or labelled it.`] : []),
    ...(missing > 0 ? [`${missing} are left as they are, since their problem is gone.`] : []),
  ].join(' ');
}

function changesOf({ text, mask, joinedAs, passed, kept }: ReassembledChain): string[] {
  return [
    ...(joinedAs ? [`joined as ${joinedAs.after}, not ${joinedAs.before}`] : []),
    ...(text ? ['another text'] : []),
    ...(mask ?? []).map(({ piece, train }) => `${piece} is ${train ? 'trained' : 'not trained'}`),
    ...(passed ? [passed.after ? 'passes the filters, did not before' : 'does not pass the filters, did before'] : []),
    ...(kept ? [kept.after ? 'is kept' : 'is no longer kept'] : []),
  ];
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
