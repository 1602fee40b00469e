import '../ui/strict.ts';
import '../review/review.css';
import '../plan/plan.css';
import './export.css';
import { ToExportPage } from '../../src/protocol/export-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { ExportApp } from './app.ts';

const root = document.getElementById('reader');
if (root !== null) new ExportApp(new PageHost(ToExportPage), root);
