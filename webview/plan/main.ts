import '../review/strict.ts';
import '../review/review.css';
import './plan.css';
import { PlanApp } from './app.ts';
import { Host } from './host.ts';

const root = document.getElementById('reader');
if (root !== null) new PlanApp(new Host(), root);
