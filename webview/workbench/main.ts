import '../ui/strict.ts';
import 'katex/dist/katex.min.css';
import '../review/review.css';
import './workbench.css';
import { ToWorkbench } from '../../src/protocol/workbench.ts';
import { PageHost } from '../ui/page-host.ts';
import { WorkbenchApp } from './app.ts';

const root = document.getElementById('reader');
if (root !== null) new WorkbenchApp(new PageHost(ToWorkbench), root);
