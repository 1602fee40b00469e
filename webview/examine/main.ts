import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './examine.css';
import { type FromExaminePage, ToExaminePage } from '../../src/protocol/examine-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { showReport } from './app.ts';

const host = new PageHost<ToExaminePage, FromExaminePage>(ToExaminePage);
const root = document.getElementById('reader');
host.listen((message) => {
  if (root !== null) showReport(root, message, (answer) => host.post(answer));
});
host.post({ type: 'ready' });
