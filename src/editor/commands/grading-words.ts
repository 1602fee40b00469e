import { POLICIES, type PolicyExample, resolvePolicy } from '../../core/answers/policies.ts';
import { type GradingChoice, type GradingCounts, POLICY_NAMES, type PolicyName } from '../../core/model/index.ts';
import type { VerbResult } from '../../protocol/verbs.ts';
import type { StoredGrading } from '../../store/gradings.ts';
import { code } from '../../verbs/comparison-text.ts';
import { oneLine } from '../format.ts';

/** How words and numbers are said; nothing here knows the editor, so that plain Node can test what is said. */
export interface Speech {
  /** `vscode.l10n.t`. */
  t(message: string, ...values: string[]): string;
  count(value: number): string;
  time(date: Date): string;
}

/** One line of a quick pick; `isOwn`: the dataset's own. */
export interface PolicyOffer {
  label: string;
  description: string;
  detail: string;
  value: GradingChoice;
  isOwn: boolean;
}

/** What a policy is offered with. `own`: as it stands in longhand.json, offered first; undefined where no dataset is concerned. */
export function policyOffers(own: GradingChoice | undefined, l10n: Speech): PolicyOffer[] {
  const ownName = own === undefined ? undefined : resolvePolicy(own).name;
  const named = POLICY_NAMES.map((name) => namedOffer(name, name === ownName, l10n));
  const others = named.filter(({ isOwn }) => !isOwn);
  if (others.length < named.length || own === undefined) return [...named.filter(({ isOwn }) => isOwn), ...others];
  const detail = l10n.t('Switches of its own, set as “grading” in longhand.json');
  return [
    { label: `$(check) ${ownName}`, description: l10n.t('this dataset'), detail, value: own, isOwn: true },
    ...others,
  ];
}

function namedOffer(name: PolicyName, isOwn: boolean, l10n: Speech): PolicyOffer {
  const { gold, prediction, expected } = tellingExample(name);
  const example = l10n.t(
    'gold {0} · answer {1} · {2}',
    gold,
    oneLine(prediction, 60),
    expected ? l10n.t('correct') : l10n.t('incorrect'),
  );
  return {
    label: isOwn ? `$(check) ${name}` : name,
    description: isOwn ? `${l10n.t('this dataset')} · ${example}` : example,
    detail: POLICIES[name].summary,
    value: name,
    isOwn,
  };
}

/** The example that tells a policy from `default`: a pair of which that says otherwise, else the first that does not count. */
export function tellingExample(name: PolicyName): PolicyExample {
  const { examples } = POLICIES[name];
  const isOtherwise = ({ gold, prediction, expected }: PolicyExample) =>
    POLICIES.default.examples.some(
      (usual) => usual.gold === gold && usual.prediction === prediction && usual.expected !== expected,
    );
  const [first] = name === 'default' ? examples : [];
  const found = first ?? examples.find(isOtherwise) ?? examples.find(({ expected }) => !expected);
  if (found === undefined) throw new Error(`The policy ${name} has no example that tells it from others.`);
  return found;
}

/** Whether a regrading would leave everything as it is. */
export function isUnchanged({ flips, passedBefore, passedAfter }: GradingCounts): boolean {
  const kinds = [flips.answers, flips.chains, flips.classes].flatMap((each) => Object.keys(each));
  return kinds.length === 0 && passedBefore === passedAfter;
}

/** What a regrading without --apply found, for a message with the question what to do. */
export function foundWords(found: VerbResult<'regrade'>, l10n: Speech): string {
  const { answers, chains, flips, passedBefore, passedAfter } = found;
  if (isUnchanged(found)) {
    const kept = l10n.t(
      'By “{0}” nothing would flip (answers: {1}, chains: {2}).',
      found.policy,
      l10n.count(answers),
      l10n.count(chains),
    );
    return kept + missingWords(found, l10n);
  }
  return [
    l10n.t(
      'By “{0}”, {1} of {2} answers would flip{3}, and {4} of {5} chains{6}.',
      found.policy,
      l10n.count(sum(flips.answers)),
      l10n.count(answers),
      kinds(flips.answers, l10n),
      l10n.count(sum(flips.chains)),
      l10n.count(chains),
      kinds(flips.chains, l10n),
    ),
    l10n.t(' Changed classes: {0}.', l10n.count(sum(flips.classes))),
    l10n.t(' Chains that pass the filters: {0} now, {1} then.', l10n.count(passedBefore), l10n.count(passedAfter)),
    missingWords(found, l10n),
  ].join('');
}

/** What a regrading with --apply changed. */
export function appliedWords(done: VerbResult<'regrade'>, l10n: Speech): string {
  const { flips, passedBefore, passedAfter } = done;
  const said = l10n.t(
    'Graded by “{0}” now. Flipped answers: {1}, flipped chains: {2}, changed classes: {3}. Chains that pass the filters: {4} before, {5} now.',
    done.policy,
    l10n.count(sum(flips.answers)),
    l10n.count(sum(flips.chains)),
    l10n.count(sum(flips.classes)),
    l10n.count(passedBefore),
    l10n.count(passedAfter),
  );
  return said + missingWords(done, l10n);
}

