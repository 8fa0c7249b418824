// jest's reporter: https://jestjs.io/docs/configuration#custom-reporters
'use strict';
const records = require('./overhaul_node_records.cjs');

const OUTCOMES = { passed: 'passed', failed: 'failed' };

module.exports = class OverhaulJestReporter {
  onTestFileStart(test) {
    records.start(test.path);
  }

  onTestFileResult(test, result) {
    if (result.testExecError || (result.failureMessage && !result.testResults.length)) {
      records.broken(result.testFilePath || test.path, result.failureMessage || result.testExecError.message);
    }
    for (const each of result.testResults) {
      const names = [...each.ancestorTitles, each.title];
      const outcome = OUTCOMES[each.status] || 'skipped';
      records.test(result.testFilePath, names, outcome, each.duration, (each.failureMessages || []).join('\n'));
    }
  }

  onRunComplete() {
    records.complete();
  }
};
