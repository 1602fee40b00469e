import '../review/strict.ts';
import 'katex/dist/katex.min.css';
import '../review/review.css';
import './workbench.css';
import { WorkbenchApp } from './app.ts';
import { Host } from './host.ts';

const root = document.getElementById('reader');
if (root !== null) new WorkbenchApp(new Host(), root);
