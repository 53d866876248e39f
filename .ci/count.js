// In: vitest's JSON report and the number of steps that failed before it. Out: "N passed, N failed", and the exit code.

import { readFileSync } from 'node:fs';

const [path, failedSteps] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedSteps);
try {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  passed = report.numPassedTests;
  failed += report.numFailedTests;
  // A file that cannot be loaded has no tests to count, but it has failed.
  failed += report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  if (passed === 0 || (!report.success && failed === 0)) failed++;
} catch (error) {
  process.stdout.write(`no test report: ${error.message}\n`);
  failed++;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
