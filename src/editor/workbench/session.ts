import { type DialoguePiece, promptFileOf } from '../../core/dialogue/index.ts';
import type { DialogueSettings, ModelRole, Problem } from '../../core/model/index.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import type { TriedEnd, TriedPiece, TryEvent, WorkbenchAction, WorkbenchSnapshot } from '../../protocol/workbench.ts';
import { promptHash, promptsHash } from '../../runner/plan.ts';
import { PieceRuns } from './runs.ts';

/** The dataset as it is on disk now. */
export interface WorkbenchNow {
  /** The pieces of a chain, in order. */
  pieces: readonly DialoguePiece[];
  promptSet: string;
  /** Whether pieces are told the trusted answer. */
  mode: DialogueSettings['mode'];
  /** As a round would send them, by file name without `.md`; empty where the folder is missing. */
  prompts: Record<string, string>;
  /** Names of the models by their role. */
  models: Partial<Record<ModelRole, string>>;
}

export type TryRequest = Omit<VerbArgs<'try'>, 'dataset'>;

/** What a session needs of the dataset around it. */
export interface WorkbenchSource {
  readonly dataset: string;
  problemIds(): readonly string[];
  problem(id: string): Promise<Problem>;
  now(): Promise<WorkbenchNow>;
  /** Whether anything may be run in this workspace. */
  trusted(): boolean;
  /** Runs the verb `try`. Rejects with its error, and when `signal` aborts. */
  run(request: TryRequest, signal: AbortSignal, tell: (event: TryEvent) => void): Promise<VerbResult<'try'>>;
}

/** What a session tells whoever shows it. */
export interface WorkbenchListener {
  /** Something changed: `view` is to be shown again. */
  changed(): void;
  part(piece: string, text: string, reasoning: string): void;
  say(text: string, tone: 'info' | 'warning' | 'error'): void;
}

/** The actions that a session does itself; others open something in the editor. */
export type SessionAction = Exclude<
  WorkbenchAction,
  'edit' | 'choose' | 'journal' | 'next' | 'previous' | 'messages' | 'reasoning' | 'compare' | 'help'
>;

const UNTRUSTED = 'This folder is not trusted, so nothing is run here.';
const BUSY = 'A run is under way; x stops it.';

/** One problem at the workbench: which runs its pieces had, what is being asked now, what came of it. Knows nothing of the editor. */
export class WorkbenchSession {
  readonly #source: WorkbenchSource;
  readonly #listener: WorkbenchListener;
  readonly #random: () => number;
  /** By problem: going to another one and back loses nothing. */
  readonly #all = new Map<string, PieceRuns>();
  #problem: Problem | null = null;
  #role: ModelRole = 'base';
  #stop: AbortController | undefined;
  #end: TriedEnd | null = null;
  #trouble: string | null = null;
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

  /** Puts a problem on the bench; the first of the dataset when `id` is undefined. A run that is under way is left alone, and it is said. */
  async open(id?: string): Promise<void> {
    if (this.running) return this.#listener.say(BUSY, 'warning');
    const wanted = id ?? this.#source.problemIds()[0];
    this.#end = null;
    this.#trouble = null;
    try {
      this.#problem = wanted === undefined ? null : await this.#source.problem(wanted);
      if (wanted === undefined)
        this.#trouble = 'The dataset has no problems yet. Import some with “Longhand: Import Problems…”.';
    } catch (error) {
      this.#trouble = inWords(error);
    }
    this.#listener.changed();
  }

