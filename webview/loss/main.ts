import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './loss.css';
import { type FromLossPage, type SavedLossPage, ToLossPage } from '../../src/protocol/loss-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { LossApp } from './app.ts';

/** The channel of the page, which also saves its state. */
class Host extends PageHost<ToLossPage, FromLossPage> {
  constructor() {
    super(ToLossPage);
  }

  save(state: SavedLossPage): void {
    this.api.setState(state);
  }
}

const host = new Host();
const root = document.getElementById('reader');
if (root !== null) {
  const app = new LossApp(root, (message) => host.post(message));
  host.listen((snapshot) => {
    const { folder, run, others } = snapshot;
    host.save({ folder, run: run.report.run, others: others.map(({ report }) => report.run) });
    app.show(snapshot);
  });
}
host.post({ type: 'ready' });
