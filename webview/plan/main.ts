import '../ui/strict.ts';
import '../review/review.css';
import '../ui/document.css';
import './plan.css';
import { ToPlanPage } from '../../src/protocol/plan-page.ts';
import { PageHost } from '../ui/page-host.ts';
import { PlanApp } from './app.ts';

const root = document.getElementById('reader');
if (root !== null) new PlanApp(new PageHost(ToPlanPage), root);