/** ` (10 incorrect → correct, 2 correct → incorrect)`, most first; nothing for none. */
function kinds(flips: Readonly<Record<string, number>>, l10n: Speech): string {
  const sorted = Object.entries(flips).sort(([, a], [, b]) => b - a);
  const parts = sorted.map(
    ([kind, count]) => `${l10n.count(count)} ${kind.replace(/\bnone\b/g, l10n.t('not graded'))}`,
  );
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function missingWords({ missing }: VerbResult<'regrade'>, l10n: Speech): string {
  if (missing === 0) return '';
  return l10n.t(' Problems that are gone: {0}; what answers them stays as it is.', l10n.count(missing));
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** How much flipped between two gradings, for a message that offers the page. `name`: the two, for a person. */
export function comparedWords(result: VerbResult<'compare-gradings'>, name: string, l10n: Speech): string {
  const { rows, flipped, flips, onlyA, onlyB } = result;
  const said = l10n.t(
    '{0}: {1} of {2} verdicts differ{3}.',
    name,
    l10n.count(flipped),
    l10n.count(rows),
    kinds(flips, l10n),
  );
  if (onlyA + onlyB === 0) return said;
  return (
    said + l10n.t(' {0} rows are only in the first, {1} only in the second.', l10n.count(onlyA), l10n.count(onlyB))
  );
}

/** A grading as the pick names it: its folder, by which policy, when, and what was counted. */
export function gradingOffer({ info }: StoredGrading, folder: string, l10n: Speech) {
  const { policy, createdAt, applied, counts, chains } = info;
  const what =
    counts === undefined
      ? l10n.t('stopped before its end')
      : l10n.t(
          'answers: {0}, flipped: {1} · chains: {2}, flipped: {3}',
          l10n.count(counts.answers),
          l10n.count(sum(counts.flips.answers)),
          l10n.count(counts.chains),
          l10n.count(sum(counts.flips.chains)),
        );
  return {
    label: folder,
    description: [
      policy.name ?? 'default',
      l10n.time(new Date(createdAt)),
      ...(applied ? [l10n.t('applied')] : []),
    ].join(' · '),
    detail: chains === undefined && info.rounds.length > 0 ? `${what} · ${info.rounds.join(', ')}` : what,
  };
}

/** Gradings as they are offered for a comparison: the newest first, those of whole rounds before those of single chains. */
export function offeredGradings(stored: readonly StoredGrading[]): {
  ofRounds: StoredGrading[];
  ofChains: StoredGrading[];
} {
  const newest = stored.toReversed();
  return {
    ofRounds: newest.filter(({ info }) => info.chains === undefined),
    ofChains: newest.filter(({ info }) => info.chains !== undefined),
  };
}

/** What grading a file came to, in one message; rows that could not be graded are counted apart. `out` is a name for a person. */
export function gradedWords({ rows, outcomes }: VerbResult<'grade'>, out: string, l10n: Speech): string {
  const { correct = 0, error = 0 } = outcomes;
  if (error === 0) return l10n.t('{0} rows graded, {1} correct: {2}', l10n.count(rows), l10n.count(correct), out);
  return l10n.t(
    '{0} rows graded, {1} correct: {2}. Rows that could not be graded: {3}; the reason stands in the “detail” of each.',
    l10n.count(rows - error),
    l10n.count(correct),
    out,
    l10n.count(error),
  );
}

/** The result of grading a file as a Markdown page. `file` and `out` are names for a person. */
export function gradedSummary(result: VerbResult<'grade'>, file: string, out: string, l10n: Speech): string {
  const { rows, outcomes, methods, policies, seconds, ms, workers } = result;
  const share = (count: number): string => `${((100 * count) / Math.max(1, rows)).toFixed(1)} %`;
  const table = (name: string, counts: Readonly<Record<string, number>>): string =>
    [
      `| ${name} | ${l10n.t('rows')} | ${l10n.t('share')} |`,
      '|---|---:|---:|',
      ...Object.entries(counts)
        .sort(([, a], [, b]) => b - a)
        .map(([key, count]) => `| ${code(key).replaceAll('|', '\\|')} | ${l10n.count(count)} | ${share(count)} |`),
    ].join('\n');
  return [
    `# ${l10n.t('Graded')} ${code(file)}`,
    l10n.t('{0} rows, with their verdicts in {1}.', l10n.count(rows), code(out)),
    table(l10n.t('verdict'), outcomes),
    ...((outcomes.error ?? 0) > 0 ? [l10n.t('A row with the verdict `error` has the reason in its `detail`.')] : []),
    table(l10n.t('decided by'), methods),
    table(l10n.t('policy'), policies),
    l10n.t(
      '{0} s on {1} threads; {2} ms a row, at most {3} ms.',
      seconds.toFixed(1),
      l10n.count(workers),
      ms.mean.toFixed(2),
      ms.max.toFixed(0),
    ),
    '',
  ].join('\n\n');
}
