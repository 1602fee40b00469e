import { WebSocket } from 'ws';
import type { RayHttp } from './http.ts';

const HANDSHAKE_MS = 30_000;
/** Ray sends some lines at a time, and a line may be long. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;
/** Texts that wait to be taken; the socket is paused above it. */
const MOST_WAITING = 64;

/**
 * The texts that a socket brings, until it ends for whatever reason, brings nothing for `silentMs`, or `signal` fires. Why it ended is not told: only the
 * job's status says whether more is to come.
 */
export async function* socketTexts(
  http: RayHttp,
  path: string,
  { signal, silentMs }: { signal: AbortSignal; silentMs: number },
): AsyncGenerator<string> {
  const socket = new WebSocket(http.socket(path), {
    headers: http.headers,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: LARGEST_MESSAGE,
    perMessageDeflate: false,
  });
  const waiting: string[] = [];
  let ended = false;
  let wake = (): void => {};
  const end = (): void => {
    ended = true;
    wake();
  };
  let silence = setTimeout(end, silentMs + HANDSHAKE_MS);
  socket.on('message', (data) => {
    clearTimeout(silence);
    silence = setTimeout(end, silentMs);
    waiting.push(String(data));
    if (waiting.length >= MOST_WAITING) socket.pause();
    wake();
  });
  socket.on('close', end);
  // 'close' follows.
  socket.on('error', () => {});
  signal.addEventListener('abort', end, { once: true });
  try {
    for (;;) {
      const text = waiting.shift();
      if (text !== undefined) {
        if (socket.isPaused && waiting.length < MOST_WAITING / 2) socket.resume();
        yield text;
      } else if (ended || signal.aborted) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', end);
    socket.terminate();
  }
}