  /** Does what a key of the registry does; resolves when it is done, for a run when that has ended. */
  async perform(action: SessionAction, piece?: string): Promise<void> {
    switch (action) {
      case 'runAll':
      case 'runFrom':
      case 'runOne':
      case 'otherSeed':
        return this.#run(action, piece);
      case 'stop':
        if (this.#stop === undefined) this.#listener.say('Nothing is running.', 'warning');
        this.#stop?.abort();
        return undefined;
      case 'model':
        return this.#otherModel();
      case 'nextProblem':
      case 'random':
        return this.#otherProblem(action);
    }
  }

  /** Stops what is running; for when the page goes. */
  dispose(): void {
    this.#stop?.abort();
  }

  /** Says which prompts changed since it was last asked, in words; undefined for none. */
  async promptsChanged(): Promise<string | undefined> {
    const before = this.#hashes;
    this.#hashes = hashesOf(await this.#source.now());
    const changed = Object.keys(this.#hashes).filter((file) => before[file] !== this.#hashes[file]);
    if (Object.keys(before).length === 0 || changed.length === 0) return undefined;
    return changed.map((file) => `${file}.md changed: ${this.#hashes[file]?.slice(0, 8) ?? 'missing'}`).join(', ');
  }

  /** What the page shows. */
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
      trouble: this.#trouble,
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
    if (!this.#source.trusted()) return this.#listener.say(UNTRUSTED, 'error');
    if (this.running) return this.#listener.say(BUSY, 'warning');
    if (!runs || !problem) return this.#listener.say('Choose a problem first.', 'warning');
    const stop = new AbortController();
    this.#stop = stop;
    this.#end = null;
    this.#trouble = null;
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
      const result = await this.#source.run(whole, stop.signal, (event) => this.#heard(runs, kept, event));
      this.#end = result.end;
      if (result.refused) this.#trouble = `${result.refused.piece}: ${result.refused.reason}`;
    } catch (error) {
      if (stop.signal.aborted) this.#listener.say('Stopped. What was answered is kept.', 'info');
      else this.#trouble = inWords(error);
    } finally {
      runs.finish();
      this.#stop = undefined;
      this.#listener.changed();
    }
  }

  #heard(runs: PieceRuns, kept: Readonly<Record<string, string>>, event: TryEvent): void {
    if (event.type === 'part') {
      runs.part(event.piece, event.text, event.reasoning);
      this.#listener.part(event.piece, event.text, event.reasoning);
      return;
    }
    // What was kept is known here, with what it was built on.
    if (event.type === 'done' && event.tried.piece in kept) return;
    if (event.type === 'done') runs.done(event.tried);
    else runs.asking(event.piece, event.seed, event.messages);
    this.#listener.changed();
  }

  async #otherModel(): Promise<void> {
    if (this.running) return this.#listener.say(BUSY, 'warning');
    const role = this.#role === 'base' ? 'fine-tuned' : 'base';
    const { models } = await this.#source.now();
    if (models[role] === undefined) {
      return this.#listener.say(`No ${role} model is chosen; Longhand: Select Model… does.`, 'warning');
    }
    this.#role = role;
    this.#listener.changed();
  }

  async #otherProblem(how: 'nextProblem' | 'random'): Promise<void> {
    const ids = this.#source.problemIds();
    const at = this.#problem ? ids.indexOf(this.#problem.id) : -1;
    if (how === 'nextProblem') {
      if (at + 1 >= ids.length) return this.#listener.say('This is the last problem.', 'warning');
      return this.open(ids[at + 1]);
    }
    // Another one than this, where there is another.
    const others = ids.filter((_, i) => i !== at);
    return this.open(others[Math.floor(this.#random() * others.length)] ?? ids[0]);
  }
}

function hashesOf({ pieces, prompts, mode }: WorkbenchNow): Record<string, string | undefined> {
  return Object.fromEntries(pieces.map(promptFileOf).map((file) => [file, promptHash(prompts, file, mode)]));
}

function shown({ id, problem, answer, level, topic }: Problem): WorkbenchSnapshot['problem'] {
  return {
    ...{ id, problem, answer },
    ...(level === undefined ? {} : { level }),
    ...(topic === undefined ? {} : { topic }),
  };
}

function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof Error && 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  return `${message} ${advice}`.trim();
}
