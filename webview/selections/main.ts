import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './selections.css';
import { type FromSelectionsPage, ToSelectionsPage } from '../../src/protocol/selections-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { showSelections } from './app.ts';

const host = new PageHost<ToSelectionsPage, FromSelectionsPage>(ToSelectionsPage);
const root = document.getElementById('reader');
host.listen((message) => {
  if (root !== null) showSelections(root, message, (answer) => host.post(answer));
});
host.post({ type: 'ready' });
