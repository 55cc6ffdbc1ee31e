/**
 * Prints `N passed, N failed, N skipped` from the file of vitest's JSON reporter, alone on one line. A test file that
 * could not be loaded counts as one failure. Fails where anything failed, or where nothing was run at all.
 */
import { existsSync, readFileSync } from 'node:fs';

/** @returns the counts of the report, a vitest JSON report as an object */
export function countTests(report) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const having = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: having('passed'),
    failed: having('failed') + unloadable.length,
    skipped: having('skipped', 'pending', 'todo', 'disabled'),
  };
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2];
  const counts = existsSync(file)
    ? countTests(JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exit(counts.failed > 0 || counts.passed === 0 ? 1 : 0);
}
