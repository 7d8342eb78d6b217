import type { Reporter, TestModule } from 'vitest/node';

/** Closes the output of a test run with one line that people and scripts read alike: `12 passed, 0 failed`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap(module =>
      [...module.children.allTests()].map(test => test.result().state),
    );
    const broken = modules.filter(module => module.errors().length > 0).length;
    const passed = states.filter(state => state === 'passed').length;
    const failed = states.filter(state => state === 'failed').length + broken + errors.length;
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  }
}
