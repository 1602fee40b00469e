import { defined } from '../../core/defined.ts';
import {
  checkPrompts,
  checkVerdict,
  classOf,
  connectivesOf,
  type DialoguePiece,
  effectivePrompts,
  gradedPairs,
  piecesOf,
  promptFileOf,
  seedOf,
  turnOf,
} from '../../core/dialogue/index.ts';
import { CHOOSE_MODEL, UserError } from '../../core/errors.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import {
  hostOf,
  JournalLine,
  type ModelRef,
  type ModelRole,
  modelOf,
  type Problem,
  pieceText,
  replyOutcome,
} from '../../core/schemas/index.ts';
import { GradingPool } from '../../grading/pool.ts';
import { gradeReply } from '../../grading/reply.ts';
import type { ModelClient } from '../../models/client.ts';
import { connect } from '../../models/connect.ts';
import type { TriedEnd, TriedPiece, TryArgs, TryEvent, TryResult } from '../../protocol/workbench.ts';
import type { Dataset } from '../../store/index.ts';
import { lockWorkbench, workbenchJournal } from '../../store/workbench.ts';
import { type Asked, Asker } from '../calls/asker.ts';
import { Journal } from '../calls/journal.ts';
import { promptHash, promptsHash } from '../plan-round.ts';
import type { RunContext } from '../run-context.ts';
import { CallCounts } from '../state.ts';
import { makeChain } from './join-chain.ts';
import { callOf, type Graded, type SoFar } from './piece-call.ts';
import { PartSender } from './try-parts.ts';

export type TryRequest = Omit<TryArgs, 'dataset'>;

export interface TryContext extends Omit<RunContext, 'progress'> {
  onEvent: (event: TryEvent) => void;
}

/** The round name of a tried chain. */
const NO_ROUND = 'workbench';

/**
 * Requests the pieces of one problem, one candidate each, with the current prompts. Kept pieces and earlier calls come from the workbench's journal.
 * Nothing enters a round.
 * @throws UserError `round` when the dataset has no model or a kept call is not in the journal; UserError `prompt`; ModelError; StoreError when
 * another process uses the workbench.
 */
export async function tryProblem(dataset: Dataset, args: TryRequest, context: TryContext): Promise<TryResult> {
  const { settings } = dataset;
  const model = modelOf(settings, args.role);
  if (!model) throw noModel(args.role);
  const problem = await dataset.problem(args.problem);
  const prompts = effectivePrompts(await dataset.prompts(settings.promptSet), settings.dialogue.behavioursOff);
  checkPrompts(prompts, settings.dialogue);
  const lock = await lockWorkbench(dataset.folder);
  const pool = new GradingPool({ workerPath: `${context.distFolder}/grading-worker.mjs` });
  let journal: Journal<JournalLine> | undefined;
  try {
    journal = await Journal.open(workbenchJournal(dataset.folder), JournalLine);
    const run = new ProblemTry({ dataset, problem, prompts, args, journal, pool, context, model });
    return await run.run();
  } finally {
    // A reply in progress is paid.
    await journal?.settled();
    await pool.close();
    await lock.release();
  }
}

interface TryParts {
  dataset: Dataset;
  problem: Problem;
  prompts: Record<string, string>;
  args: TryRequest;
  journal: Journal<JournalLine>;
  pool: GradingPool;
  context: TryContext;
  model: ModelRef;
}

class ProblemTry {
  readonly #parts: TryParts;
  readonly #counts = new CallCounts();
  readonly #tried: TriedPiece[] = [];
  readonly #soFar: SoFar = {};
  #connecting: Promise<ModelClient> | undefined;
  #asking: DialoguePiece = 'answer[1]';
  /** The last message about a call, with the reason of a refusal. */
  #lastMessage = '';

  constructor(parts: TryParts) {
    this.#parts = parts;
  }

