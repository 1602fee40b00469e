import type { Seen } from '../../fixtures/serve.ts';

/** What a run took: seconds, and bytes. */
export interface Measured {
  /** Of the process, from its start to its end. */
  wall: number;
  /** From the first request to the end of the last reply, as the server saw it. */
  calls: number;
  /** User and system time of the process. */
  cpu: number;
  peak: number;
  /** Resident memory every half second. */
  memory?: number[];
  /** CPU time of the server. */
  server: number;
  most: number;
}

export interface PeerOptions {
  requests: number;
  inFlight: number;
  serve: () => Promise<{ baseURL: string; seen: () => Promise<Seen>; end: () => void }>;
  tell: (name: string, measured: Measured) => void;
}

export async function measurePeers(_options: PeerOptions): Promise<void> {}
