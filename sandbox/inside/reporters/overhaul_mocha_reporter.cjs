// mocha's reporter: https://mochajs.org/api/tutorial-custom-reporter.html
'use strict';
const records = require('./overhaul_node_records.cjs');

function namesOf(runnable) {
  return runnable.titlePath ? runnable.titlePath().filter(Boolean) : [runnable.fullTitle()];
}

module.exports = function OverhaulMochaReporter(runner) {
  const report = (runnable, outcome, error) => {
    const text = error ? error.stack || String(error) : '';
    if (text) console.log(`${namesOf(runnable).join(' > ')}: ${outcome}\n${text}`);
    records.test(runnable.file || 'mocha', namesOf(runnable), outcome, runnable.duration, text);
  };
  runner.on('pass', (test) => report(test, 'passed'));
  runner.on('pending', (test) => report(test, 'skipped'));
  // A hook that fails is given here, too: its tests do not run.
  runner.on('fail', (test, error) => report(test, test.type === 'hook' ? 'error' : 'failed', error));
  runner.once('end', () => records.complete());
};
