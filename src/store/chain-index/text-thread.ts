import { type MessagePort, Worker } from 'node:worker_threads';
import { adviceOf, messageOf, UserError } from '../../core/errors.ts';
import type { Clause } from '../../core/query/query.ts';
import { FileTextMatcher, type TextMatcher, type TextPlaces } from './text-matcher.ts';

/** `workerData` of the thread. */
export interface TextTask {
  root: string;
  clause: Clause;
}

type Answer = { hits: readonly boolean[] } | { error: { kind: string; message: string; advice: string } };

/** Reads and matches the texts of a dataset in a thread, one list after another. */
export class TextThread implements TextMatcher {
  readonly #worker: Worker;
  #waiting: { resolve: (hits: readonly boolean[]) => void; reject: (error: unknown) => void } | undefined;
  #ended: Error | undefined;

  constructor(script: string, root: string, clause: Clause) {
    const task: TextTask = { root, clause };
    this.#worker = new Worker(script, { name: 'search', workerData: task });
    this.#worker.on('message', (answer: Answer) => this.#receive(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('The thread that searches texts ended.')));
  }

  match(texts: readonly TextPlaces[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting = { resolve, reject };
      // Rows of the index have more than their place.
      const places = texts.map((text) => ({
        of: text.of,
        places: text.places.map(({ file, offset, length }) => ({ file, offset, length })),
      }));
      this.#worker.postMessage(places);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ('hits' in answer) {
      waiting?.resolve(answer.hits);
      return;
    }
    const { kind, message, advice } = answer.error;
    waiting?.reject(new UserError(kind, message, advice));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Answers a TextThread, in its thread. */
export function serveTexts({ root, clause }: TextTask, port: MessagePort): void {
  const matcher = new FileTextMatcher(root, clause);
  const send = (answer: Answer): void => port.postMessage(answer);
  port.on('message', (texts: TextPlaces[]) => {
    matcher.match(texts).then(
      (hits) => send({ hits }),
      (error: unknown) => {
        const kind = error instanceof UserError ? error.kind : 'search';
        send({ error: { kind, message: messageOf(error), advice: adviceOf(error) ?? '' } });
      },
    );
  });
}
