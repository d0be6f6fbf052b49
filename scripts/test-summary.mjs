// Prints "N passed, N failed, N skipped" of a vitest JSON report; other failed steps count as failures.
import { readFileSync } from 'node:fs';

const [file, otherFailures = '0'] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
const skippedNames = [];
try {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const suite of report.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.length === 0) failed++;
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') passed++;
      else if (test.status === 'failed') failed++;
      else {
        skipped++;
        skippedNames.push(test.fullName);
      }
    }
  }
} catch (error) {
  console.log(`no test report: ${error.message}`);
  failed++;
}
// A failing test run also ends the command with an error: count that once.
const steps = Number(otherFailures);
if (failed === 0) failed = steps;
for (const name of skippedNames) console.log(`skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
