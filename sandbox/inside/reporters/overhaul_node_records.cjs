// Records of Node's test runners, as marked lines on the standard output (see overhaul_pytest_reporter.py).
// Loaded by the reporters, before any test: from then on the mark is not in the environment.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

// Writes of up to 4096 bytes (PIPE_BUF) are never mixed with the output of other processes.
const LONGEST_RECORD = 3800;
const mark = process.env.OVERHAUL_MARK || '';
delete process.env.OVERHAUL_MARK;
const seen = new Map();
let complete = false;

function encode(record) {
  return Buffer.from(`\x1e${mark} ${JSON.stringify(record)}\x1e\n`);
}

function write(record) {
  if (!mark) return;
  let line = encode(record);
  for (let keep = 3000; line.length > LONGEST_RECORD && keep > 0; keep = Math.floor(keep * 0.75)) {
    const text = record.text || '';
    const head = Math.floor(keep / 3);
    const id = record.id.length > 600 ? `${record.id.slice(0, 600)}...` : record.id;
    line = encode({ ...record, id, text: `${text.slice(0, head)}\n...\n${text.slice(text.length - (keep - head))}` });
  }
  for (let start = 0; start < line.length;) {
    try {
      start += fs.writeSync(1, line, start);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a full pipe that does not block
    }
  }
}

function fileName(file) {
  return path.isAbsolute(file) ? path.relative(process.cwd(), file) : file;
}

// `names` are the titles of the suites around a test, and its own. A second one of the same name gets a number.
function test(file, names, outcome, milliseconds, text) {
  let id = `${fileName(file)}::${names.map(fileName).join(' > ')}`;
  const count = (seen.get(id) || 0) + 1;
  seen.set(id, count);
  if (count > 1) id = `${id} #${count}`;
  const record = { kind: 'test', id, outcome, seconds: Math.round(milliseconds || 0) / 1000 };
  write(text && outcome !== 'skipped' ? { ...record, text: String(text) } : record);
}

function broken(file, text) {
  write({ kind: 'collection_error', id: fileName(file), text: String(text) });
}

let told = false;

function tellEnd(code) {
  // A process that ends before its runner says so has not run all tests, whatever its exit code is.
  if (complete && !told) write({ kind: 'end', exit_code: process.exitCode ?? code });
  told = complete;
}

// Runners set that code in listeners of their own, which come after any of ours, or leave from within them.
const { emit, reallyExit } = process;
process.emit = function emitThenTell(name, ...values) {
  const result = emit.call(this, name, ...values);
  if (name === 'exit') tellEnd(values[0]);
  return result;
};
process.reallyExit = function tellThenExit(code) {
  tellEnd(code);
  return reallyExit.call(this, code);
};

// From here on a run that ends without results is broken, and not one whose exit code counts.
write({ kind: 'start', id: 'npm test' });
module.exports = {
  test,
  broken,
  start: (file) => write({ kind: 'start', id: fileName(file) }),
  complete: () => {
    complete = true;
  },
};
