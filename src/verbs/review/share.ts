import { defined } from '../../core/defined.ts';
import { pseudonyms, reviewedText } from '../../core/export/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { formatQuery, type Query, renameInQuery } from '../../core/query/query.ts';
import { candidatesOf } from '../../core/review/candidates.ts';
import { foldActs } from '../../core/review/index.ts';
import { withJudgement } from '../../core/review/judge/index.ts';
import { type Chain, CLASS_NAMES, type ReviewAct } from '../../core/schemas/index.ts';
import { formatBytes, formatCount, plural } from '../../core/text/format.ts';
import { MOST_SHARED, MOST_SHARED_TEXT, type SharedChain, type SharedDecision } from '../../protocol/share.ts';
import { appliedPolicy } from '../../store/gradings.ts';
import type { Dataset } from '../../store/index.ts';
import { writeAtomic } from '../../system/atomic-write.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { withDataset } from '../with-dataset.ts';
import { sharePage } from './share-page.ts';

export const run: Run<'share'> = ({ dataset: folder, where = '', out, names = false }, context) =>
  withDataset(folder, context, async (dataset) => {
    const { signal, progress, distFolder } = context;
    const query = parseQuery(where);
    const { problemAt } = dataset.index;
    // Without chains whose problem no longer exists.
    const found = (await dataset.find(query, { signal })).ids((position) => (problemAt[position] ?? -1) >= 0);
    if (found.length === 0) throw new VerbError('No chain matches the query.', 'Choose another query.');
    if (found.length > MOST_SHARED) {
      throw new VerbError(
        `${plural(found.length, 'chain matches', 'chains match')}; a page shows at most ${formatCount(MOST_SHARED)}.`,
        NARROWER,
      );
    }
    const nameOf = names ? (name: string) => name : await pseudonymsOf(dataset, found, query);
    const chains: SharedChain[] = [];
    let characters = 0;
    for (const id of found) {
      signal.throwIfAborted();
      progress({ done: chains.length, total: found.length, unit: 'chains' });
      const chain = await sharedChain(dataset, id, nameOf);
      characters += chain.text.length + chain.problem.problem.length;
      if (characters <= MOST_SHARED_TEXT) chains.push(chain);
    }
    refuseLarge(characters);
    const review = {
      ...{ dataset: dataset.settings.name, query: formatQuery(renameInQuery(query, nameOf)) },
      ...{ createdAt: new Date().toISOString(), chains },
    };
    const page = await sharePage(review, distFolder);
    await writeAtomic(out, page);
    return { file: out, chains: chains.length, bytes: Buffer.byteLength(page) };
  });

const NARROWER = 'Narrow the query, for example to one round or to accepted chains.';

/** @throws VerbError for more characters than a page can have. */
export function refuseLarge(characters: number): void {
  if (characters <= MOST_SHARED_TEXT) return;
  throw new VerbError(`The page would have ${formatCount(Math.ceil(characters / 1e6))} MB.`, NARROWER);
}

export const print: Print<'share'> = ({ file, chains, bytes }) =>
  lines(`${file}: ${plural(chains, 'chain')}, ${formatBytes(bytes)}. It opens in any browser.`);

async function pseudonymsOf(dataset: Dataset, ids: readonly string[], query: Query): Promise<(name: string) => string> {
  const names = new Set<string>();
  renameInQuery(query, (name) => {
    names.add(name);
    return name;
  });
  for (const id of ids) for (const { reviewer } of await dataset.reviewActs(id)) names.add(reviewer);
  const known = pseudonyms(names);
  return (name) => known.get(name) ?? name;
}

async function sharedChain(dataset: Dataset, id: string, nameOf: (reviewer: string) => string): Promise<SharedChain> {
  const chain = withJudgement(await dataset.chain(id), await dataset.judgement(id));
  const problem = await dataset.problem(chain.problemId);
  const acts = await dataset.reviewActs(id);
  const { text, segments, spans, steps, decision, editedBy } = reviewedText(chain, acts);
  const { round, model, class: kind, tokens, verdict, filters } = chain;
  const plan = await dataset.roundPlan(round);
  const applied = await appliedPolicy(dataset.folder, { round, since: plan.createdAt, chain: id });
  const policy = applied ?? plan.grading ?? resolvePolicy(dataset.settings.grading);
  const { answer, level, topic, source, licence } = problem;
  return {
    ...{ id, round, model, tokens, decision, text, segments, spans, steps },
    edited: editedBy !== undefined,
    ...defined({ kind: kind && CLASS_NAMES[kind] }),
    problem: { id: problem.id, problem: problem.problem, answer, ...defined({ level, topic, source, licence }) },
    verdict: { outcome: verdict.outcome, ...defined({ extracted: verdict.extracted }) },
    failed: filters
      .filter(({ passed }) => !passed)
      .map((filter) => ({ id: filter.id, ...defined({ reason: filter.reason }) })),
    reviews: decisionsOf(chain, acts, nameOf),
    candidates: candidatesOf(text, problem, policy, chain.candidates),
  };
}

function decisionsOf(chain: Chain, acts: readonly ReviewAct[], nameOf: (reviewer: string) => string): SharedDecision[] {
  return [...new Set(acts.map(({ reviewer }) => reviewer))].map((reviewer) => {
    const { decision, reason, note, tags, override } = foldActs(
      chain,
      acts.filter((act) => act.reviewer === reviewer),
    );
    return { reviewer: nameOf(reviewer), decision, ...defined({ reason, note, tags, override }) };
  });
}