  async run(): Promise<TryResult> {
    const { dataset, problem, prompts, args, model, journal, context } = this.#parts;
    const asker = new Asker({
      plan: { dialogue: dataset.settings.dialogue, prompts, seed: seedOf(dataset.settings.id, NO_ROUND) },
      host: hostOf(model),
      model: model.model,
      journal,
      client: this.#client(),
      counts: this.#counts,
      // The user expects that a single call ends immediately.
      calls: { ...dataset.settings.calls, graceSeconds: 0 },
      signal: context.signal,
      log: (text) => this.#log(text),
    });
    let refused: { piece: DialoguePiece; reason: string } | undefined;
    const order = piecesOf(dataset.settings.dialogue.turns);
    for (const piece of order) {
      context.signal.throwIfAborted();
      this.#asking = piece;
      const asked = (await this.#kept(piece)) ?? (await this.#ask(asker, piece));
      if (!asked) {
        refused = { piece, reason: this.#lastMessage };
        break;
      }
      if (piece === args.until) break;
    }
    return {
      problem: problem.id,
      role: args.role,
      model: model.model,
      promptSet: dataset.settings.promptSet,
      promptsHash: promptsHash(prompts),
      pieces: this.#tried,
      end: this.#tried.length === order.length ? this.#end() : null,
      ...defined({ refused }),
      calls: this.#counts.calls,
      reused: this.#counts.callsReused,
    };
  }

  /** A piece whose call is named comes from the journal, whatever the prompts are. */
  async #kept(piece: DialoguePiece): Promise<Asked | undefined> {
    const { args, journal, problem } = this.#parts;
    const key = args.kept?.[piece];
    if (key === undefined) return undefined;
    const line = await journal.get(key);
    if (line?.problemId !== problem.id || line.piece !== piece) {
      throw new UserError(
        'round',
        `The journal of the workbench has no call ${key} for ${piece} of ${problem.id}.`,
        'Run this piece again.',
      );
    }
    const { request, reply, index } = line;
    const asked = { key, index, messages: request.messages, reply, text: pieceText(reply) };
    await this.#add(piece, asked, { seed: request.seed, parents: [], reused: true, promptHash: line.promptHash ?? '' });
    return asked;
  }

  async #ask(asker: Asker, piece: DialoguePiece): Promise<Asked | undefined> {
    const { problem, args, dataset, journal, prompts } = this.#parts;
    const hash = promptHash(prompts, promptFileOf(piece), dataset.settings.dialogue.mode) ?? '';
    const before = this.#counts.calls;
    const call = callOf(problem, dataset.settings.dialogue, piece, args.takes?.[piece] ?? 0, this.#soFar);
    const asked = await asker.ask({ ...call, promptHash: hash });
    if (!asked) return undefined;
    const seed = (await journal.get(asked.key))?.request.seed ?? 0;
    await this.#add(piece, asked, {
      seed,
      promptHash: hash,
      parents: [...call.parents],
      reused: this.#counts.calls === before,
    });
    return asked;
  }

  async #add(
    piece: DialoguePiece,
    asked: Asked,
    how: Pick<TriedPiece, 'seed' | 'reused' | 'promptHash' | 'parents'>,
  ): Promise<void> {
    const { problem, dataset, pool, context } = this.#parts;
    const { key, index, messages, reply, text } = asked;
    const tried: TriedPiece = {
      ...{ piece, prompt: promptFileOf(piece), take: index, key, messages, reply, text },
      ...how,
    };
    if (piece.startsWith('check')) tried.check = this.#readCheck(text);
    else {
      const policy = policyOfPiece(resolvePolicy(dataset.settings.grading), piece);
      tried.verdict = await gradeReply(pool, problem.answer, reply, policy, context.signal);
    }
    this.#soFar[piece] = tried.verdict ? { ...asked, verdict: tried.verdict } : asked;
    this.#tried.push(tried);
    context.onEvent({ type: 'done', tried });
  }

  #readCheck(text: string): TriedPiece['check'] {
    const verdict = checkVerdict(text) ?? null;
    const outcome = gradedOf(this.#soFar[`answer[${turnOf(this.#asking) ?? 1}]`])?.verdict.outcome;
    const known = outcome === 'correct' || outcome === 'incorrect';
    return {
      says: verdict,
      agrees: verdict === null || !known ? null : (verdict === 'correct') === (outcome === 'correct'),
    };
  }

  /** Class, chain and filters as in a round. */
  #end(): TriedEnd {
    const { dataset, problem, model, prompts } = this.#parts;
    const { dialogue, filters: thresholds } = dataset.settings;
    const [first, last] = [this.#graded('answer[1]'), this.#graded(`answer[${dialogue.turns}]`)];
    const chainClass = classOf(first.verdict.outcome, last.verdict.outcome) ?? null;
    const connectives = connectivesOf(prompts);
    const context = { round: NO_ROUND, model: model.model, settings: dialogue, filters: thresholds, connectives };
    const chain = makeChain(problem, context, this.#soFar);
    const notes: string[] = [];
    if (chainClass === null) notes.push('An answer can’t be graded, so a round makes no chain of this pair.');
    if (chainClass === 'FF')
      notes.push('The first and last answers are wrong, so a round makes no chain of this pair.');
    const candidates = [first, last].map(({ index, verdict, reply }) => ({
      index,
      outcome: verdict.outcome,
      finished: replyOutcome(reply) === 'answered',
    }));
    if (chainClass !== null && gradedPairs(candidates.slice(0, 1), candidates.slice(1)).length === 0) {
      notes.push('An answer is incomplete, so a round makes no chain of this pair.');
    }
    if (!chain) return { class: chainClass, chain: null, notes };
    const { text, segments, filters, passed, verdict } = chain;
    return { class: chainClass, chain: { text, segments, filters, passed, verdict }, notes };
  }

  #graded(piece: DialoguePiece): Graded {
    const graded = gradedOf(this.#soFar[piece]);
    if (!graded) throw new Error(`${piece} was not graded`);
    return graded;
  }

  /** The model is connected or started only for the first call that is not in the journal. */
  #client(): Pick<ModelClient, 'chatMany' | 'mostChoices'> {
    const { onEvent } = this.#parts.context;
    return {
      mostChoices: 1,
      chatMany: async (request, n, signal) => {
        const client = await this.#connected();
        const piece = this.#asking;
        onEvent({ type: 'asking', piece, seed: request.seed, messages: request.messages });
        const parts = new PartSender((part) => onEvent({ type: 'part', piece, ...part }));
        try {
          return await client.chatMany(request, n, signal, (part) => parts.add(part));
        } finally {
          parts.flush();
        }
      },
    };
  }

  #connected(): Promise<ModelClient> {
    const { model, dataset, context } = this.#parts;
    this.#connecting ??= connect(model, {
      idleTimeoutMs: dataset.settings.dialogue.idleTimeoutSeconds * 1000,
      maxReplyBytes: dataset.settings.calls.maxReplyMB * 1e6,
      distFolder: context.distFolder,
      cache: context.cache,
      onProgress: ({ message }) => this.#log(message),
      signal: context.signal,
    });
    return this.#connecting;
  }

  #log(text: string): void {
    this.#lastMessage = text;
    this.#parts.context.log(text);
  }
}

function noModel(role: ModelRole): UserError {
  const which = role === 'base' ? 'no model yet' : 'no fine-tuned model yet';
  return new UserError('round', `The dataset has ${which}.`, CHOOSE_MODEL);
}

function gradedOf(asked: Asked | Graded | undefined): Graded | undefined {
  return asked && 'verdict' in asked ? asked : undefined;
}
