import { defined, present } from '../../core/defined.ts';
import { POLICIES, type PolicyExample, resolvePolicy } from '../../core/grading/policies.ts';
import { type GradingChoice, POLICY_NAMES, type PolicyName } from '../../core/schemas/index.ts';
import { formatPercent, formatSeconds, oneLine } from '../../core/text/format.ts';
import type { L10n } from '../../core/text/l10n.ts';
import { cell, code, table } from '../../core/text/markdown.ts';
import type { StoredGrading } from '../../store/gradings.ts';
import { formatKinds, total } from '../../verbs/grading/print.ts';
import type { VerbResult } from '../../verbs/index.ts';

/** Messages, numbers and times in the language of the editor. Not from vscode, so that Node can test the texts. */
export interface EditorL10n extends L10n {
  time(date: Date): string;
}

/** A policy in a quick pick. `isOwn`: it is the dataset's. */
export interface PolicyOffer {
  icon?: string;
  label: string;
  description: string;
  detail: string;
  value: GradingChoice;
  isOwn: boolean;
}

/** The choice of policies. @param own That of longhand.json, listed first; undefined without a dataset. */
export function policyOffers(own: GradingChoice | undefined, l10n: EditorL10n): PolicyOffer[] {
  const ownName = own === undefined ? undefined : resolvePolicy(own).name;
  const named = POLICY_NAMES.map((name) => namedOffer(name, name === ownName, l10n));
  const others = named.filter(({ isOwn }) => !isOwn);
  if (others.length < named.length || own === undefined) return [...named.filter(({ isOwn }) => isOwn), ...others];
  const detail = l10n.t('Custom switches, set as “grading” in longhand.json');
  return [
    { icon: 'check', label: ownName ?? '', description: l10n.t('this dataset'), detail, value: own, isOwn: true },
    ...others,
  ];
}

function namedOffer(name: PolicyName, isOwn: boolean, l10n: EditorL10n): PolicyOffer {
  const { gold, prediction, expected } = distinctiveExample(name);
  const example = l10n.t(
    'gold {0} · answer {1} · {2}',
    gold,
    oneLine(prediction, 60),
    expected ? l10n.t('correct') : l10n.t('incorrect'),
  );
  return {
    ...defined({ icon: isOwn ? 'check' : undefined }),
    label: name,
    description: isOwn ? `${l10n.t('this dataset')} · ${example}` : example,
    detail: POLICIES[name].summary,
    value: name,
    isOwn,
  };
}

/** An example that distinguishes a policy from `default`: a pair with another verdict, otherwise the first incorrect one. */
export function distinctiveExample(name: PolicyName): PolicyExample {
  const { examples } = POLICIES[name];
  const isOtherwise = ({ gold, prediction, expected }: PolicyExample) =>
    POLICIES.default.examples.some(
      (usual) => usual.gold === gold && usual.prediction === prediction && usual.expected !== expected,
    );
  const [first] = name === 'default' ? examples : [];
  const found = first ?? examples.find(isOtherwise) ?? examples.find(({ expected }) => !expected);
  if (found === undefined) throw new Error(`The policy ${name} has no example that differs from the default policy.`);
  return found;
}

/** The number of flips between two gradings. @param name Shown for the two gradings. */
export function formatComparison(result: VerbResult<'compare-gradings'>, name: string, l10n: EditorL10n): string {
  const { rows, flipped, flips, onlyA, onlyB } = result;
  const text = l10n.t(
    '{0}: {1} of {2}{3}.',
    name,
    l10n.count(flipped),
    l10n.counted(rows, '{0} verdict differs', '{0} verdicts differ'),
    formatKinds(flips, l10n),
  );
  if (onlyA + onlyB === 0) return text;
  return text + l10n.t(' Rows only in the first: {0}, only in the second: {1}.', l10n.count(onlyA), l10n.count(onlyB));
}

/** A grading in a quick pick: its folder, policy, time and counts. */
export function gradingOffer({ info }: StoredGrading, folder: string, l10n: EditorL10n) {
  const { createdAt, applied, counts, chains } = info;
  const policy = info.policy.name ?? 'default';
  const what =
    counts === undefined
      ? l10n.t('not finished')
      : l10n.t(
          'answers: {0}, flipped: {1} · chains: {2}, flipped: {3}',
          l10n.count(counts.answers),
          l10n.count(total(counts.flips.answers)),
          l10n.count(counts.chains),
          l10n.count(total(counts.flips.chains)),
        );
  return {
    label: folder,
    description: present(policy, l10n.time(new Date(createdAt)), applied && l10n.t('applied')).join(' · '),
    detail: chains === undefined && info.rounds.length > 0 ? `${what} · ${info.rounds.join(', ')}` : what,
  };
}

/** Gradings for a comparison, the newest first: those of whole rounds and those of single chains. */
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

/** The result of grading a file in one message. @param out Shown name of the output file. */
export function formatGraded({ rows, outcomes }: VerbResult<'grade'>, out: string, l10n: EditorL10n): string {
  const { correct = 0, error = 0 } = outcomes;
  const graded = l10n.counted(
    rows - error,
    '{0} row graded, {1} correct: {2}',
    '{0} rows graded, {1} correct: {2}',
    l10n.count(correct),
    out,
  );
  if (error === 0) return graded;
  return l10n.t('{0}. Rows that can’t be graded: {1}. Each has the reason in “detail”.', graded, l10n.count(error));
}

/** The result of grading a file as a Markdown page. `file` and `out` are shown names. */
export function gradedSummary(result: VerbResult<'grade'>, file: string, out: string, l10n: EditorL10n): string {
  const { rows, outcomes, methods, policies, seconds, ms, workers } = result;
  const share = (count: number): string => formatPercent(count / Math.max(1, rows));
  const tableOf = (name: string, counts: Readonly<Record<string, number>>): string =>
    table(
      [name, l10n.t('rows'), l10n.t('share')],
      Object.entries(counts)
        .sort(([, a], [, b]) => b - a)
        .map(([key, count]) => [cell(code(key)), l10n.count(count), share(count)]),
    );
  return present(
    `# ${l10n.t('Graded')} ${code(file)}`,
    l10n.counted(rows, '{0} row, with its verdict in {1}.', '{0} rows, with their verdicts in {1}.', code(out)),
    tableOf(l10n.t('verdict'), outcomes),
    (outcomes.error ?? 0) > 0 && l10n.t('A row with the verdict `error` has the reason in its `detail`.'),
    tableOf(l10n.t('decided by'), methods),
    tableOf(l10n.t('policy'), policies),
    l10n.t(
      '{0} on {1}; {2} ms per row, at most {3} ms.',
      formatSeconds(seconds),
      l10n.counted(workers, '{0} thread', '{0} threads'),
      ms.mean.toFixed(2),
      ms.max.toFixed(0),
    ),
    '',
  ).join('\n\n');
}
