import '../review/strict.ts';
import '../review/review.css';
import './difficulty.css';
import { z } from 'zod';
import { type FromDifficultyPage, ToDifficultyPage } from '../../src/protocol/difficulty-page.ts';
import { showReport } from './app.ts';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const api = acquireVsCodeApi();
const post = (message: FromDifficultyPage): void => api.postMessage(message);
const failed = (message: string): void => post({ type: 'failed', message });
const root = document.getElementById('reader');

window.addEventListener('error', ({ message }) => failed(message));
window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const parsed = ToDifficultyPage.safeParse(data);
  if (!parsed.success) failed(`A message does not fit: ${z.prettifyError(parsed.error)}`);
  else if (root !== null) showReport(root, parsed.data, post);
});
post({ type: 'ready' });
