import type * as vscode from 'vscode';
import type { RoundPlace } from '../../protocol/sampling.ts';

const STORED = 'longhand.roundPlaces';
const MOST = 50;

/** Engines of the rounds of this workspace, for a resume. Tokens are stored elsewhere (engine-keys.ts). */
export class RoundPlaces {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  async of(dataset: string, round: string): Promise<RoundPlace | undefined> {
    // Loaded on demand.
    const { RoundPlace } = await import('../../protocol/sampling.ts');
    return RoundPlace.safeParse(new Map(this.#all).get(nameOf(dataset, round))).data;
  }

  set(dataset: string, round: string, place: RoundPlace | undefined): Thenable<void> {
    const name = nameOf(dataset, round);
    const others = this.#all.filter(([other]) => other !== name);
    const own: [string, unknown][] = place === undefined ? [] : [[name, place]];
    return this.#state.update(STORED, [...others, ...own].slice(-MOST));
  }

  get #all(): [string, unknown][] {
    return this.#state.get<[string, unknown][]>(STORED, []);
  }
}

const nameOf = (dataset: string, round: string): string => `${dataset}\n${round}`;
