import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  mapRow,
  mapTrace,
  type Named,
  recogniseColumns,
  recogniseFile,
  recogniseTraces,
  withNamedColumns,
} from '../../core/dataset/index.ts';
import { defined } from '../../core/defined.ts';
import { lineId } from '../../core/examine/finding.ts';
import type { ExaminedRow } from '../../core/examine/row.ts';
import {
  Chain,
  type ColumnMapping,
  chainReplyOutcome,
  type FileMapping,
  type Problem,
  pieceReplyOutcome,
} from '../../core/schemas/index.ts';
import type { ExaminedSource, RowOrReason } from '../../runner/examine/source.ts';
import { type Dataset, StoreError } from '../../store/index.ts';
import { readLines } from '../../store/lines/files.ts';
import { firstRows, RECOGNISE_ROWS } from '../../store/source/index.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { openRows, sideOfRows } from '../rows/source.ts';

type RowsOf = (row: unknown, line: number) => RowOrReason[];

/**
 * The rows of a file or set, by the columns that are named, else by those that were chosen in the editor, else as recognised: traces where there are
 * some, else problems, else texts without a problem.
 * @throws VerbError where none of these is recognised.
 */
export async function fileSource(
  file: string,
  mapping: Named<FileMapping> | undefined,
  context: VerbContext,
): Promise<ExaminedSource> {
  const { source, origin } = await openRows(file, context);
  const chosen = mapping === undefined ? (await sideOfRows(file))?.columns : undefined;
  const rowsOf = chosen ? tracesOf(chosen) : recognise(await firstRows(source, RECOGNISE_ROWS, context), mapping);
  const { mtimeMs = 0 } = await stat(file).catch(() => ({}) as { mtimeMs?: number });
  async function* rows(signal?: AbortSignal): AsyncGenerator<{ row: RowOrReason; done: number }> {
    for await (const read of source.rows(defined({ signal }))) {
      const found =
        'row' in read
          ? rowsOf(read.row, read.line)
          : [{ id: lineId(read.line), line: read.line, reason: `It can’t be read: ${read.reason}.` }];
      for (const row of found) yield { row, done: read.read };
    }
  }
  const identity = JSON.stringify([file, source.size, mtimeMs, mapping ?? chosen ?? null]);
  return { name: origin, identity, rows, total: source.size, unit: 'bytes' };
}

function recognise(rows: readonly unknown[], named: Named<FileMapping> | undefined): RowsOf {
  const traces = recogniseTraces(rows);
  if (named !== undefined) return tracesOf(found(withNamedColumns<FileMapping>(traces, named, ['trace'], rows)));
  if (!('reason' in traces)) return tracesOf(traces);
  const problems = recogniseColumns(rows);
  return 'reason' in problems ? tracesOf(found(recogniseFile(rows))) : problemsOf(problems);
}

function found(mapping: FileMapping | { reason: string }): FileMapping {
  if (!('reason' in mapping)) return mapping;
  throw new VerbError(mapping.reason, 'Name the columns with --problem and --trace.');
}

const tracesOf =
  (mapping: FileMapping): RowsOf =>
  (row, line) => {
    const mapped = mapTrace(row, mapping);
    if ('reason' in mapped) return [{ id: lineId(line), line, reason: `It can’t be read: ${mapped.reason}.` }];
    return mapped.traces.map(({ id, index, question, gold, written, parts }) => {
      const own = id ?? lineId(line);
      const { finished, finish } = parts;
      const ended = pieceReplyOutcome(
        finished === undefined ? {} : { finish: finish ?? (finished ? 'stop' : 'length') },
      );
      return {
        id: index === 0 ? own : `${own}#${index + 1}`,
        line,
        ...defined({ gold, problem: question === '' ? undefined : question }),
        reply: { written, parts, ended },
      };
    });
  };

const problemsOf =
  (mapping: ColumnMapping): RowsOf =>
  (row, line) => {
    const mapped = mapRow(row, mapping);
    if ('reason' in mapped) return [{ id: lineId(line), line, reason: `It can’t be read: ${mapped.reason}.` }];
    const { id = lineId(line), problem, answer } = mapped.problem;
    return [{ id, line, problem, gold: answer }];
  };

/** The chains of a dataset in the order of its rounds, then the problems without a chain. */
export async function datasetSource(dataset: Dataset): Promise<ExaminedSource> {
  const { index, folder } = dataset;
  // A round of continuations or repairs may have no chain.
  const files = (await dataset.rounds())
    .map((round) => `rounds/${round}/chains.jsonl`)
    .filter((file) => existsSync(join(folder, file)));
  const problems = new Problems(dataset);
  async function* rows(signal?: AbortSignal): AsyncGenerator<{ row: RowOrReason; done: number }> {
    let done = 0;
    const withChain = new Set<string>();
    for (const file of files) {
      for await (const line of readLines(join(folder, file), defined({ signal }))) {
        const chain = 'error' in line ? undefined : Chain.safeParse(line.value).data;
        const stored = chain && index.chain(chain.id);
        // A later line replaces an earlier one.
        if (!chain || stored?.file !== file || stored.offset !== line.offset) continue;
        done += 1;
        withChain.add(chain.problemId);
        yield { row: rowOfChain(chain, await problems.get(chain.problemId)), done };
      }
    }
    for (const { id } of index.problems()) {
      if (withChain.has(id)) continue;
      done += 1;
      const problem = await problems.get(id);
      yield { row: { id, ...defined({ problem: problem?.problem, gold: problem?.answer }) }, done };
    }
  }
  const identity = JSON.stringify(['dataset', dataset.settings.id, await stampsOf(folder, files)]);
  return {
    name: dataset.settings.name,
    identity,
    rows,
    total: index.chainCount + countIdle(dataset),
    unit: 'rows',
  };
}

function countIdle({ index }: Dataset): number {
  const withChain = new Set(index.chains().map(({ problemId }) => problemId));
  return [...index.problems()].filter(({ id }) => !withChain.has(id)).length;
}

function rowOfChain(chain: Chain, problem: Problem | undefined): ExaminedRow {
  const { id, text, tokens, verdict, pieces } = chain;
  return {
    id,
    ...defined({ problem: problem?.problem, gold: problem?.answer }),
    reply: { written: text, parts: { answer: text }, ended: chainReplyOutcome(pieces), tokens: tokens.count },
    verdict,
  };
}

/** Problems by id, each read once. */
class Problems {
  readonly #dataset: Dataset;
  readonly #known = new Map<string, Problem | undefined>();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  async get(id: string): Promise<Problem | undefined> {
    if (this.#known.has(id)) return this.#known.get(id);
    const problem = await this.#dataset.problem(id).catch((error: unknown) => {
      if (error instanceof StoreError && error.kind === 'unknown-problem') return undefined;
      throw error;
    });
    this.#known.set(id, problem);
    return problem;
  }
}

/** Size and time of the files that the rows come from. */
async function stampsOf(folder: string, chains: readonly string[]): Promise<unknown[]> {
  const names = await readdir(join(folder, 'problems')).catch(() => []);
  const files = [...chains, ...names.sort().map((name) => `problems/${name}`)];
  return Promise.all(
    files.map(async (file) => {
      const found = await stat(join(folder, file)).catch(() => undefined);
      return [file, found?.size ?? 0, found?.mtimeMs ?? 0];
    }),
  );
}
