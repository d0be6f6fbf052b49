/** All reports; one line each. */
import { csvReport } from './csv/report.js';
import { htmlReport } from './html/report.js';
import { jsonReport } from './json/report.js';
import { textReport } from './text/report.js';
import type { Report } from './types.js';

export const REPORTS: readonly Report[] = [textReport, htmlReport, csvReport, jsonReport];
