import { defined } from '../../../core/defined.ts';
import { type DialoguePiece, promptFileOf } from '../../../core/dialogue/index.ts';
import { messageWithAdvice } from '../../../core/errors.ts';
import type { DialogueSettings, ModelRole, Problem } from '../../../core/schemas/index.ts';
import type { WorkbenchAction } from '../../../protocol/keys.ts';
import type { TriedEnd, TriedPiece, TryEvent, WorkbenchSnapshot } from '../../../protocol/workbench.ts';
import { promptHash, promptsHash } from '../../../runner/plan-round.ts';
import type { VerbArgs, VerbResult } from '../../../verbs/index.ts';
import { PieceRuns } from './runs.ts';

/** The current dataset on disk. */
export interface WorkbenchNow {
  /** The pieces of a chain, in order. */
  pieces: readonly DialoguePiece[];
  promptSet: string;
  /** Whether prompts include the trusted answer. */
  mode: DialogueSettings['mode'];
  /** As a round sends them, by file name without `.md`; empty without a folder. */
  prompts: Record<string, string>;
  /** Names of the models by their role. */
  models: Partial<Record<ModelRole, string>>;
}

export type TryRequest = Omit<VerbArgs<'try'>, 'dataset'>;

/** The dataset of a session. */
export interface WorkbenchSource {
  readonly dataset: string;
  problemIds(): readonly string[];
  problem(id: string): Promise<Problem>;
  now(): Promise<WorkbenchNow>;
  /** Whether the workspace is trusted, so that pieces may be run. */
  trusted(): boolean;
  /** Runs the verb `try`. Rejects with its error, and when `signal` aborts. */
  run(request: TryRequest, signal: AbortSignal, onEvent: (event: TryEvent) => void): Promise<VerbResult<'try'>>;
}

export interface WorkbenchListener {
  /** The view changed. */
  changed(): void;
  part(piece: string, text: string, reasoning: string): void;
  announce(text: string, tone: 'info' | 'warning' | 'error'): void;
}

/** The actions of a session; others open something in the editor. */
export type SessionAction = Exclude<
  WorkbenchAction,
  'edit' | 'choose' | 'journal' | 'next' | 'previous' | 'messages' | 'reasoning' | 'compare' | 'help'
>;

const UNTRUSTED = 'This folder is not trusted, so nothing is run here.';
const BUSY = 'A run is in progress. Stop it first.';

/** The state of the workbench: a problem, the runs of its pieces, and the current run. Independent of vscode. */
export class WorkbenchSession {
  readonly #source: WorkbenchSource;
  readonly #listener: WorkbenchListener;
  readonly #random: () => number;
  /** By problem, so that returning to one shows its runs. */
  readonly #all = new Map<string, PieceRuns>();
  #problem: Problem | null = null;
  #role: ModelRole = 'base';
  #stop: AbortController | undefined;
  #end: TriedEnd | null = null;
  #error: string | null = null;
  #hashes: Record<string, string | undefined> = {};

  constructor(source: WorkbenchSource, listener: WorkbenchListener, random: () => number = Math.random) {
    this.#source = source;
    this.#listener = listener;
    this.#random = random;
  }

  get problemId(): string | undefined {
    return this.#problem?.id;
  }

  get running(): boolean {
    return this.#stop !== undefined;
  }

  /** The last run of a piece. */
  last(piece: string): TriedPiece | undefined {
    return this.#runs?.last(piece);
  }

  /** Opens a problem, by default the first of the dataset. Refused during a run. */
  async open(id?: string): Promise<void> {
    if (this.running) return this.#listener.announce(BUSY, 'warning');
    const next = id ?? this.#source.problemIds()[0];
    this.#end = null;
    this.#error = null;
    try {
      this.#problem = next === undefined ? null : await this.#source.problem(next);
      if (next === undefined)
        this.#error = 'The dataset has no problems yet. Import some with “Longhand: Import Problems…”.';
    } catch (error) {
      this.#error = messageWithAdvice(error);
    }
    this.#listener.changed();
  }

