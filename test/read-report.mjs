// Reads Vitest's JSON report: first a line `<passed> <failed>`, then each test that failed at first, with its error.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/** @type {{ numPassedTests: number, numFailedTests: number, testResults: { name: string, message?: string, status: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} */
let report;
try {
  report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
} catch (error) {
  say(`0 0\nno report of the tests: ${String(error)}`);
  process.exit();
}

say(`${report.numPassedTests} ${report.numFailedTests}`);
for (const file of report.testResults) {
  const name = relative('.', file.name);
  if (file.status === 'failed' && file.message) say(`${name} failed: ${file.message}`);
  for (const test of file.assertionResults) {
    const errors = test.failureMessages ?? [];
    if (errors.length === 0) continue;
    const outcome = test.status === 'failed' ? 'failed' : 'passed only when repeated';
    say(`${name} › ${test.fullName}: ${outcome}`);
    for (const error of errors) {
      const own = error
        .split('\n')
        .filter((line) => !line.includes('node_modules') && !line.includes('at new Promise'));
      for (const line of own.slice(0, 12)) say(`    ${line}`);
    }
  }
}
