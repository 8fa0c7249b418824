// The reporter of Node's own runner: https://nodejs.org/api/test.html#custom-reporters
import { createRequire } from 'node:module';
import path from 'node:path';

const records = createRequire(import.meta.url)('./overhaul_node_records.cjs');

function outcomeOf(type, data) {
  if (data.skip !== undefined || data.todo !== undefined) return 'skipped';
  return type === 'test:pass' ? 'passed' : 'failed';
}

// An error of the runner's own wraps that of the test.
function textOf(error) {
  const cause = error?.cause ?? error;
  return cause?.stack || cause?.message || (cause === undefined ? '' : String(cause));
}

export default async function* report(source) {
  const names = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      names.splice(data.nesting, Infinity, data.name);
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const error = data.details?.error;
    const file = data.file || data.name;
    if (type === 'test:fail' && data.nesting === 0 && file && path.resolve(data.name) === path.resolve(file)) {
      records.broken(file, textOf(error)); // a file that could not be run
      continue;
    }
    const isSuite = data.details?.type === 'suite';
    if (isSuite && (type === 'test:pass' || error?.failureType === 'subtestsFailed')) continue;
    const path_ = [...names.slice(0, data.nesting), data.name];
    records.test(file, path_, outcomeOf(type, data), data.details?.duration_ms, error ? textOf(error) : '');
  }
  records.complete();
  yield '';
}
