import type { IncomingMessage } from 'node:http';

/** Milliseconds that a server has to end a reply after it said that it is done; then its socket is given up. */
const END_LIMIT_MS = 1_000;
const DONE = '[DONE]';

/**
 * Reads a stream of server-sent events to its end, or to the `[DONE]` of the OpenAI API. `heard` is called for whatever comes, `take` with the data of each event.
 * Rejects with what `take` throws and with the socket's error; a socket that closes too early is one.
 */
export function readEvents(message: IncomingMessage, heard: () => void, take: (data: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let rest = '';
    let data: string | undefined;
    let over = false;
    const finish = (): void => {
      over = true;
      resolve();
    };
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      message.destroy();
      reject(error);
    };
    const line = (text: string): void => {
      if (text === '') {
        if (data === DONE) done();
        else if (data !== undefined) take(data);
        data = undefined;
      } else if (text.startsWith('data:')) {
        const value = text.slice(text.startsWith('data: ') ? 6 : 5);
        data = data === undefined ? value : `${data}\n${value}`;
      }
    };
    const done = (): void => {
      finish();
      // The socket is free for the next call when the message has ended; most servers end it at once.
      const limit = setTimeout(() => message.destroy(), END_LIMIT_MS);
      message.once('close', () => clearTimeout(limit));
    };
    message.setEncoding('utf8');
    message.on('data', (text: string) => {
      if (over) return;
      heard();
      rest += text;
      try {
        let from = 0;
        for (let end = rest.indexOf('\n'); end >= 0 && !over; end = rest.indexOf('\n', from)) {
          line(rest.slice(from, rest.charCodeAt(end - 1) === RETURN ? end - 1 : end));
          from = end + 1;
        }
        rest = rest.slice(from);
      } catch (error) {
        fail(error);
      }
    });
    message.on('end', () => {
      if (over) return;
      try {
        if (rest !== '') line(rest);
        if (data !== undefined) line('');
        finish();
      } catch (error) {
        fail(error);
      }
    });
    message.on('error', fail);
    message.on('close', () => fail(new Error('it was closed before the reply ended')));
  });
}

const RETURN = 0x0d;
