import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './dashboard.css';
import { type FromDashboard, ToDashboard } from '../../src/protocol/dashboard.ts';
import { PageHost } from '../ui/page-host.ts';
import { DashboardPage } from './app.ts';

const host = new PageHost<ToDashboard, FromDashboard>(ToDashboard);
const root = document.getElementById('reader');
if (root !== null) {
  const page = new DashboardPage(root, (message) => host.post(message));
  host.listen(({ report }) => page.show(report));
}
host.post({ type: 'ready' });
