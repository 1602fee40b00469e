import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './difficulty.css';
import { type FromDifficultyPage, ToDifficultyPage } from '../../src/protocol/difficulty-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { showReport } from './app.ts';

const host = new PageHost<ToDifficultyPage, FromDifficultyPage>(ToDifficultyPage);
const root = document.getElementById('reader');
host.listen((message) => {
  if (root !== null) showReport(root, message, (answer) => host.post(answer));
});
host.post({ type: 'ready' });
