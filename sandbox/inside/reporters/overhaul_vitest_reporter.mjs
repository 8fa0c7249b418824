// vitest's reporter: https://vitest.dev/api/advanced/reporters (onTestRunEnd since 3, onFinished before)
import { createRequire } from 'node:module';

const records = createRequire(import.meta.url)('./overhaul_node_records.cjs');

const OUTCOMES = { passed: 'passed', pass: 'passed', failed: 'failed', fail: 'failed' };

function textOf(errors) {
  return (errors || []).map((error) => error.stack || error.message || String(error)).join('\n');
}

export default class OverhaulVitestReporter {
  ended = false;

  onTestRunEnd(modules, errors) {
    this.ended = true;
    for (const module of modules) {
      if (module.errors().length) records.broken(module.moduleId, textOf(module.errors()));
      for (const test of module.children.allTests()) {
        const result = test.result();
        const names = test.fullName.split(' > ');
        const milliseconds = test.diagnostic()?.duration;
        records.test(module.moduleId, names, OUTCOMES[result.state] || 'skipped', milliseconds, textOf(result.errors));
      }
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length) records.broken(`${module.moduleId} > ${suite.fullName}`, textOf(suite.errors()));
      }
    }
    this.end(errors);
  }

  onFinished(files, errors) {
    if (this.ended) return;
    for (const file of files || []) {
      if (file.result?.errors?.length) records.broken(file.filepath, textOf(file.result.errors));
      this.older(file.filepath, file.tasks, []);
    }
    this.end(errors);
  }

  older(file, tasks, above) {
    for (const task of tasks) {
      const names = [...above, task.name];
      if (task.type === 'suite') this.older(file, task.tasks, names);
      else records.test(file, names, OUTCOMES[task.result?.state] || 'skipped', task.result?.duration, textOf(task.result?.errors));
    }
  }

  end(errors) {
    if (errors?.length) records.broken('vitest itself', textOf(errors));
    records.complete();
  }
}
