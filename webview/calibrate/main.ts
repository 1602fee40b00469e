import '../ui/strict.ts';
import 'katex/dist/katex.min.css';
import '../review/review.css';
import './calibrate.css';
import { ToCalibrate } from '../../src/protocol/calibrate.ts';
import { PageHost } from '../ui/page-host.ts';
import { CalibrateApp } from './app.ts';

const root = document.getElementById('reader');
if (root !== null) new CalibrateApp(new PageHost(ToCalibrate), root);
