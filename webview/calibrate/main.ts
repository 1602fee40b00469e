import '../review/strict.ts';
import 'katex/dist/katex.min.css';
import '../review/review.css';
import './calibrate.css';
import { CalibrateApp } from './app.ts';
import { Host } from './host.ts';

const root = document.getElementById('reader');
if (root !== null) new CalibrateApp(new Host(), root);