  /** Performs an action of the key registry. Resolves when it is done, for a run when that ends. */
  async perform(action: SessionAction, piece?: string): Promise<void> {
    switch (action) {
      case 'runAll':
      case 'runFrom':
      case 'runOne':
      case 'otherSeed':
        return this.#run(action, piece);
      case 'stop':
        if (this.#stop === undefined) this.#listener.announce('Nothing is running.', 'warning');
        this.#stop?.abort();
        return undefined;
      case 'model':
        return this.#otherModel();
      case 'nextProblem':
      case 'previousProblem':
      case 'random':
        return this.#otherProblem(action);
    }
  }

  /** Stops the current run. */
  dispose(): void {
    this.#stop?.abort();
  }

  /** A message about the prompts that changed since the last call; undefined without changes. */
  async promptsChanged(): Promise<string | undefined> {
    const before = this.#hashes;
    this.#hashes = hashesOf(await this.#source.now());
    const changed = Object.keys(this.#hashes).filter((file) => before[file] !== this.#hashes[file]);
    if (Object.keys(before).length === 0 || changed.length === 0) return undefined;
    return changed.map((file) => `${file}.md changed: ${this.#hashes[file]?.slice(0, 8) ?? 'missing'}`).join(', ');
  }

  /** The content of the page. */
  async view(): Promise<Omit<WorkbenchSnapshot, 'type'>> {
    const now = await this.#source.now();
    const { prompts, promptSet, models } = now;
    const ids = this.#source.problemIds();
    this.#hashes = hashesOf(now);
    const hash = Object.keys(prompts).length === 0 ? null : promptsHash(prompts);
    return {
      dataset: this.#source.dataset,
      problem: this.#problem && shown(this.#problem),
      position: this.#problem ? ids.indexOf(this.#problem.id) + 1 : 0,
      problems: ids.length,
      role: this.#role,
      model: models[this.#role] ?? null,
      promptSet,
      promptsHash: hash,
      pieces: now.pieces.map((piece) => {
        const file = promptFileOf(piece);
        return (this.#runs ?? new PieceRuns()).view(piece, file, this.#hashes[file] ?? null);
      }),
      running: this.running,
      end: this.#end,
      trouble: this.#error,
      trusted: this.#source.trusted(),
    };
  }

  get #runs(): PieceRuns | undefined {
    if (!this.#problem) return undefined;
    const runs = this.#all.get(this.#problem.id) ?? new PieceRuns();
    this.#all.set(this.#problem.id, runs);
    return runs;
  }

  async #run(how: 'runAll' | 'runFrom' | 'runOne' | 'otherSeed', at: string | undefined): Promise<void> {
    const runs = this.#runs;
    const problem = this.#problem;
    if (!this.#source.trusted()) return this.#listener.announce(UNTRUSTED, 'error');
    if (this.running) return this.#listener.announce(BUSY, 'warning');
    if (!runs || !problem) return this.#listener.announce('Choose a problem first.', 'warning');
    const stop = new AbortController();
    this.#stop = stop;
    this.#end = null;
    this.#error = null;
    try {
      const { pieces } = await this.#source.now();
      const places: readonly string[] = pieces;
      const from = how === 'runAll' ? 0 : Math.max(0, places.indexOf(at ?? ''));
      const piece = pieces[from] ?? 'summary';
      if (how === 'otherSeed') runs.anotherTake(piece);
      const kept = how === 'runAll' ? {} : runs.keys(pieces.slice(0, from));
      const asked = how === 'runOne' ? pieces.slice(0, from + 1) : pieces;
      runs.begin(asked.filter((one) => !(one in kept)));
      this.#listener.changed();
      const request: TryRequest = { problem: problem.id, role: this.#role, takes: runs.takes(pieces), kept };
      const whole = how === 'runOne' ? { ...request, until: piece } : request;
      const result = await this.#source.run(whole, stop.signal, (event) => this.#handle(runs, kept, event));
      this.#end = result.end;
      if (result.refused) this.#error = `${result.refused.piece}: ${result.refused.reason}`;
    } catch (error) {
      if (stop.signal.aborted) this.#listener.announce('Stopped. Finished replies are kept.', 'info');
      else this.#error = messageWithAdvice(error);
    } finally {
      runs.finish();
      this.#stop = undefined;
      this.#listener.changed();
    }
  }

  #handle(runs: PieceRuns, kept: Readonly<Record<string, string>>, event: TryEvent): void {
    if (event.type === 'part') {
      runs.part(event.piece, event.text, event.reasoning);
      this.#listener.part(event.piece, event.text, event.reasoning);
      return;
    }
    // Kept pieces are known already, with their parents.
    if (event.type === 'done' && event.tried.piece in kept) return;
    if (event.type === 'done') runs.done(event.tried);
    else runs.asking(event.piece, event.seed, event.messages);
    this.#listener.changed();
  }

  async #otherModel(): Promise<void> {
    if (this.running) return this.#listener.announce(BUSY, 'warning');
    const role = this.#role === 'base' ? 'fine-tuned' : 'base';
    const { models } = await this.#source.now();
    if (models[role] === undefined) {
      return this.#listener.announce(
        `No ${role} model is selected. Select one with Longhand: Manage Models….`,
        'warning',
      );
    }
    this.#role = role;
    this.#listener.changed();
  }

  async #otherProblem(how: 'nextProblem' | 'previousProblem' | 'random'): Promise<void> {
    const ids = this.#source.problemIds();
    const at = this.#problem ? ids.indexOf(this.#problem.id) : -1;
    if (how !== 'random') {
      const to = ids[how === 'nextProblem' ? at + 1 : Math.max(at, 0) - 1];
      const end = how === 'nextProblem' ? 'This is the last problem.' : 'This is the first problem.';
      return to === undefined ? this.#listener.announce(end, 'warning') : this.open(to);
    }
    const others = ids.filter((_, i) => i !== at);
    return this.open(others[Math.floor(this.#random() * others.length)] ?? ids[0]);
  }
}

function hashesOf({ pieces, prompts, mode }: WorkbenchNow): Record<string, string | undefined> {
  return Object.fromEntries(pieces.map(promptFileOf).map((file) => [file, promptHash(prompts, file, mode)]));
}

function shown({ id, problem, answer, level, topic }: Problem): WorkbenchSnapshot['problem'] {
  return { id, problem, answer, ...defined({ level, topic }) };
}
