import type { Channel } from '../../../webview/ui/page-host.ts';

/** A host whose messages are scripted by the test. */
export class ScriptedHost<To, From> implements Channel<To, From> {
  readonly heard: From[] = [];
  #receive: (message: To) => void = () => undefined;

  post(message: From): void {
    this.heard.push(message);
  }

  listen(receive: (message: To) => void): void {
    this.#receive = receive;
  }

  send(message: To): void {
    this.#receive(message);
  }
}
