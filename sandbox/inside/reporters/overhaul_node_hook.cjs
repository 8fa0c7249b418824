// Loaded into each Node process of `npm test` (NODE_OPTIONS): gives our reporters to the runners that we know.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const RUNNERS = [
  [/\/node_modules\/jest(-cli)?\/bin\/jest\.js$|\/node_modules\/react-scripts\/scripts\/test\.js$/, jest],
  [/\/node_modules\/mocha\/(bin\/_?mocha(\.js)?|lib\/cli\/cli\.js)$/, mocha],
  [/\/node_modules\/vitest\/vitest\.mjs$/, vitest],
];

function reporter(name) {
  return path.join(__dirname, name);
}

function jest(words) {
  return [...words, '--reporters=default', `--reporters=${reporter('overhaul_jest_reporter.cjs')}`];
}

function vitest(words) {
  return [...words, '--reporter=default', `--reporter=${reporter('overhaul_vitest_reporter.mjs')}`];
}

function mocha(words) {
  // It takes one reporter only.
  const kept = words.filter((word, place) => {
    const before = words[place - 1];
    return !/^(--reporter|-R)(=|$)/.test(word) && before !== '--reporter' && before !== '-R';
  });
  return [...kept, `--reporter=${reporter('overhaul_mocha_reporter.cjs')}`];
}

function main() {
  if (!isMainThread || !process.env.OVERHAUL_MARK || !process.argv[1]) return;
  let script;
  try {
    script = fs.realpathSync(process.argv[1]);
  } catch {
    return;
  }
  const found = RUNNERS.find(([pattern]) => pattern.test(script));
  // A runner that starts itself again passes its arguments on.
  if (!found || process.argv.some((word) => word.includes(__dirname))) return;
  process.argv.splice(2, Infinity, ...found[1](process.argv.slice(2)));
}

main();
