import 'katex/dist/katex.min.css';
import '../review/review.css';
import './share.css';
import { SHARED_DATA, type SharedReview } from '../../src/protocol/share.ts';
import { replaceBidiControls } from '../ui/bidi-controls.ts';
import { ShareApp } from './app.ts';

const root = document.getElementById('reader');
const data = document.getElementById(SHARED_DATA)?.textContent;
// The command line has written the data together with this script.
if (root !== null && data) {
  replaceBidiControls(root);
  new ShareApp(JSON.parse(data) as SharedReview, root).show(0);
}
