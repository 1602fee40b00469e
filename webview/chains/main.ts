import '../ui/strict.ts';
import '../review/review.css';
import './chains.css';
import './grid.css';
import { type FromChainsPage, ToChainsPage } from '../../src/protocol/chains.ts';
import { PageHost } from '../ui/page-host.ts';
import { ChainsApp } from './app.ts';

/** The channel of the page, which also saves its state. */
class Host extends PageHost<ToChainsPage, FromChainsPage> {
  override listen(receive: (message: ToChainsPage) => void): void {
    super.listen((message) => {
      if (message.type === 'snapshot') this.api.setState(message.saved);
      receive(message);
    });
  }
}

const root = document.getElementById('reader');
if (root !== null) new ChainsApp(new Host(ToChainsPage), root);
